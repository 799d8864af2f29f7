import Bytes
import Engine
import Events
import Log

extension World {
  private enum Disturbance: CaseIterable {
    case crash, vanish, close, pause, rebalance, double, jump, slow, spoil, retain
  }

  /// Something happens to the cluster.
  func disturb() {
    let host = random.pick(hosts)
    switch random.pick(Disturbance.allCases) {
    case .crash: crash(host, as: host.name)
    case .vanish: crash(host, as: "\(host.stage.name)-new-\(log.with { $0.number() })")
    case .close: close(host)
    case .pause:
      host.pausedUntil = log.now + Milliseconds.random(in: 500...7_000, using: &random)
      trace.note("\(clock) \(host.name) sleeps until \(host.pausedUntil - SimulationPlan.start)")
    case .rebalance:
      log.with { state in
        for name in state.groups.keys where name.hasSuffix(host.stage.name) { state.groups[name]?.rebalance() }
      }
      trace.note("\(clock) group of \(host.stage.name) is dealt out anew")
    case .double:
      double(host)
      trace.note("\(clock) another \(host.name) begins")
    case .jump:
      wallAhead += Milliseconds.random(in: -20_000...20_000, using: &random)
      clockAhead += random.pick([0, 0, 3_000, 15_000])
      trace.note("\(clock) clocks jump: \(wallAhead) and \(clockAhead) ms ahead")
    case .slow: slowDown()
    case .spoil: if plan.spoilsSnapshots { spoil() }
    case .retain: if plan.retains { retain() }
    }
  }

  private func crash(_ host: Host, as name: String) {
    trace.note("\(clock) \(host.name) dies, to come back as \(name)")
    host.crash()
    host.name = name
    host.restartAt = log.now + random.pick([0, 100, 2_000, 6_000])
  }

  private func close(_ host: Host) {
    trace.note("\(clock) \(host.name) is closed")
    do { try host.worker?.close() } catch { trace.note("\(clock) \(host.name): \(error)") }
    host.crash()
    host.restartAt = log.now + random.pick([0, 100, 2_000, 6_000])
  }

  private func slowDown() {
    let places = log.with { $0.partitions.keys.sorted() }
    let place = random.pick(places)
    let until = log.now + Milliseconds.random(in: 200...3_000, using: &random)
    log.with { state in
      state.slow[place] = (until, state.partitions[place].map { state.bound(of: $0) } ?? 0)
    }
    trace.note("\(clock) \(place) is slow until \(until - SimulationPlan.start)")
  }

  /// Cuts, changes or deletes snapshots that the log holds.
  private func spoil() {
    let place = TopicPartition(configuration.names[.checkpoints], 0)
    var newest: [ByteSlice: Record] = [:]
    for stored in log.history(of: place) {
      if let key = stored.record.key { newest[key] = stored.record }
    }
    var spoilt: [Record] = []
    for key in newest.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) where random.once(in: 2) {
      guard var record = newest[key], let value = record.value else { continue }
      switch Int.random(in: 0..<4, using: &random) {
      case 0: record.value = nil
      case 1: record.value = Array(value.map { $0 ^ 0x55 })[...]
      case 2: record.value = value.dropLast()
      default: record.headers = []
      }
      spoilt.append(record)
    }
    guard !spoilt.isEmpty, (try? tools.append([AppendBatch(place, spoilt)])) != nil else { return }
    trace.note("\(clock) \(spoilt.count) records of checkpoints are spoilt")
  }

  /// Drops what no restart needs: where every partition has one worker that knows from where on.
  private func retain() {
    let workers = hosts.compactMap { $0.worker as? Worker<JoinStage> }
    let times = workers.compactMap(\.savedTime)
    let places = workers.flatMap { Array($0.stages.keys) }
    guard times.count == workers.count, places.sorted() == Array(0..<plan.inputPartitions), let time = times.min()
    else { return }
    try? log.maintain(now: log.now, workedOff: time)
    trace.note("\(clock) retention, worked off up to \(time - SimulationPlan.start)")
  }
}
