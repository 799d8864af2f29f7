import Engine
import Events

extension World {
  private static let rounds = 500
  private static let closings = 20

  /// Lets everything come to rest, says that time is over, and lets that be worked off.
  func settle() {
    hasFaults = false
    log.with { $0.slow = [:] }
    for host in hosts {
      host.ghost = nil
      host.pausedUntil = 0
    }
    rest()
    for _ in 0..<Self.closings {
      guard failure == nil, closeTime() else { return }
      rest()
    }
    stop("time cannot be closed: watermarks are written again and again; last error: \(lastError)")
  }

  private func rest() {
    // What the dead have left is open until its time is over.
    let over = log.now + plan.log.sessionTimeout + plan.log.transactionTimeout
    var idle = 0
    for _ in 0..<Self.rounds {
      guard failure == nil else { return }
      log.now += 400
      var busy = log.openTransactions > 0
      log.with { $0.expire() }
      for host in hosts {
        busy = act(on: host) || busy
        busy = carryOut(host) || busy
        busy = host.worker == nil || busy
      }
      idle = busy ? 0 : idle + 1
      if idle > 2, log.now > over { return }
    }
    stop("no rest after \(Self.rounds) rounds; last error: \(lastError)")
  }

  /// - Returns: whether some topic was still behind.
  private func closeTime() -> Bool {
    var said = false
    for host in hosts {
      guard let worker = host.worker as? Worker<JoinStage> else { continue }
      do {
        if try worker.promise(passed: SimulatedInput.end(plan)) { said = true }
      } catch {
        stop("\(host.name): \(error)")
      }
    }
    return said
  }
}
