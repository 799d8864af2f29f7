public import Bytes

/// A chunk's bytes are a record's value as they are; what describes them travels in three headers.
extension Chunk {
  public enum Header: String, CaseIterable, Sendable {
    case index = "leeway_index"
    case count = "leeway_count"
    case total = "leeway_total"
  }

  /// Names and values of the headers, numbers as decimal text.
  public var headers: [(name: String, value: String)] {
    [
      (Header.index.rawValue, String(index)), (Header.count.rawValue, String(count)),
      (Header.total.rawValue, String(total)),
    ]
  }

  /// Reads a chunk back: `header` gives the value of the first header of a name.
  public static func decode(
    _ bytes: ByteSlice, header: (String) -> ByteSlice?
  ) throws(EventError) -> Chunk {
    let index = try number(.index, header)
    let count = try number(.count, header)
    let total = try number(.total, header)
    guard count >= 1, count <= Limits.chunks, index < count else {
      throw EventError(.badHeader, at: 0, "chunk \(index) of \(count)", path: Header.index.rawValue)
    }
    guard total >= bytes.count else {
      throw EventError(.badHeader, at: 0, "\(bytes.count) bytes of \(total)", path: Header.total.rawValue)
    }
    return Chunk(index: index, count: count, total: total, bytes: Array(bytes))
  }

  private static func number(_ name: Header, _ header: (String) -> ByteSlice?) throws(EventError) -> Int {
    guard let value = header(name.rawValue) else {
      throw EventError(.badHeader, at: 0, "is missing", path: name.rawValue)
    }
    guard
      let digits = String(validating: value, as: UTF8.self), digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
      let number = Int(digits)
    else { throw EventError(.badHeader, at: 0, "expected a decimal number", path: name.rawValue) }
    return number
  }
}
