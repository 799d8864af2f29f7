import Events
import Testing

@testable import leeway

@Suite("Times that can only be seconds")
struct SecondsTests {
  @Test("are refused with both readings, in tables and in JSON, and nothing else is")
  func times() throws {
    for text in ["1762345678", "100000000", "99999999999"] {
      #expect(throws: RowProblem.self, "\(text)") { try RowProblem.time(text, of: "time") }
    }
    for (text, time) in [
      ("1762345678000", 1_762_345_678_000), ("99999999", 99_999_999), ("100000000000", 100_000_000_000), ("0", 0),
      ("-1762345678", -1_762_345_678), ("2025-11-05T12:27:58Z", 1_762_345_678_000),
    ] as [(String, Milliseconds)] {
      #expect(try RowProblem.time(text, of: "time") == time)
    }
    let problem = #expect(throws: RowProblem.self) { try RowProblem.time("1762345678", of: "when") }
    #expect(
      problem?.reason
        == "when: 1762345678 milliseconds since 1970 are 1970-01-21; these look like seconds, and are "
        + "2025-11-05T12:27:58Z then: write RFC 3339, or milliseconds")
  }

  @Test("whatever topic they are produced to")
  func produced() throws {
    let station = try Station("models: [{name: m}]")
    func refused(_ topic: String, _ line: String) throws {
      let result = try Run.leeway("produce", topic, "--model", "m", input: line, in: station.folder.path)
      let plain = try Run.leeway("produce", topic, input: line, in: station.folder.path)
      let errors = topic == "examples" ? result.errors : plain.errors
      #expect(errors.contains("look like seconds"), "\(topic): \(errors)")
      #expect(try station.values(of: try #require(Topic(rawValue: topic))).isEmpty)
    }
    try refused("examples", #"{"time":1762345678,"features":{"x":1},"label":1}"#)
    try refused("examples", #"{"time":1762345678000,"label_time":1762345679,"features":{"x":1},"label":1}"#)
    try refused("predictions", #"{"id":"p","model":"m","time":1762345678,"features":{"x":1}}"#)
    try refused("labels", #"{"prediction":"p","model":"m","time":1762345678,"label":1}"#)
    try refused("features", #"{"entity":"e","time":1762345678,"features":{"x":1}}"#)
    try station.folder.write("rows.csv", "time,x,label\n1762345678,1,1\n")
    let table = try Run.leeway(
      "produce", "examples", "--model", "m", "--csv", "rows.csv", in: station.folder.path)
    #expect(table.status == 1 && table.errors.contains("rows.csv:2: time: 1762345678 milliseconds"), "\(table.errors)")
  }
}
