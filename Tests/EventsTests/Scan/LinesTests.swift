import Bytes
import Events
import TestSupport
import Testing

@Suite("Lines of events are read one by one")
struct LinesTests {
  private static let good =
    #"{"id":"a","model":"m","version":1,"time":5,"features":{"x":1.5,"size":2},"prediction":0.5}"#

  /// What came of each line: the event's x, or the code of its error.
  private func scan(_ text: String) -> [String] { scan(Array(text.utf8)) }

  private func scan(_ bytes: [UInt8]) -> [String] {
    var scanner = ScanTests.scanner
    var outcomes: [String] = []
    scanner.scanLines(bytes) { scanner, range, result in
      let expected = Result { () throws(EventError) in try Prediction.decode(bytes[range]) }
      ScanTests.compare(result, expected, bytes[range], scanner)
      switch result {
      case .success: outcomes.append("\(scanner.row[0])")
      case .failure(let error): outcomes.append(error.code.rawValue)
      }
    }
    return outcomes
  }

  @Test("a cut event does not run into the next line, wherever it is cut") func cut() {
    let count = Self.good.utf8.count
    for length in 1..<count {
      let cut = String(decoding: Array(Self.good.utf8.prefix(length)), as: UTF8.self)
      for text in ["\(cut)\n\(Self.good)", "\(cut)\n\(Self.good)\n\(Self.good)\n\(Self.good)\n"] {
        let outcomes = scan(text)
        #expect(outcomes[0] == "truncated" && outcomes.dropFirst().allSatisfy { $0 == "1.5" }, "\(length)")
        #expect(outcomes.count == text.split(separator: "\n").count)
      }
    }
  }

  @Test("blank lines, carriage returns, and a last line without an end") func blanks() {
    let lines = "\n \n\(Self.good)\r\n\n\t\(Self.good) \n\r\n\(Self.good)"
    #expect(scan(lines) == ["1.5", "1.5", "1.5"])
    #expect(scan(String(repeating: lines + "\n", count: 5)).count == 15)
    #expect(scan("") == [] && scan("\n\n \n") == [] && scan(String(repeating: "\n", count: 300)) == [])
    #expect(scan("\(Self.good)\(Self.good)\n\(Self.good)") == ["not_json", "1.5"])
  }

  @Test("damaged lines among good ones, whatever their bytes", arguments: 0..<20 as Range<UInt64>)
  func damaged(seed: UInt64) {
    var texts = ScanTexts(seed: seed)
    var lines: [[UInt8]] = []
    for _ in 0..<max(40, ScanTests.runs / 20) {
      let line = texts.bytes().filter { $0 != UInt8(ascii: "\n") }
      if !line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }) { lines.append(line) }
      lines.append(Array(Self.good.utf8))
    }
    let outcomes = scan(Array(lines.joined(separator: [UInt8(ascii: "\n")])))
    #expect(outcomes.count == lines.count && outcomes.filter { $0 == "1.5" }.count >= lines.count / 2)
  }
}
