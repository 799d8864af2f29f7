import Foundation

/// Standard error: what people are told beside the results.
enum Terminal {
  /// One line that says what went wrong.
  static func complain(_ message: String) {
    write("leeway: \(message)")
  }

  static func write(_ line: String) {
    FileHandle.standardError.write(Data((line + "\n").utf8))
  }
}

/// Standard output, gathered into large writes. Call `flush()` before the program ends or waits.
final class StandardOutput {
  private static let capacity = 1 << 16
  private var buffer: [UInt8] = []
  private let descriptor: Int32

  /// - Parameter file: the file that a command is for. What is told of it goes to standard error where the file itself comes
  ///   out of standard output. To be made before the file is written.
  init(beside file: String? = nil) {
    descriptor = file.map(OutputFile.isStandardOutput) == true ? STDERR_FILENO : STDOUT_FILENO
  }

  func line(_ text: String) throws(CommandError) {
    try line(text.utf8)
  }

  func lines(_ texts: some Sequence<String>) throws(CommandError) {
    for text in texts { try line(text) }
  }

  func line(_ bytes: some Sequence<UInt8>) throws(CommandError) {
    buffer.append(contentsOf: bytes)
    buffer.append(UInt8(ascii: "\n"))
    if buffer.count >= Self.capacity { try flush() }
  }

  func flush() throws(CommandError) {
    guard buffer.withUnsafeBytes({ writeWhole($0, to: descriptor) }) else {
      throw CommandError(
        "cannot be written (\(String(cString: strerror(errno))))",
        at: descriptor == STDOUT_FILENO ? "standard output" : "standard error")
    }
    buffer.removeAll(keepingCapacity: true)
  }
}

/// Text with its columns set under one another.
struct TextTable {
  /// The header first.
  private(set) var rows: [[String]]

  init(header: [String]) {
    rows = [header]
  }

  mutating func append(_ row: [String]) {
    rows.append(row)
  }

  /// The lines, header first.
  var lines: [String] {
    let widths = (0..<(rows.first?.count ?? 0)).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = zip(row, widths).map { $0 + String(repeating: " ", count: max(0, $1 - $0.count)) }
      let line = cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }
}
