import TestSupport
import Testing

@testable import leeway

@Suite("CSV")
struct CSVTests {
  private func read(
    _ bytes: [UInt8], piece: Int = 1 << 16, badRows: CSVReader.BadRowPolicy = .fail
  ) throws -> (header: [String], rows: [[String?]], lines: [Int], bad: [CSVReader.BadRow]) {
    var reader = try CSVReader(MemorySource(bytes, name: "t.csv", piece: piece), badRows: badRows)
    var row = CSVRow()
    var rows: [[String?]] = []
    var lines: [Int] = []
    while try reader.next(&row) {
      rows.append((0..<row.count).map { row.text($0) })
      lines.append(row.line)
    }
    #expect(reader.badRowCount == reader.badRows.count || reader.badRows.count == CSVReader.keptBadRows)
    return (reader.header, rows, lines, reader.badRows)
  }

  private func read(_ text: String) throws -> [[String?]] { try read(Array(text.utf8)).rows }

  /// Everything that `error` says, or "" where nothing is wrong.
  private func problem(_ bytes: [UInt8]) -> String {
    do {
      _ = try read(bytes)
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test("The examples of RFC 4180, section 2")
  func standard() throws {
    #expect(try read("a,b,c\r\naaa,bbb,ccc\r\nzzz,yyy,xxx") == [["aaa", "bbb", "ccc"], ["zzz", "yyy", "xxx"]])
    #expect(try read("a,b,c\r\n\"aaa\",\"b\r\nbb\",\"ccc\"\r\n") == [["aaa", "b\r\nbb", "ccc"]])
    #expect(try read("a,b,c\n\"aaa\",\"b\"\"bb\",\"ccc\"\n") == [["aaa", "b\"bb", "ccc"]])
    #expect(try read("a,b\n x ,\"\"\n") == [[" x ", nil]])
  }

  @Test("Line ends, blank lines, a missing last line end, a byte order mark")
  func lines() throws {
    for end in ["\n", "\r\n"] {
      for last in ["", end] {
        let text = "a,b\(end)\(end)1,2\(end)\(end)\(end),4\(last)"
        #expect(try read(text) == [["1", "2"], [nil, "4"]])
      }
    }
    let result = try read([0xef, 0xbb, 0xbf] + Array("a,b\n\"1\n1\",2\n3,4\n".utf8))
    #expect(result.header == ["a", "b"])
    #expect(result.lines == [2, 4])
    #expect(try read("a\n\"\"\nx") == [[nil], ["x"]])
    #expect(try read("a,b\r\n1,2\r") == [["1", "2"]])
    #expect(try read("a,b\n").isEmpty)
  }

  @Test("Rows come out as they went in: all cells over a small alphabet, all cuts of the stream")
  func exhaustive() throws {
    let pieces = ["", "x", "\"", ",", "\n", "\r\n", "é"]
    let cells = pieces + pieces.flatMap { first in pieces.map { first + $0 } }
    for cell in cells {
      let quoted = "\"" + cell.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
      let bytes = Array("a,b\n\(quoted),1\n2,\(quoted)\n".utf8)
      let expected: [[String?]] = [[cell.isEmpty ? nil : cell, "1"], ["2", cell.isEmpty ? nil : cell]]
      for piece in [1, 2, 3, 5, 1_000] { #expect(try read(bytes, piece: piece).rows == expected) }
    }
  }

  @Test(
    "A bad row fails with file, line and reason",
    arguments: [
      ("a,b\n1,2\n1,2,3\n", "t.csv:3: 3 cells where the header names 2 columns"),
      ("a,b\n1\n", "t.csv:2: 1 cells where the header names 2 columns"),
      ("a,b\n1,x\"y\n", "t.csv:2: a quote inside a cell that does not begin with one"),
      ("a,b\n1,\"x\"y\n", "t.csv:2: text behind a closing quote"),
      ("a,b\n1\r2,3\n", "t.csv:2: a carriage return without a line feed"),
      (
        "a,b\n1,2\n3,\"4\n5,6\n",
        "t.csv:3: the row is cut short: the quote on line 3 is never closed, "
          + "so all that follows was taken for this row"
      ),
    ])
  func bad(text: String, expected: String) {
    #expect(problem(Array(text.utf8)).hasPrefix(expected))
  }

  @Test("Text that is not UTF-8 is bad, also where two cells together would be valid")
  func invalidText() {
    #expect(problem(Array("a,b\n".utf8) + [0xff, 0x2c, 0x31, 0x0a]).contains("t.csv:2: text that is not UTF-8"))
    #expect(problem(Array("a,b\n".utf8) + [0xc3, 0x2c, 0xa9, 0x0a]).contains("t.csv:2: text that is not UTF-8"))
  }

  @Test("Counted bad rows are left out, with their lines, and the rest is read")
  func counted() throws {
    let text = "a,b\n1,2\n3\n4,\"x\"y\n\n5,6\n7,8,9\n10,11"
    let result = try read(Array(text.utf8), badRows: .count)
    #expect(result.rows == [["1", "2"], ["5", "6"], ["10", "11"]])
    #expect(result.bad.map(\.line) == [3, 4, 7])
    let many = "a,b\n" + String(repeating: "1\n", count: 1_000)
    var reader = try CSVReader(MemorySource(Array(many.utf8), name: "t.csv"), badRows: .count)
    var row = CSVRow()
    #expect(try !reader.next(&row))
    #expect(reader.badRowCount == 1_000)
    #expect(reader.badRows.count == CSVReader.keptBadRows)
  }

  @Test("A quote that is never closed costs bounded memory and does not hide the rows behind the limit")
  func endlessQuote() throws {
    let filler = String(repeating: "1,2\n", count: CSVReader.maximumRowBytes / 4 + (1 << 18))
    let result = try read(Array(("a,b\n3,\"" + filler).utf8), badRows: .count)
    #expect(result.bad.count == 1)
    #expect(result.bad.first?.line == 2)
    #expect(result.bad.first?.reason.contains("the quote on line 2 is never closed") == true)
    #expect(!result.rows.isEmpty && result.rows.allSatisfy { $0 == ["1", "2"] })
  }

  @Test(
    "Headers that cannot name columns",
    arguments: [
      ("", "the file holds no rows"), ("\n\n", "the file holds no rows"), ("a,,c\n", "column 2 has no name"),
      ("a,b,a\n", "two columns are named \"a\""), ("a;b;c\n1;2;3\n", "cells are separated by \";\""),
      ("a\tb\n", "cells are separated by tab"),
    ])
  func header(text: String, expected: String) {
    #expect(problem(Array(text.utf8)).contains(expected))
  }

  @Test("UTF-16 is named as such")
  func utf16() {
    #expect(problem([0xff, 0xfe, 0x61, 0, 0x0a, 0]).contains("UTF-16"))
    #expect(problem([0xfe, 0xff, 0, 0x61, 0, 0x0a]).contains("UTF-16"))
  }

  @Test("Random bytes end in rows or errors; what is read does not depend on how the stream is cut")
  func hostile() {
    var random = SplitMix64(seed: 7)
    let alphabet: [UInt8] = [0x2c, 0x22, 0x0a, 0x0d, 0x61, 0x31, 0xc3, 0xa9, 0x00, 0xff]
    for _ in 0..<3_000 {
      let count = Int.random(in: 0...40, using: &random)
      let noise = (0..<count).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] }
      let bytes = Array("a,b\n".utf8) + noise
      let whole = try? read(bytes, badRows: .count)
      let cut = try? read(bytes, piece: 1, badRows: .count)
      #expect(whole?.rows == cut?.rows && whole?.bad == cut?.bad)
      #expect(whole != nil)
    }
  }

  @Test("Columns are found by name, with a hint for a misspelt one")
  func columns() throws {
    let reader = try CSVReader(MemorySource(Array("age,job\n".utf8), name: "t.csv"))
    #expect(try reader.column("job") == 1)
    let error = #expect(throws: CommandError.self) { try reader.column("jbo") }
    #expect(error?.description == "t.csv: there is no column \"jbo\"; did you mean \"job\"?")
  }
}

@Suite("Decimal numbers")
struct DecimalNumberTests {
  private func parse(_ text: String) -> Double? { DecimalNumber.parse(Array(text.utf8)[...]) }

  @Test("The nearest double, for random numbers of all lengths and scales")
  func nearest() {
    var random = SplitMix64(seed: 11)
    for _ in 0..<20_000 {
      let whole = String(random.next() >> UInt64(Int.random(in: 0...63, using: &random)))
      let fraction = String(random.next() >> UInt64(Int.random(in: 0...63, using: &random)))
      for text in [whole, "-" + whole, whole + "." + fraction, "-." + fraction, whole + ".", "0.0000" + fraction] {
        #expect(parse(text)?.bitPattern == Double(text)?.bitPattern, "\(text)")
      }
    }
  }

  @Test("Other notations", arguments: [(" 1.5 ", 1.5), ("1e3", 1_000), ("+2", 2), ("-1.5E-2", -0.015), ("-0", -0.0)])
  func notations(text: String, expected: Double) {
    #expect(parse(text)?.bitPattern == expected.bitPattern)
  }

  @Test(
    "What is no finite decimal number",
    arguments: [
      "", " ", "-", ".", "nan", "NaN", "inf", "-Infinity", "1e999", "0x10", "1,5", "1 2", "abc", "1.2.3", "--1", "é",
    ])
  func others(text: String) {
    #expect(parse(text) == nil)
  }
}

@Suite("Lines")
struct LineReaderTests {
  @Test("Lines and their numbers, however the stream is cut")
  func lines() throws {
    for piece in [1, 2, 1_000] {
      var reader = LineReader(MemorySource(Array("a\r\n\nbc\nd".utf8), name: "t", piece: piece))
      var found: [String] = []
      while case .text(let bytes)? = try reader.next() {
        found.append("\(reader.number):" + String(decoding: bytes, as: UTF8.self))
      }
      #expect(found == ["1:a", "2:", "3:bc", "4:d"])
    }
  }

  @Test("A line that is too long is told as such, and the next one is read")
  func tooLong() throws {
    let bytes = [UInt8](repeating: 0x78, count: LineReader.maximumLineBytes + 1) + Array("\nnext\n".utf8)
    var reader = LineReader(MemorySource(bytes, name: "t"))
    guard case .tooLong? = try reader.next() else {
      Issue.record("a line beyond the limit was handed out")
      return
    }
    guard case .text(let next)? = try reader.next() else {
      Issue.record("the line behind it was lost")
      return
    }
    #expect(Array(next) == Array("next".utf8))
    #expect(reader.number == 2)
  }
}
