import Bytes

/// Reads a stream line by line, in memory bounded by one line.
struct LineReader {
  enum Line {
    case text(ByteSlice)
    case tooLong
  }

  /// The largest line that is handed out.
  static let maximumLineBytes = 16 << 20

  /// The number of the line that the last call returned, counted from 1.
  private(set) var number = 0
  private let source: any ByteSource
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)
  private var unread = 0..<0
  private var isAtEnd = false

  init(_ source: any ByteSource) {
    self.source = source
  }

  /// The next line without its line end (LF or CRLF); `nil` at the end.
  mutating func next() throws(CommandError) -> Line? {
    var line: [UInt8] = []
    var isTooLong = false
    var isAny = false
    while true {
      if unread.isEmpty {
        unread = 0..<(isAtEnd ? 0 : try buffer.readFront(of: source))
        if unread.isEmpty {
          isAtEnd = true
          if isAny { number += 1 }
          return isAny ? finished(line, isTooLong) : nil
        }
      }
      isAny = true
      let end = buffer[unread].firstIndex(of: UInt8(ascii: "\n")) ?? unread.upperBound
      let isWhole = end < unread.upperBound
      if line.count + end - unread.lowerBound > Self.maximumLineBytes {
        isTooLong = true
        line = []
      }
      if !isTooLong { line += buffer[unread.lowerBound..<end] }
      unread = (isWhole ? end + 1 : end)..<unread.upperBound
      if isWhole {
        number += 1
        return finished(line, isTooLong)
      }
    }
  }

  private func finished(_ line: [UInt8], _ isTooLong: Bool) -> Line {
    if isTooLong { return .tooLong }
    return .text(line.last == UInt8(ascii: "\r") ? line.dropLast() : line[...])
  }
}
