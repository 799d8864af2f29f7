import EventLog
import Events
import Log
import TestSupport
import Testing

@testable import leeway

/// A stretch of recorded topics, wherever it is read from.
@Suite struct SameHistoryTests {
  /// A row a second; every third label comes with its prediction, the others 20 s later, and some records are dated back.
  private static func fill(_ log: EmbeddedLog, rows: Int) throws {
    var random = SplitMix64(seed: 9)
    var records: [Topic: [Record]] = [:]
    for row in 0..<rows {
      let x = random.uniform()
      let time = 1_762_300_800_000 + Int64(row) * 1_000
      let late = row % 50 == 7 ? 3_000 : 0 as Int64
      let prediction = Prediction(
        id: "r\(row)", model: "m", time: time, features: [Feature(name: "x", value: .number(x))])
      records[.predictions, default: []].append(Record(timestamp: time - late, value: prediction.encoded()[...]))
      for labelled in [row % 3 == 0 ? row : nil, (row - 20) % 3 != 0 ? row - 20 : nil] {
        guard let labelled, labelled >= 0 else { continue }
        let label = Label(prediction: "r\(labelled)", model: "m", time: time, value: .number(Double(labelled % 2)))
        records[.labels, default: []].append(Record(timestamp: time - late, value: label.encoded()[...]))
      }
    }
    let producer = try log.makeProducer(id: nil)
    defer { producer.close() }
    for (topic, records) in records.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      try log.create(TopicSpec(name: topic.rawValue, partitions: 1))
      try producer.append([AppendBatch(TopicPartition(topic.rawValue, 0), records)])
    }
  }

  @Test("Of a stretch a tenth is history, and the result is the same, from a log, its file, and a file of it alone")
  func stretch() throws {
    let depot = try Depot()
    try Self.fill(try depot.log(), rows: 600)
    try depot.folder.write(
      "m.yaml", "models: [{name: m, task: binary}]\ntrain: {minimum_rows: 20}\nmonitor: {volume: {labels: 60}}\n")
    let range = ["--from", "2025-11-05T00:02:00Z", "--to", "2025-11-05T00:07:00Z"]
    let topics = ["export", "predictions", "labels", "--out"]
    for arguments in [topics + ["whole.lwr"], topics + ["stretch.lwr"] + range] {
      #expect(try Run.process(Run.leeway, arguments, in: depot.folder.path).status == 0)
    }
    let results = try [
      ["--log", "leeway.db"] + range, ["--recording", "whole.lwr"] + range, ["--recording", "stretch.lwr"],
    ].map { source in
      try Run.process(
        Run.leeway, ["backtest", "--config", "m.yaml", "--baselines", "none", "--json"] + source, in: depot.folder.path)
    }
    for result in results {
      #expect(result.status == 0 && result.output.contains("\"served_from\" : 30\n"), "\(result.errors)")
      #expect(result.output == results[0].output)
    }
  }
}
