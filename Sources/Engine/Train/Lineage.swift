import Bytes
import Control
import Events

/// What Train remembers of one model beside its registry, for what people ask and for the chain of its records.
struct Lineage: Equatable {
  /// SHA-256 of the model's newest record in `models`.
  var newestRecord: String?
  /// The newest record that stood in the topic when the state was made anew, which a replay does not write again.
  var written: WrittenRecord?
  var requests = RecentIDs()
  /// By version and partition, the first row that its run named: all rows that it has not learned stand behind.
  private var firstRows: [Int: [Int: Int64]] = [:]

  init() {}

  mutating func note(_ run: RunStarted) {
    firstRows[run.version] = Dictionary(
      run.rows.partitions.map { ($0.partition, $0.first) }, uniquingKeysWith: { first, _ in first })
  }

  /// The first row, by partition, that a version has not learned, or an earlier one.
  func firstFresh(after version: Int, among partitions: some Sequence<Int>) -> [Int: Int64] {
    let known = firstRows[version] ?? [:]
    return Dictionary(partitions.map { ($0, known[$0] ?? 0) }, uniquingKeysWith: { first, _ in first })
  }
}

struct WrittenRecord: Equatable {
  /// Among all outputs of the stage.
  let number: Int64
  let checksum: String
}

extension Lineage {
  func encode(into writer: inout ByteWriter) {
    writer.append(newestRecord) { $0.append($1) }
    requests.encode(into: &writer)
    writer.append(firstRows.sorted { $0.key < $1.key }) { writer, version in
      writer.append(count: version.key)
      writer.append(version.value.sorted { $0.key < $1.key }) { writer, row in
        writer.append(count: row.key)
        writer.append(signed: row.value)
      }
    }
  }

  init(from reader: inout ByteReader) throws(ByteError) {
    newestRecord = try reader.optional { reader throws(ByteError) in try reader.string() }
    requests = try RecentIDs(from: &reader)
    for _ in 0..<(try reader.count()) {
      let version = try reader.index()
      for _ in 0..<(try reader.count()) { firstRows[version, default: [:]][try reader.index()] = try reader.signed() }
    }
  }
}
