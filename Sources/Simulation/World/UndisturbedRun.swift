import Backtest
import Engine
import Events
import Log

/// The same input in the order in which it came to count, worked off by one worker a stage without a fault.
struct UndisturbedRun {
  let plan: SimulationPlan
  let log = SimulatedLog()
  private var workers: [any RunningWorker] = []
  private let configuration: EngineConfiguration
  private let trainer: BuiltinTrainer
  private let reports: any LogProducer
  private let requests: PeopleRequests
  private let inputs: [Topic] = [.predictions, .labels, .features, .watermarks]

  init(_ plan: SimulationPlan) throws {
    self.plan = plan
    configuration = plan.configuration
    trainer = BuiltinTrainer(log, configuration)
    reports = try log.makeProducer(id: nil)
    requests = PeopleRequests(plan, configuration)
    try World.makeTopics(log, plan, configuration)
    let maker = WorkerMaker(log: log, plan: plan, configuration: configuration)
    for stage in StageKind.allCases { workers.append(try maker.make(stage, member: stage.name)) }
  }

  /// Versions have to be published before they serve, so all is worked off before a new one is named.
  ///
  /// - Parameter disturbed: where it came to count, in its journal after `setUp` entries.
  func run(as disturbed: SimulatedLog, setUp: Int) throws {
    let journal = disturbed.with { $0.journal }
    var versions: Set<String> = []
    for (index, entry) in journal.enumerated() {
      let topic = configuration.names.topic(named: entry.partition.topic)
      guard index < setUp || topic.map(inputs.contains) ?? false else { continue }
      if topic == .predictions {
        let named = entry.records.compactMap { try? Prediction.decode(value: $0.record.value) }
          .compactMap { prediction in prediction.version.map { "\(prediction.model)/\($0)" } }
        if !versions.isSuperset(of: named) {
          try drain()
          versions.formUnion(named)
        }
      }
      if topic == .watermarks { extend(to: entry) }
      try log.with { state throws(LogError) in try state.place(entry.records, in: entry.partition) }
    }
    // Behind the last records there may be offsets that nobody is shown.
    let ends = disturbed.with { $0.partitions.mapValues(\.end) }
    for (place, end) in ends {
      guard let topic = configuration.names.topic(named: place.topic), inputs.contains(topic) else { continue }
      log.with { $0.partitions[place]?.extend(to: end) }
    }
    try drain()
  }

  /// A watermark may name offsets that nobody is shown.
  private func extend(to entry: (partition: TopicPartition, records: [StoredRecord])) {
    for mark in entry.records.compactMap({ try? Watermark.decode(value: $0.record.value) }) {
      for named in mark.offsets {
        let place = TopicPartition(configuration.names.prefix + named.topic, mark.partition)
        log.with { $0.partitions[place]?.extend(to: named.offset) }
      }
    }
  }

  private func drain() throws {
    while true {
      for worker in workers { while try worker.step(flush: true) != (0, false) {} }
      let train = workers.compactMap { $0 as? Worker<TrainStage> }
      let runs = train.flatMap { $0.stages.sorted { $0.key < $1.key } }.flatMap { $0.value.openRuns }
      if runs.isEmpty { return }
      for run in runs {
        let outcome = try RunReport.outcome(of: run, by: trainer)
        let asked = requests.batches(before: run).map(\.batch)
        try reports.append(asked + RunReport(run, seconds: 0, outcome: outcome).batches(configuration))
      }
    }
  }
}
