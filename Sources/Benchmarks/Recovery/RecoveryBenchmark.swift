import Engine
import EventLog
import Events
import Foundation
import Log
import Models

/// A takeover: a worker is gone without a word, and another one reads the newest snapshot and goes on from there up to the
/// commit, outputs suppressed. Beside it the way without snapshots, from the log's start. Also what the process holds more at
/// most meanwhile: the snapshot, the partition's state and what is read at a time.
struct RecoveryBenchmark: Benchmark {
  let name = "recovery"
  var events = 400_000
  /// Predictions that wait for their labels at any time; most of the state.
  var open = [2_000, 20_000, 100_000]

  func run(into table: inout Table) throws {
    let data = BenchmarkEvents(count: events)
    for count in open {
      let configuration = StageWork.configuration(horizon: Milliseconds(count))
      let facts = VersionFacts(published: 0, task: "binary", reference: data.reference)
      let folder = table.folder.appending(path: "recovery-\(count)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let fresh = folder.appending(path: "fresh.db")
      let used = folder.appending(path: "used.db")
      try StageWork.fill(EmbeddedLog(path: fresh.path), configuration, data, data.binaryRecords)
      try FileManager.default.copyItem(at: fresh, to: used)
      _ = try takeOver(used, configuration, facts)
      var again = 0
      let peak = try Residency.peak { again = try takeOver(used, configuration, facts).records }
      try table.compare(
        Figure("takeover with \(count) open predictions, \(again) records read again", .milliseconds), items: 1,
        ours: .reporting("takeover") { try takeOver(used, configuration, facts).seconds },
        peer: .contender(
          .reporting("from the log's start") {
            let copy = folder.appending(path: "round.db")
            try FileManager.default.copyItem(at: fresh, to: copy)
            defer { try? FileManager.default.removeItem(at: copy) }
            return try takeOver(copy, configuration, facts).seconds
          }))
      if let peak {
        table.add(Row(figure: Figure("memory of that takeover, at most", .kilobytes), ours: peak, peer: .none))
      }
    }
  }

  /// A worker that reads all there is, commits as `leeway run` does, and is dropped.
  private func takeOver(
    _ file: URL, _ configuration: EngineConfiguration, _ facts: VersionFacts
  ) throws -> (seconds: Double, records: Int) {
    let log = try EmbeddedLog(path: file.path)
    let directory = FixedDirectory(facts)
    var records = 0
    let seconds = try Stopwatch.seconds {
      let worker = try Worker(
        JoinStage.self, log: log, configuration: configuration, settings: WorkerSettings(commitRecords: 5_000)
      ) { partition, _ in
        JoinStage(partition: partition, configuration: configuration, versions: directory, firstFreeNumber: 0)
      }
      repeat { records += try worker.step().records } while try !worker.hasReadAll()
    }
    return (seconds, records)
  }
}
