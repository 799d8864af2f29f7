import Backtest
import Engine
import Events
import Log

/// The engine's workers, the producers before it and the log between them, in one thread on one clock; every choice is
/// drawn from the seed.
final class World {
  let plan: SimulationPlan
  let log: SimulatedLog
  /// What workers see of the log.
  let port: any Log
  let configuration: EngineConfiguration
  private let maker: WorkerMaker
  private let trainer: BuiltinTrainer
  private let reports: any LogProducer
  private let requests: PeopleRequests
  let tools: any LogProducer
  private let reader: any LogReader
  var random: SeededRandom
  var trace: SimulationTrace
  var hosts: [Host] = []
  private(set) var senders: [Sender] = []
  /// The version of each model that serves.
  private var serving: [String: Int] = [:]
  /// Those of each model that have served, in order.
  private var served: [String: [Int]] = [:]
  private var modelsRead: [Int: Int64] = [:]
  /// By how much the shell's clocks are ahead.
  var clockAhead: Milliseconds = 0
  var wallAhead: Milliseconds = 0
  /// Why a worker cannot go on at all.
  private(set) var failure: String?
  private(set) var lastError = ""
  private(set) var restarts = 0
  var hasFaults = true
  /// How much of the log's journal was there before anything began.
  let setUp: Int

  init(_ plan: SimulationPlan, mutation: Mutation?, isTracing: Bool) throws {
    self.plan = plan
    configuration = plan.configuration
    random = SeededRandom(seed: plan.seed ^ 0x5157_0f2d)
    trace = SimulationTrace(isOn: isTracing)
    log = SimulatedLog(mutation?.settings(plan.log) ?? plan.log)
    log.now = SimulationPlan.start
    try Self.makeTopics(log, plan, configuration)
    let input = SimulatedInput(plan, &random)
    tools = try log.makeProducer(id: "tools")
    try Self.setUp(input, configuration, tools)
    setUp = log.with { $0.journal.count }
    port = mutation?.wrap(log) ?? log
    maker = WorkerMaker(
      log: port, plan: plan, configuration: configuration, looksForImports: mutation != .forgetImports)
    trainer = BuiltinTrainer(log, configuration)
    reports = try log.makeProducer(id: nil)
    requests = PeopleRequests(plan, configuration)
    reader = try log.makeReader()
    for topic in Topic.allCases {
      guard let items = input.items[topic] else { continue }
      for partition in 0..<plan.inputPartitions {
        let producer = try log.makeProducer(id: "serving-\(topic.rawValue)-\(partition)")
        senders.append(Sender(topic, partition, items: items, producer: producer))
      }
    }
    for stage in StageKind.allCases {
      for number in 0..<plan.workers[stage.rawValue] { hosts.append(Host(stage, name: "\(stage.name)-\(number)")) }
    }
  }

  static func makeTopics(_ log: SimulatedLog, _ plan: SimulationPlan, _ configuration: EngineConfiguration) throws {
    for topic in Topic.allCases {
      let partitions =
        switch topic.partitionSetting {
        case .events: plan.inputPartitions
        case .models: plan.modelPartitions
        case nil: 1
        }
      // Twice the label horizon.
      let retention = plan.retains && [.predictions, .labels, .watermarks].contains(topic)
      try log.create(
        TopicSpec(
          name: configuration.names[topic], partitions: partitions,
          retention: retention ? Retention(milliseconds: 24 * SimulationPlan.second) : .forever,
          compacted: topic.isCompacted))
    }
  }

  private static func setUp(
    _ input: SimulatedInput, _ configuration: EngineConfiguration, _ producer: any LogProducer
  ) throws {
    for (partition, records) in input.history.sorted(by: { $0.key < $1.key }) {
      try producer.append([AppendBatch(TopicPartition(configuration.names[.examples], partition), records)])
    }
    for trigger in input.triggers { try producer.append([trigger.batch(configuration)]) }
  }

  // MARK: Time goes on

  /// Until everything has been sent.
  func live() {
    while senders.contains(where: { !$0.isDone }), failure == nil {
      log.now += Milliseconds.random(in: 0...140, using: &random)
      if random.once(in: plan.eventEvery) { disturb() }
      for index in senders.indices where senders[index].isDue(at: log.now) && !random.once(in: 3) { send(index) }
      let host = random.pick(hosts)
      act(on: host)
      if random.once(in: 4) { carryOut(host) }
    }
  }

  private func send(_ index: Int) {
    let fault = hasFaults && random.once(in: plan.faultEvery) ? random.pick(SimulatedFault.allCases) : nil
    if let fault { log.with { $0.arm(fault, after: 0) } }
    defer { _ = log.with { $0.disarm() } }
    let most = Int.random(in: 1...6, using: &random)
    let topic = senders[index].topic
    if topic == .predictions { learnServing() }
    do throws(LogError) {
      let isOld = random.once(in: 10)
      let versions = isOld ? serving.mapValues { max($0 - 1, 1) }.merging(older) { $1 } : serving
      let count = try senders[index].send(configuration.names[topic], at: log.now, most: most) { prediction in
        Self.scored(prediction, by: versions[prediction.model])
      }
      trace.note("\(clock) sent \(count) to \(topic.rawValue)/\(senders[index].partition)")
      if hasFaults, random.once(in: 25) {
        try senders[index].repeatLast()
        trace.note("\(clock) sent the same to \(topic.rawValue)/\(senders[index].partition) again")
      }
    } catch {
      trace.note("\(clock) sending to \(topic.rawValue)/\(senders[index].partition) failed: \(error)")
    }
  }

  /// A score that follows from the row alone.
  private static func scored(_ prediction: Prediction, by version: Int?) -> [UInt8] {
    guard let version else { return prediction.encoded() }
    var prediction = prediction
    prediction.version = version
    prediction.score = .number(Double(prediction.id.utf8.reduce(7) { ($0 &* 31 &+ Int($1)) % 97 }) / 97)
    return prediction.encoded()
  }

  /// The version before, of models whose versions may serve long after they were kept back: one that has not served yet
  /// would be unknown here and known there.
  private var older: [String: Int] {
    plan.asks ? served.compactMapValues { $0.dropLast().last ?? $0.last } : [:]
  }

  private func learnServing() {
    for partition in 0..<plan.modelPartitions {
      let place = TopicPartition(configuration.names[.models], partition)
      guard let fetch = try? reader.read(place, from: modelsRead[partition] ?? 0, limit: ReadLimit()) else { continue }
      modelsRead[partition] = fetch.next
      for record in fetch.records {
        guard let change = try? ModelRecord.decode(value: record.record.value), change.status == .champion else {
          continue
        }
        serving[change.model] = change.version
        served[change.model, default: []].append(change.version)
      }
    }
  }

  // MARK: Workers

  var clock: String { "\(log.now - SimulationPlan.start)" }

  /// One step of a process, as the command's threads make them.
  @discardableResult
  func act(on host: Host) -> Bool {
    guard host.pausedUntil <= log.now else { return false }
    let fault = hasFaults && random.once(in: plan.faultEvery) ? random.pick(SimulatedFault.allCases) : nil
    if let fault {
      let operations = Int.random(in: 0...6, using: &random)
      log.with { $0.arm(fault, after: operations) }
    }
    defer {
      let isLeft = log.with { $0.disarm() }
      if let fault, !isLeft { trace.note("\(clock) \(host.name): \(fault.rawValue)") }
    }
    if host.ghost != nil { haunt(host) }
    do {
      guard let worker = try host.worker ?? start(host) else { return false }
      return try step(worker, host)
    } catch {
      fail(host, error)
      return true
    }
  }

  private func start(_ host: Host) throws -> (any RunningWorker)? {
    guard host.restartAt <= log.now else { return nil }
    host.worker = try maker.make(host.stage, member: host.name)
    trace.note("\(clock) \(host.name) is at work")
    return host.worker
  }

  /// What takes another's place under its name; the other goes on for a while.
  func double(_ host: Host) {
    guard let old = host.worker, let new = try? maker.make(host.stage, member: host.name) else { return }
    (host.ghost, host.worker) = (old, new)
  }

  private func haunt(_ host: Host) {
    do { _ = try host.ghost?.step(flush: true) } catch {
      trace.note("\(clock) \(host.name), the older: \(error)")
      host.ghost = nil
    }
  }

  private func step(_ worker: any RunningWorker, _ host: Host) throws -> Bool {
    // Left in peace a worker commits as often as `leeway run` has it, before a transaction is open for too long.
    let flush = random.once(in: 6) || !hasFaults
    var (records, committed) = try worker.step(flush: flush)
    var isIdle = records == 0 && !committed
    if records == 0, !committed, !hasFaults || random.once(in: 2) {
      (records, committed) = try worker.step(flush: true)
      isIdle = records == 0 && !committed
    }
    if !isIdle { trace.note("\(clock) \(host.name): \(records) records\(committed ? ", committed" : "")") }
    if let join = worker as? Worker<JoinStage>, hasFaults {
      if try host.silence.look(at: join, clock: log.now + clockAhead, wall: log.now + wallAhead) {
        trace.note("\(clock) \(host.name) wrote watermarks")
        isIdle = false
      }
    }
    if let train = worker as? Worker<TrainStage>, isIdle { offer(train, host) }
    return !isIdle
  }

  private func fail(_ host: Host, _ error: any Error) {
    lastError = "\(host.name): \(error)"
    trace.note("\(clock) \(lastError)")
    host.worker = nil
    restarts += 1
    if let error = error as? LogError, error.retriable || error.code == .diskFull {
      host.restartAt = log.now + Milliseconds.random(in: 50...900, using: &random)
    } else {
      failure = failure ?? "\(host.name) stopped for good: \(error)"
    }
  }

  // MARK: Runs

  /// Not before everything is read: the report of a run that seems open may be in the log already.
  private func offer(_ worker: Worker<TrainStage>, _ host: Host) {
    for run in worker.stages.sorted(by: { $0.key < $1.key }).flatMap({ $0.value.openRuns }) {
      if host.known.insert(run.run).inserted { host.runs.append(run) }
    }
  }

  /// - Returns: whether there was a run to carry out.
  @discardableResult
  func carryOut(_ host: Host) -> Bool {
    guard let run = host.runs.first, host.pausedUntil <= log.now else { return false }
    // It throws what may pass: the run is carried out again.
    guard let outcome = try? RunReport.outcome(of: run, by: trainer) else { return true }
    let fault = hasFaults && random.once(in: plan.faultEvery) ? random.pick(SimulatedFault.allCases) : nil
    if let fault { log.with { $0.arm(fault, after: 0) } }
    defer { _ = log.with { $0.disarm() } }
    do {
      try reports.append(asked(before: run) + RunReport(run, seconds: 0, outcome: outcome).batches(configuration))
      host.runs.removeFirst()
      trace.note("\(clock) \(host.name) carried out \(run.run)")
    } catch {
      trace.note("\(clock) \(host.name) could not report \(run.run): \(error)")
    }
    return true
  }

  /// What people ask before the run's report, unless they have: a run may be carried out twice.
  private func asked(before run: RunStarted) -> [AppendBatch] {
    let batches = requests.batches(before: run)
    guard let first = batches.first else { return [] }
    let isAsked = log.history(of: first.batch.partition).contains { $0.record.header("ce_id") == first.id }
    if !isAsked { for (id, _) in batches { trace.note("\(clock) \(id)") } }
    return isAsked ? [] : batches.map(\.batch)
  }

  func stop(_ reason: String) { failure = failure ?? reason }
}
