import Engine
import Events
import Log

/// Holds what a disturbed world has written against what its input asks for.
enum Checks {
  /// Findings that are told; more say little.
  private static let told = 12

  static func findings(in world: World) throws -> [String] {
    let ledger = Ledger(world.log, world.configuration)
    var findings = sent(world, ledger) + JoinCheck(ledger).findings() + ModelCheck(ledger: ledger).findings()
    let undisturbed = try UndisturbedRun(world.plan)
    try undisturbed.run(as: world.log, setUp: world.setUp)
    findings += Sameness.findings(undisturbed.log, world.log, world.configuration.names)
    return Array(findings.prefix(told))
  }

  /// What producers made is in the log: each record once, in order.
  private static func sent(_ world: World, _ ledger: Ledger) -> [String] {
    world.senders.compactMap { sender in
      let found = ledger.stored(sender.topic, sender.partition).map(\.record)
      guard found != sender.made else { return nil }
      return "\(sender.topic.rawValue)/\(sender.partition) holds \(found.count) records of \(sender.made.count)"
    }
  }
}
