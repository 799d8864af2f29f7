import Events
import Foundation
import LeewayClient
import Log
import TestSupport
import Testing

@testable import leeway

/// Labelled history from before Leeway: `leeway produce examples`, as people use it.
@Suite("Processes: history", .serialized)
struct HistoryTests {
  private let station: Station

  init() throws {
    station = try Station(
      """
      topics: {partitions: 3}
      time: {pane: 10s, lateness: 0s, label_horizon: 60s}
      train: {minimum_rows: 20}
      models: [{name: m, task: binary}, {name: cost, task: regression}]
      """)
  }

  private func leeway(_ arguments: String..., input: String = "") throws -> Finished {
    try Run.process(Run.leeway, arguments, input: Array(input.utf8), in: station.folder.path)
  }

  private func records() throws -> [[ExampleRecord]] {
    try station.records(of: .examples).sorted { $0.key < $1.key }.map { _, records in
      try records.compactMap(\.record.value).map { try ExampleRecord.decode($0) }
    }
  }

  private func examples() throws -> [Example] {
    try records().flatMap { $0 }.compactMap { if case .example(let example) = $0 { example } else { nil } }
  }

  /// Every partition's examples are numbered from 0 without a hole, and each mark says the number that comes next.
  private func checkNumbers(_ place: SourceLocation = #_sourceLocation) throws {
    for records in try records() {
      var next: Int64 = 0
      for record in records {
        switch record {
        case .example(let example):
          #expect(example.seq == next, sourceLocation: place)
          next += 1
        case .resolved(let resolved): #expect(resolved.nextSeq == next, sourceLocation: place)
        case .expired: break
        }
      }
    }
  }

  @Test("From nothing to a second version, with the commands of the README")
  func session() throws {
    var random = SplitMix64(seed: 5)
    let start: Milliseconds = Milliseconds(Date().timeIntervalSince1970) * 1_000 - 7_200_000
    let without = try leeway("trigger", "m")
    #expect(without.status == 1 && without.errors.contains("leeway produce examples --model m"))
    try station.trainFirst(on: Concept.rows(-500..<0, rule: 0, start: start, step: 1_000, using: &random))
    let rows = Concept.rows(0..<1_500, rule: 1, start: start, step: 1_000, using: &random)
    let columns = ["id", "time", "version", "prediction"]
    let scorer = try station.champion()
    let table = Concept.csv(rows, columns: columns, version: 1) { row in
      if case .number(let score) = scorer.score(row.features).score { score } else { nil }
    }
    try station.folder.write("predictions.csv", table)
    try station.folder.write(
      "labels.csv", "prediction,time,label\n" + rows.map { "\($0.id),\($0.time),\($0.label)\n" }.joined())
    for topic in ["predictions", "labels"] {
      try station.leeway("produce", topic, "--model", "m", "--csv", "\(topic).csv", "--event-time")
    }
    try station.leeway("run", "--until-idle", "--quiet")
    #expect(try leeway("models", "list").output.contains("champion"))
    #expect(try station.champion().version >= 2)
    #expect(try examples().count > 1_900)
    try checkNumbers()
  }

  @Test("Rows in JSON and in a CSV with other names for its columns make the same examples")
  func forms() throws {
    let json =
      #"{"id":"a","time":"2025-01-01T00:00:00Z","label_time":1735693200000,"features":"#
      + #"{"x":1.5,"job":"clerk","y":null},"label":true,"segments":{"channel":"web"}}"#
    let result = try leeway("produce", "examples", "--model", "m", "--json", input: json + "\n\n" + json)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output == #"{"topic":"examples","appended":2,"bad":0,"undelivered":0}"# + "\n")
    try station.folder.write(
      "rows.csv",
      "id,x,features.job,y,when,known,outcome,segments.channel\n"
        + "a,1.5,clerk,,2025-01-01T00:00:00Z,1735693200000,1,web\n")
    let table = try leeway(
      "produce", "examples", "--model", "m", "--csv", "rows.csv", "--label", "outcome", "--time", "when",
      "--label-time", "known")
    #expect(table.status == 0 && table.output == "1 rows appended to examples\n", "\(table.errors)")
    let examples = try examples()
    let wanted = Example(
      seq: 0, id: "a", model: "m", time: 1_735_689_600_000, labelTime: 1_735_693_200_000,
      features: [
        Feature(name: "x", value: .number(1.5)), Feature(name: "job", value: .category("clerk")),
        Feature(name: "y", value: .missing),
      ], label: .number(1), segments: [Segment(name: "channel", value: "web")])
    #expect(
      examples
        == (0..<3).map { (seq: Int64) in
          var example = wanted
          example.seq = seq
          return example
        })
    try checkNumbers()
  }

  @Test("Rows without ids and times get ids of their own, and times a second apart that end now")
  func defaults() throws {
    try station.folder.write("rows.csv", "x,label\n" + (0..<100).map { "\($0),\($0 % 2)\n" }.joined())
    for _ in 0..<2 { try station.leeway("produce", "examples", "--model", "m", "--csv", "rows.csv") }
    let examples = try examples()
    let byID = Dictionary(uniqueKeysWithValues: examples.map { ($0.id, $0) })
    let now = Milliseconds(Date().timeIntervalSince1970 * 1_000)
    let times = try (1...200).map { try #require(byID["history-\($0)"]).time }
    for part in [times[..<100], times[100...]] {
      #expect(zip(part, part.dropFirst()).allSatisfy { $1 == $0 + 1_000 })
      #expect((now - 30_000...now).contains(try #require(part.last)))
    }
    try checkNumbers()
    let resolved = try records().compactMap { records in
      if case .resolved(let resolved) = records.last { resolved.upTo } else { nil }
    }
    #expect(resolved == Array(repeating: (times.max() ?? 0) + 1, count: 3))
    let piped = try leeway("produce", "examples", "--model", "m", "--csv", "-", input: "x,label\n1,0\n")
    #expect(piped.status == 1 && piped.errors.contains("--time"))
  }

  @Test("Bad rows are told by line and left out; the others go in")
  func badRows() throws {
    let good = #"{"time":1,"features":{"x":1},"label":1}"#
    let bad = [
      "nonsense", "[]", #"{"features":{},"label":1}"#, #"{"time":1,"features":{},"label":"maybe"}"#,
      #"{"time":1,"features":[],"label":1}"#, #"{"time":1,"features":{"x":[]},"label":1}"#,
      #"{"time":"noon","features":{},"label":1}"#, #"{"time":1,"features":{},"label":1,"model":"other"}"#,
      #"{"time":1,"features":{"":1},"label":1}"#, #"{"time":1,"features":{},"label":null}"#,
      #"{"time":1,"features":{},"label":1,"id":""}"#, #"{"time":999999999999999,"features":{},"label":1}"#,
    ]
    let input = bad.map { good + "\n" + $0 + "\n" }.joined()
    let result = try leeway("produce", "examples", "--model", "m", input: input)
    #expect(result.status == 1)
    #expect(result.output == "\(bad.count) rows appended to examples, \(bad.count) bad lines left out\n")
    for index in bad.indices {
      #expect(result.errors.contains("standard input:\(2 * index + 2): "), "\(bad[index])")
    }
    try checkNumbers()
    try station.folder.write("rows.csv", "x,time,label\n1,5,1\n2,noon,1\n3,6,\n4,7\n5,8,maybe\n")
    let table = try leeway("produce", "examples", "--model", "m", "--csv", "rows.csv")
    #expect(table.status == 1 && table.output == "1 rows appended to examples, 4 bad lines left out\n")
    let nothing = try leeway("produce", "examples", "--model", "m", "--csv", "rows.csv", "--label", "lable")
    #expect(nothing.status == 1 && nothing.errors.contains("did you mean \"label\"?"))
    let model = try leeway("produce", "examples", "--model", "coast", "--csv", "rows.csv")
    #expect(model.status == 1 && model.errors.contains("did you mean cost?"))
  }

  @Test("While an engine is at work history is refused with its name; afterwards numbering goes on")
  func besideAnEngine() throws {
    let engine = try station.start("run", "--stages", "join")
    try wait(for: "the engine is at work", within: 30) { engine.errors.contains("stage join is at work") }
    let line = #"{"time":1,"features":{"x":1},"label":1}"#
    let refused = try leeway("produce", "examples", "--model", "m", input: line)
    #expect(refused.status == 1 && refused.errors.contains("process \(engine.id)"), "\(refused.errors)")
    #expect(try examples().isEmpty)
    engine.terminate()
    #expect(try engine.end(within: 10).status == 0)

    // An engine that has begun, and has not yet said up to when anything is labelled.
    let event = { (id: Int, time: Int) in #"{"id":"p-\#(id)","model":"m","time":\#(time),"features":{"x":1}}"# }
    let label = { (id: Int, time: Int) in #"{"prediction":"p-\#(id)","model":"m","time":\#(time),"label":1}"# }
    func serve(_ ids: Range<Int>) throws {
      let times = ids.map { ($0, 1_800_000_000_000 + $0 * 1_000) }
      let lines = [times.map(event), times.map(label)].map { $0.joined(separator: "\n") }
      for (topic, input) in zip(["predictions", "labels"], lines) {
        #expect(try leeway("produce", topic, "--event-time", input: input).status == 0)
      }
      try station.leeway("run", "--until-idle", "--quiet")
    }
    try serve(0..<3)
    let early = try leeway("produce", "examples", "--model", "m", input: line)
    #expect(early.status == 1 && early.errors.contains("before the first run"), "\(early.errors)")
    try serve(3..<300)
    #expect(try leeway("produce", "examples", "--model", "m", input: line).status == 0)
    try serve(300..<600)
    try checkNumbers()
    #expect(try examples().count > 590)
  }
}
