import Bytes
public import Control
public import Events
public import Log
import Models

/// One partition of triggers and runs in; runs to carry out and changes of models out.
///
/// Decides, and does not train: a run is a record, the shell carries it out and reports in another record. Triggers of
/// a model are worked off one by one in their order, so it does not matter how long a run takes or in which order the
/// two topics are polled.
public struct TrainStage: Stage {
  public static let name = "train"

  struct ModelState {
    let configuration: ModelConfiguration
    var registry = Registry()
    var queue = RunQueue()
    /// The first example, by partition, that no champion has learned.
    var firstFresh: [Int: Int64] = [:]
    var lineage = Lineage()
  }

  let partition: Int
  let configuration: EngineConfiguration
  var models: [ModelState]
  /// States of models that the configuration does not have at present: version numbers are never used twice.
  var absent: [String: ByteSlice] = [:]
  private var next: [Topic: Int64] = [:]

  public init(partition: Int, configuration: EngineConfiguration) {
    self.partition = partition
    self.configuration = configuration
    models = configuration.models.map { ModelState(configuration: $0) }
  }

  public var inputs: [Topic] { [.triggers, .runs] }
  public var ordersInputs: Bool { false }
  public var outputTopics: [Topic] { [.runs, .models] }
  public var positions: [Topic: Int64] { next }

  public mutating func start(at positions: [Topic: Int64]) {
    next = positions
  }

  /// Runs that have been started and not reported: what the shell has to carry out, again after a restart.
  public var openRuns: [RunStarted] {
    models.compactMap(\.queue.current)
  }

  public func registry(of model: String) -> Registry? {
    models.first { $0.configuration.name == model }?.registry
  }

  public mutating func process(
    _ records: some Sequence<StoredRecord>, of topic: Topic, next: Int64, into outputs: inout Outputs
  ) throws {
    let numbered = outputs.numbered
    // Few, and not to be told again: a replay may meet triggers and runs in another order.
    defer { if outputs.numbered != numbered { outputs.wantsSnapshot = true } }
    for stored in records {
      outputs.taking(topic, at: stored.offset)
      do {
        guard let value = stored.record.value else { throw Refusal("null_value", "the record has no value") }
        if topic == .triggers {
          try take(try Trigger.decode(value), into: &outputs)
        } else {
          switch try RunRecord.decode(value) {
          case .started: break
          case .finished(let report): try take(report, into: &outputs)
          case .requested(let request): try take(request, into: &outputs)
          }
        }
      } catch {
        let (code, reason) = refusal(error)
        outputs.emit(
          DeadLetter(
            topic: topic.rawValue, partition: partition, offset: stored.offset, code: code, reason: reason,
            time: stored.record.timestamp,
            sample: DeadLetter.sample(of: stored.record.value)))
      }
    }
    self.next[topic] = next
  }

  func index(of model: String) throws -> Int {
    guard let index = models.firstIndex(where: { $0.configuration.name == model }) else {
      throw Refusal("unknown_model", "no model \(model.prefix(80).debugDescription) in the configuration")
    }
    return index
  }

  private mutating func take(_ trigger: Trigger, into outputs: inout Outputs) throws {
    let index = try index(of: trigger.model)
    guard models[index].queue.offer(trigger) else {
      throw Refusal("duplicate_trigger", "trigger \(trigger.id) is known already: a trigger has one run")
    }
    startNext(index, into: &outputs)
  }

  private mutating func take(_ report: RunFinished, into outputs: inout Outputs) throws {
    let index = try index(of: report.model)
    guard let run = models[index].queue.finish(report.run) else { return }
    if let result = report.result {
      models[index].lineage.note(run)
      judge(run, result, index, into: &outputs)
    }
    startNext(index, into: &outputs)
  }

  mutating func startNext(_ index: Int, into outputs: inout Outputs) {
    while let trigger = models[index].queue.next() {
      let run = models[index].run(for: trigger)
      if let reason = models[index].refusal(of: run, for: trigger) {
        end(trigger, index, reason, into: &outputs)
        continue
      }
      models[index].queue.start(run)
      outputs.emit(RunRecord.started(run), kind: "run", to: .runs, key: run.model, time: run.time)
    }
  }

  private mutating func judge(_ run: RunStarted, _ result: RunResult, _ index: Int, into outputs: inout Outputs) {
    let training = models[index].configuration.training
    let verdict = Gate(tolerance: training.tolerance).judge(result)
    let status: ModelStatus =
      switch verdict.outcome {
      case .promote: .champion
      case .reject: .rejected
      case .inconclusive: .inconclusive
      }
    let retired = models[index].enter(run, result, status)
    func record(_ version: Int, _ status: ModelStatus, _ reason: String) -> ModelRecord {
      ModelRecord(
        model: run.model, version: version, status: status, reason: reason, time: run.time, parent: run.parent,
        trigger: run.run, family: run.family, task: models[index].configuration.task.name,
        configuration: configuration.fingerprint, code: configuration.code, seed: run.seed)
    }
    if let retired {
      var change = record(retired.version, .retired, "version \(run.version) is champion now")
      change.parent = retired.parent
      change.artifact = retired.artifact
      publish(change, index, into: &outputs)
    }
    var change = record(run.version, status, verdict.reason)
    (change.artifact, change.artifactBytes) = (result.artifact, result.artifactBytes)
    (change.challenger, change.champion, change.difference) = (result.challenger, result.champion, result.difference)
    (change.rows, change.trainedRows, change.rowsHash) = (result.learned, result.trainedRows, result.rowsHash)
    change.reference = result.reference
    publish(change, index, into: &outputs)
  }
}

extension TrainStage.ModelState {
  mutating func run(for trigger: Trigger) -> RunStarted {
    let champion = registry.champion
    for rows in trigger.rows.partitions {
      firstFresh[rows.partition] = min(firstFresh[rows.partition] ?? rows.first, rows.first)
    }
    let training = configuration.training
    let rows = RowSet(
      from: champion?.before, before: trigger.rows.before,
      partitions: trigger.rows.partitions.map {
        PartitionRows(partition: $0.partition, first: firstFresh[$0.partition] ?? $0.first, end: $0.end)
      })
    return RunStarted(
      run: trigger.id, model: trigger.model, time: trigger.time, version: registry.nextVersion,
      parent: champion?.version, parentArtifact: champion?.artifact, family: configuration.familyName,
      seed: training.seed, rows: rows, referenceFrom: registry.referenceStart(rows: training.referenceRows),
      onset: trigger.onset, holdout: training.holdout)
  }

  /// - Returns: the version that is champion no longer.
  mutating func enter(_ run: RunStarted, _ result: RunResult, _ status: ModelStatus) -> Registry.Version? {
    if status == .champion {
      // The rows held out are the next run's first.
      firstFresh = Dictionary(
        result.heldOut.partitions.map { ($0.partition, $0.first) }, uniquingKeysWith: { first, _ in first })
    }
    return registry.enter(
      Registry.Version(
        version: run.version, status: status, artifact: result.artifact, trainedRows: result.trainedRows,
        from: result.learned.from ?? .min, before: result.learned.before, parent: run.parent))
  }
}
