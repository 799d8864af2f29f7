import Foundation
import Testing

@testable import leeway

/// `leeway detect` as a process: its output, its status, what it says of files that are not as they should be.
@Suite("Command detect")
struct DetectCommandTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
  }

  private func detect(_ arguments: String..., input: [UInt8] = []) throws -> Finished {
    try Run.process(Run.leeway, ["detect"] + arguments, input: input, in: scratch.path)
  }

  private func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  /// x moves by a deviation behind row 700.
  private func makeFiles() throws {
    var file = MadeFile("row,x,y")
    file.add(700) { row, chance in "\(row),\(chance.normal()),\(chance.unit() < 0.3 ? "no" : "yes")" }
    try scratch.write("a.csv", file.text)
    file.add(300) { row, chance in "\(row),\(chance.normal() + 1),\(chance.unit() < 0.3 ? "no" : "yes")" }
    try scratch.write("b.csv", gzip(Array(file.text.utf8)))
  }

  @Test("Results as JSON have the promised fields and no others, packed files and standard input included")
  func json() throws {
    try makeFiles()
    let pair = try detect("--reference", "a.csv", "--current", "b.csv", "--json")
    let walk = try detect(
      "--csv", "-", "--reference-rows", "500", "--json",
      input: Array(Data(contentsOf: URL(fileURLWithPath: scratch.file("b.csv")))))
    for result in [pair, walk] {
      #expect(result.status == 0 && result.errors.contains("row: left out"), "\(result.errors)")
      let found = try object(result.output)
      #expect(Set(found.keys) == ["columns", "alarms", "rows", "elapsed_seconds"])
      #expect(found["rows"] as? Int == 1_000)
      let columns = try #require(found["columns"] as? [[String: Any]])
      #expect(columns.map { $0["name"] as? String } == ["x", "y"])
      for column in columns {
        #expect(
          Set(column.keys) == ["name", "changed", "p_value", "statistic", "value", "low", "high", "verdict"])
        #expect(["yes", "no", "undetermined"].contains(column["changed"] as? String))
        #expect(["drift", "clear", "undetermined"].contains(column["verdict"] as? String))
        let low = try #require(column["low"] as? Double)
        let value = try #require(column["value"] as? Double)
        #expect(low <= value && value <= (column["high"] as? Double ?? .infinity))
        #expect((0...1).contains(column["p_value"] as? Double ?? -1))
      }
    }
    #expect((try object(pair.output)["alarms"] as? [Any])?.isEmpty == true)
    let alarms = try #require(try object(walk.output)["alarms"] as? [[String: Any]])
    #expect(alarms.count == 1)
    #expect(alarms.allSatisfy { Set($0.keys) == ["row", "columns", "detector", "evidence"] })
    #expect((700...860).contains(alarms.first?["row"] as? Int ?? 0))
    #expect(alarms.first?["columns"] as? [String] == ["x"] && (alarms.first?["evidence"] as? Double ?? 0) >= 1)
    let other = try detect("--csv", "b.csv", "--reference-rows", "500", "--detector", "page-hinkley", "--json")
    #expect(other.status == 0 && other.errors.contains("y: not watched"), "\(other.errors)")
    let others = try #require(try object(other.output)["alarms"] as? [[String: Any]])
    #expect(!others.isEmpty && others.allSatisfy { Set($0.keys) == ["row", "columns", "detector", "evidence"] })
    #expect(others.allSatisfy { $0["detector"] as? String == "page_hinkley" && $0["evidence"] is NSNull })
  }

  @Test("The page is well-formed, asks nothing of any network and shows hostile names as text")
  func page() throws {
    var file = MadeFile("\"<b>&\"\"x'\",\"]]>\u{1b}[31m\",k")
    file.add(400) { _, chance in "\(chance.normal()),<script>\(Int(chance.unit() * 3)),\(Int(chance.unit() * 2))" }
    file.add(400) { _, chance in "\(chance.normal() + 2),&amp;,\(Int(chance.unit() * 2))" }
    try scratch.write("f.csv", file.text)
    for arguments in [
      ["--csv", "f.csv", "--reference-rows", "300"], ["--reference", "f.csv", "--current", "f.csv"],
    ] {
      let result = try Run.process(
        Run.leeway, ["detect"] + arguments + ["--html", "page.html"], in: scratch.path)
      #expect(result.status == 0, "\(result.errors)")
      #expect(!result.output.contains("\u{1b}"))
      let page = try String(contentsOfFile: scratch.file("page.html"), encoding: .utf8)
      let markup = Markup(page)
      #expect(markup.isWellFormed)
      #expect(markup.elements["script"] == nil && markup.elements["b"] == nil && markup.addresses.isEmpty)
      #expect(markup.elements["svg"] == (arguments[0] == "--csv" ? 4 : 3))
      for word in ["http:", "https:", "url(", "@import", "<script"] { #expect(!page.contains(word), "\(word)") }
    }
  }

  @Test("Wrong usage is status 2")
  func usage() throws {
    let wrong = [
      [], ["--reference", "a.csv"], ["--csv", "a.csv"], ["--csv", "a.csv", "--reference-rows", "99"],
      ["--csv", "a.csv", "--reference-rows", "ten"], ["--csv", "a.csv", "--reference-rows", "100", "--pane", "0"],
      ["--csv", "a.csv", "--reference-rows", "100", "--arl", "99"],
      ["--csv", "a.csv", "--reference-rows", "100", "--arl", "nan"],
      ["--csv", "a.csv", "--reference-rows", "100", "--unordered"],
      ["--csv", "a.csv", "--reference-rows", "100", "--detector", "cusum"],
      ["--csv", "a.csv", "--reference-rows", "100", "--detector", "adwin", "--arl", "1000"],
      ["--csv", "a.csv", "--reference-rows", "100", "--detector", "adwin", "--html", "page.html"],
      ["--reference", "a.csv", "--current", "b.csv", "--detector", "adwin"],
      ["--reference", "a.csv", "--current", "b.csv", "--reference-rows", "100"],
      ["--reference", "a.csv", "--current", "b.csv", "--csv", "c.csv"], ["--reference", "-", "--current", "-"],
    ]
    for arguments in wrong {
      let result = try Run.process(Run.leeway, ["detect"] + arguments, in: scratch.path)
      #expect(result.status == 2 && result.output.isEmpty && !result.errors.isEmpty, "\(arguments)")
    }
  }

  @Test("What cannot be done is status 1 and says what, where and what to do")
  func failures() throws {
    try makeFiles()
    try scratch.write("empty.csv", "")
    try scratch.write("header.csv", "x,y\n")
    try scratch.write("ragged.csv", "x,y\n1\n2,3,4\n")
    try scratch.write("other.csv", "u,v\n1,2\n")
    try scratch.write("latin.csv", Array("x,y\n".utf8) + [0xe9, 0x2c, 0x31, 0x0a])
    try scratch.write("wide.csv", [0xff, 0xfe, 0x78, 0x00])
    try scratch.write("semicolons.csv", "x;y\n1;2\n")
    try scratch.write("numbers.csv", "n\n" + (0..<300).map { "\($0)\n" }.joined())
    let walk = ["--reference-rows", "100", "--csv"]
    let cases: [([String], [String])] = [
      (walk + ["absent.csv"], ["absent.csv", "cannot be opened"]), (walk + ["empty.csv"], ["the file holds no rows"]),
      (walk + ["header.csv"], ["header.csv: the file holds no rows but its header"]),
      (walk + ["ragged.csv"], ["ragged.csv:2: 1 cell", "ragged.csv:3: 3 cells", "none of its 2 rows"]),
      (walk + ["latin.csv"], ["latin.csv:2: text that is not UTF-8"]), (walk + ["wide.csv"], ["UTF-16", "iconv"]),
      (walk + ["semicolons.csv"], ["separate them by commas"]),
      (walk + ["numbers.csv"], ["every column counts the rows", "--columns"]),
      (["--csv", "a.csv", "--reference-rows", "800"], ["a.csv: 700 rows, fewer than", "take a shorter reference"]),
      (["--csv", "a.csv", "--reference-rows", "700"], ["no row is left", "take a shorter reference"]),
      (walk + ["a.csv", "--columns", "z"], ["there is no column \"z\"", "did you mean \"x\"?"]),
      (walk + ["a.csv", "--columns", "x,x"], ["names x twice"]), (walk + ["a.csv", "--columns", ","], ["no column"]),
      (walk + ["a.csv", "--categorical", "zebra"], ["there is no column \"zebra\""]),
      (walk + ["a.csv", "--categorical", "x", "--numeric", "x"], ["both name x"]),
      (walk + ["a.csv", "--html", "absent/page.html"], ["absent/page.html"]),
      (["--reference", "a.csv", "--current", "other.csv"], ["other.csv: has no column of a.csv", "u, v"]),
      (["--reference", "a.csv", "--current", "other.csv", "--columns", "x"], ["other.csv: there is no column \"x\""]),
      (["--reference", "header.csv", "--current", "a.csv"], ["header.csv: the file holds no rows"]),
    ]
    for (arguments, expected) in cases {
      let result = try Run.process(Run.leeway, ["detect"] + arguments, in: scratch.path)
      #expect(result.status == 1 && result.output.isEmpty, "\(arguments): \(result.output)")
      for text in expected { #expect(result.errors.contains(text), "\(arguments): \(result.errors)") }
    }
  }
}
