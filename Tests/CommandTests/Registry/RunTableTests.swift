import EventLog
import Events
import Foundation
import Log
import Testing

@testable import leeway

@Suite("Runs and versions side by side on the command line")
struct RunTableTests {
  private static let rows = RowSet(before: 10, partitions: [])

  private static func reference(mean: Double, levels: [String]) -> ReferenceRecord {
    ReferenceRecord(
      rows: 101, provisional: false,
      columns: [
        ColumnReferenceRecord(
          name: "age", edges: [0], counts: [50, 51], missing: 0,
          moments: MomentsRecord(count: 101, mean: mean, m2: 400, min: 0, max: 9)),
        ColumnReferenceRecord(name: "job", levels: levels, counts: [90, 1, 0], missing: 10),
      ])
  }

  private static func result(_ version: Int, loss: Double) -> RunResult {
    RunResult(
      artifact: String(repeating: "ab", count: 32), artifactBytes: 10, trainedRows: 1_000 + version, validatedRows: 50,
      refusedRows: 0, learned: rows, validated: rows, rowsHash: String(repeating: "cd", count: 32),
      challenger: MetricsRecord(rows: 50, loss: loss, accuracy: 0.9, auc: 0.8),
      champion: version > 1 ? MetricsRecord(rows: 50, loss: 0.5) : nil,
      gate: GateRecord(
        outcome: .promote, reason: "r", measure: "log_loss", rows: 50, minimumRows: 10, challenger: loss),
      reference: reference(mean: Double(version), levels: ["a"]))
  }

  /// As many runs as asked for; of three, the first is promoted, the second fails, and the third is rejected. The very last
  /// one is open.
  private static func log(_ count: Int) throws -> Scratch {
    var runs: [Record] = []
    var models: [Record] = []
    func record(_ value: some EventRecord) -> Record { Record(timestamp: 5, key: nil, value: value.encoded()[...]) }
    var version = 1
    for number in 0..<count {
      let id = "m/drift-7-\(number)/1"
      let started = RunStarted(
        run: id, model: "m", time: 1_000, version: version, family: "mixture", seed: 1, rows: rows, holdout: 0.2)
      runs.append(record(RunRecord.started(started)))
      if number == count - 1 { break }
      var finished = RunFinished(run: id, model: "m", version: version, seconds: 0.25)
      if number % 3 == 1 {
        finished.failure = "12 new rows, \"too few\""
      } else {
        finished.result = result(version, loss: 0.25)
        models.append(
          record(
            ModelRecord(
              model: "m", version: version, status: number % 3 == 0 ? .champion : .rejected, reason: "r", time: 1_000,
              trigger: id, family: "mixture", task: "binary", artifact: String(repeating: "ab", count: 32),
              artifactBytes: 10 * version, challenger: MetricsRecord(rows: 50, loss: 0.25 * Double(version)),
              configuration: "c", code: "x", seed: 1,
              reference: reference(mean: Double(version), levels: version == 1 ? ["a"] : ["a", "b"]))))
        version += 1
      }
      runs.append(record(RunRecord.finished(finished)))
    }
    let scratch = try Scratch()
    #expect(try Run.leeway("topics", "create", in: scratch.path).status == 0)
    let log = try EmbeddedLog(path: scratch.file("leeway.db"))
    defer { log.close() }
    let producer = try log.makeProducer(id: nil)
    try producer.append([
      AppendBatch(TopicPartition("runs", 0), runs), AppendBatch(TopicPartition("models", 0), models),
    ])
    return scratch
  }

  @Test("each run has a line with its rule, metrics and outcome, in a table, CSV and JSON")
  func runs() throws {
    let scratch = try Self.log(7)
    let table = try Run.leeway("models", "runs", "m", in: scratch.path)
    #expect(table.status == 0 && table.lines.count == 8, "\(table.errors)")
    #expect(table.lines[1].contains("drift") && table.lines[1].contains("promoted"))
    #expect(table.lines[2].contains("failed: 12 new rows") && table.lines[3].contains("rejected"))
    #expect(table.lines[7].hasSuffix("open"))
    let csv = try Run.leeway("models", "runs", "--csv", "-", in: scratch.path)
    #expect(csv.lines.count == 8)
    #expect(
      csv.lines[1]
        == "m,m/drift-7-0/1,drift,1970-01-01T00:00:01.000Z,1,champion,1001,50,0.25,,0.9,,,,0.8,,,,,,0.25,promoted,")
    #expect(csv.lines[2].hasSuffix(#",failed,"12 new rows, ""too few""""#))
    #expect(try Run.leeway("models", "runs", "--csv", "runs.csv", in: scratch.path).status == 0)
    #expect(try String(contentsOfFile: scratch.file("runs.csv"), encoding: .utf8) == csv.output)
    let json = try Run.leeway("models", "runs", "--json", in: scratch.path)
    #expect(json.lines.count == 7 && json.lines[2].contains(#""champion":{"rows":50,"loss":0.5},"#), "\(json.output)")
    #expect(try Run.leeway("models", "runs", "n", in: scratch.path).lines.count == 1)
  }

  @Test("a run that was cancelled is no version's, though its trainer was faster than the engine")
  func cancelled() throws {
    let scratch = try Self.log(2)
    let log = try EmbeddedLog(path: scratch.file("leeway.db"))
    defer { log.close() }
    let producer = try log.makeProducer(id: nil)
    let run = "m/drift-7-1/1"
    let request = RunRequest(
      id: "q", model: "m", kind: .cancel, run: run, who: "ada", reason: "wrong labels", time: 5)
    var faster = RunFinished(run: run, model: "m", version: 2, seconds: 1)
    faster.result = Self.result(2, loss: 0.1)
    let end = RunFinished(run: run, model: "m", version: 2, failure: request.cancellation, seconds: 0)
    let records = [RunRecord.requested(request), .finished(faster), .finished(end), .finished(faster)]
    try producer.append([
      AppendBatch(TopicPartition("runs", 0), records.map { Record(timestamp: 5, value: $0.encoded()[...]) })
    ])
    let listed = try Run.leeway("models", "runs", "m", "--json", in: scratch.path)
    let line = try #require(listed.lines.last)
    #expect(line.contains("cancelled by ada: wrong labels") && !line.contains("trained_rows"), "\(line)")
  }

  @Test("thousands of runs are told in one go")
  func many() throws {
    let scratch = try Self.log(3_000)
    let csv = try Run.leeway("models", "runs", "--csv", "-", in: scratch.path)
    #expect(csv.status == 0 && csv.lines.count == 3_001)
  }

  @Test("two versions side by side: metrics, and how their rows differ")
  func compare() throws {
    let scratch = try Self.log(7)
    let table = try Run.leeway("models", "compare", "m", "1", "2", in: scratch.path)
    #expect(table.status == 0, "\(table.errors)")
    func line(_ name: String) -> [Substring] {
      table.lines.first { $0.hasPrefix(name) }?.split(separator: " ") ?? []
    }
    // Version 1 was retired by the record that names version 3 champion.
    #expect(line("status") == ["status", "retired", "rejected"])
    #expect(line("loss") == ["loss", "0.250", "0.500", "+0.250"])
    #expect(line("artifact bytes") == ["artifact", "bytes", "10", "20", "+10"])
    #expect(line("age") == ["age", "1.000", "2.000", "+0.50", "sd", "0.0", "%", "0.0", "%"])
    #expect(line("job").suffix(2) == ["new:", "b"])
    let json = try Run.leeway("models", "compare", "m", "1", "champion", "--json", in: scratch.path)
    #expect(json.status == 0 && json.output.contains(#""differences":{"artifact_bytes":20,"#), "\(json.output)")
    #expect(json.output.contains(#""column":"age","mean":[1,3],"#), "\(json.output)")
    #expect(try Run.leeway("models", "compare", "m", "1", "99", in: scratch.path).status == 1)
  }
}
