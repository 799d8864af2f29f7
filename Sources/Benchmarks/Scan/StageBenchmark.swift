import Bytes
import Engine
import EventLog
import Events
import Foundation
import Log
import Models
import Sketches

/// Join with Summarize as they run: predictions of twenty numbers from the embedded log to summaries in it, on one core,
/// beside the rate at which the log alone reads them. With `LEEWAY_SOAK_EVENTS=100000000` in the environment also what
/// the process holds after so many events.
struct StageBenchmark: Benchmark {
  let name = "stage"
  var events = 200_000

  func run(into table: inout Table) throws {
    if let events = ProcessInfo.processInfo.environment["LEEWAY_SOAK_EVENTS"].flatMap({ Int($0) }) {
      try StageSoak.run(events: events, into: &table)
    }
    let data = BenchmarkEvents(count: events)
    let forms: [(String, [[UInt8]])] = [
      ("JSON", data.predictions.map { $0.encoded() }), ("binary", data.binaryRecords),
    ]
    for (form, records) in forms {
      let logs = try Logs(data, records, folder: table.folder)
      try table.compare(
        Figure("\(form) events, log to summaries", .perSecond("event"), targets: [.value(500_000)]), items: events,
        ours: .reporting("stage") { try logs.summarize() },
        peer: .contender(.reporting("reading the log") { try logs.read() }))
    }
  }

  /// One log that holds the predictions and is copied for every round, as a round writes.
  private final class Logs {
    let configuration: EngineConfiguration
    private let facts: VersionFacts
    private let original: URL
    private let folder: URL
    private let count: Int
    private var round = 0

    init(_ data: BenchmarkEvents, _ records: [[UInt8]], folder: URL) throws {
      self.folder = folder
      count = records.count
      original = folder.appending(path: "stage-\(UUID().uuidString).db")
      configuration = StageWork.configuration()
      facts = VersionFacts(published: 0, task: "binary", reference: data.reference)
      try StageWork.fill(try EmbeddedLog(path: original.path), configuration, data, records)
    }

    /// A round of the stage with its commits, and how long it took.
    func summarize() throws -> Double {
      round += 1
      let copy = folder.appending(path: "round-\(round).db")
      try FileManager.default.copyItem(at: original, to: copy)
      defer { try? FileManager.default.removeItem(at: copy) }
      return try StageWork.summarize(
        count, of: try EmbeddedLog(path: copy.path), configuration, facts, member: "benchmark")
    }

    /// Reads the same records and does nothing with them.
    func read() throws -> Double {
      let log = try EmbeddedLog(path: original.path)
      let reader = try log.makeReader()
      defer { reader.close() }
      let place = TopicPartition(configuration.names[.predictions], 0)
      var next: Int64 = 0
      return try Stopwatch.seconds {
        while next < Int64(count) { next = try reader.read(place, from: next, limit: ReadLimit(records: 10_000)).next }
      }
    }
  }
}

/// The stage over one partition of predictions, on any log.
enum StageWork {
  private static let batch = 1_000

  /// - Parameter horizon: milliseconds that a prediction waits for its label; one is made in each.
  static func configuration(prefix: String = "", horizon: Milliseconds? = nil) -> EngineConfiguration {
    var intake = IntakeConfiguration()
    intake.pane = 10_000
    if let horizon { intake.labelHorizon = horizon }
    return EngineConfiguration(
      names: TopicNames(prefix: prefix), inputPartitions: 1, intake: intake,
      models: [ModelConfiguration(name: BenchmarkEvents.model, task: .binary)])
  }

  /// Creates the topics and writes the predictions, and a watermark behind which they pass.
  static func fill(
    _ log: any Log, _ configuration: EngineConfiguration, _ data: BenchmarkEvents, _ records: [[UInt8]]
  ) throws {
    for topic in Topic.allCases { try log.create(TopicSpec(name: configuration.names[topic], partitions: 1)) }
    let producer = try log.makeProducer(id: nil)
    defer { producer.close() }
    let place = TopicPartition(configuration.names[.predictions], 0)
    var stored: [Record] = []
    for (prediction, value) in zip(data.predictions, records) {
      stored.append(Record(timestamp: prediction.time, key: Array(prediction.id.utf8)[...], value: value[...]))
      if stored.count == batch {
        try producer.append([AppendBatch(place, stored)])
        stored = []
      }
    }
    let end = (data.predictions.last?.time ?? 0) + 60_000
    let watermark = Watermark(
      partition: 0, time: end,
      offsets: [
        TopicOffset(topic: Topic.predictions.rawValue, offset: try log.makeReader().bounds(of: place).upperBound),
        TopicOffset(topic: Topic.labels.rawValue, offset: 0),
      ])
    let mark = Record(timestamp: end, value: watermark.encoded()[...])
    try producer.append([
      AppendBatch(place, stored), AppendBatch(TopicPartition(configuration.names[.watermarks], 0), [mark]),
    ])
  }

  /// One pass of the stage with its commits, and how long it took from the first record on.
  static func summarize(
    _ count: Int, of log: any Log, _ configuration: EngineConfiguration, _ facts: VersionFacts, member: String,
    by watch: Stopwatch = .elapsed
  ) throws -> Double {
    let directory = FixedDirectory(facts)
    let worker = try Worker(
      JoinStage.self, log: log, configuration: configuration,
      settings: WorkerSettings(member: member, pollRecords: 10_000)
    ) { partition, _ in
      JoinStage(partition: partition, configuration: configuration, versions: directory, firstFreeNumber: 0)
    }
    var read = 0
    while read == 0 { read += try worker.step().records }
    let seconds = try watch.seconds {
      var last = ContinuousClock.now
      while read < count + 1 {
        // As `leeway run` does it.
        let step = try worker.step(flush: ContinuousClock.now - last >= .milliseconds(100))
        read += step.records
        if step.committed { last = .now }
      }
      _ = try worker.step(flush: true)
    }
    try worker.close()
    return seconds
  }
}

/// Knows one version of one model.
final class FixedDirectory: VersionDirectory {
  private let facts: VersionFacts

  init(_ facts: VersionFacts) { self.facts = facts }

  func facts(of model: String, version: Int) -> VersionFacts? { facts }
}

extension BenchmarkEvents {
  var scores: [Double] {
    predictions.compactMap { prediction in
      if case .number(let number) = prediction.score { number } else { nil }
    }
  }

  /// Of the version that scored them.
  var reference: ReferenceRecord {
    func column(_ name: String, _ values: [Double]) -> ColumnReferenceRecord {
      let binning = NumericBinning.build(sortedReference: values.sorted())
      return ColumnReferenceRecord(
        name: name, edges: binning.edges, counts: binning.counts(of: values.span), missing: 0)
    }
    return ReferenceRecord(
      rows: predictions.count, provisional: false, columns: Self.names.enumerated().map { column($1, self.column($0)) },
      prediction: column("(prediction)", scores))
  }
}
