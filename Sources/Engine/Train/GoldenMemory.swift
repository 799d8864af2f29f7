import Bytes
import Control
import Models

/// What versions of a program outside have said of the golden rows: they cannot be asked again, so that it goes from run to
/// run as what the gate knows.
struct GoldenMemory: Equatable {
  private static let format: UInt8 = 0x67

  /// Checksum of the rows.
  let rows: String
  private var said: [Int: [Output]] = [:]

  init(rows: String) {
    self.rows = rows
  }

  subscript(version: Int) -> [Output]? {
    get { said[version] }
    set { said[version] = newValue }
  }
}

extension GoldenMemory {
  var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.append(Self.format)
    writer.append(rows)
    writer.append(said.sorted { $0.key < $1.key }) { writer, entry in
      writer.append(signed: Int64(entry.key))
      writer.append(entry.value) { $0.append($1) }
    }
    return writer.bytes
  }

  /// - Throws: `ByteError` for anything else, such as what the gate knows of models of a built-in family.
  init(decoding bytes: ByteSlice) throws(ByteError) {
    var reader = ByteReader(bytes)
    guard try reader.byte() == Self.format else { throw reader.failure("no memory of golden rows") }
    rows = try reader.string()
    let entries = try reader.array { reader throws(ByteError) in
      (
        version: Int(try reader.signed()),
        said: try reader.array { reader throws(ByteError) in try reader.output() }
      )
    }
    for entry in entries { said[entry.version] = entry.said }
    try reader.expectEnd()
  }
}
