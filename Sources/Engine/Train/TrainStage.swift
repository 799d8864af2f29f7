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
    /// The newest challenger, which the next run continues; nil where that continues the champion.
    var learner: Int?
    /// Rows before this have been learned by a challenger that was thrown away, and are learned by no other.
    var skipped: Milliseconds?
    /// The last champion that was proven, while one serves that is not.
    var fallback: Int?
    /// What the gate knows of the learner, by its checksum.
    var contest: String?
    /// The first example, by partition, that the learner has not learned, or one before it.
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
    if let result = report.result { judge(run, result, index, into: &outputs) }
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
}
