import Backtest
import Engine
import Events
import Log
import Synchronization

/// Collects what a page shows of the policies that are tried, several at the same time.
final class PictureBook: Sendable {
  private final class Entry: Sendable {
    let policy: String
    let picture: Mutex<PolicyPicture>
    let times = Mutex(RowTimes())

    init(_ policy: String, _ picture: PolicyPicture) {
      self.policy = policy
      self.picture = Mutex(picture)
    }
  }

  private let entries: [Entry]

  /// - Parameter model: the model that is tried.
  init(_ policies: [Policy], model: String) {
    entries = policies.map { policy in
      let window = policy.configuration.model(named: model)?.monitor.window ?? 0
      return Entry(policy.name, PolicyPicture(model: model, window: window))
    }
  }

  /// Nil for a policy of which nothing is collected.
  func observer(of policy: String) -> OutputObserver? {
    guard let entry = entries.first(where: { $0.policy == policy }) else { return nil }
    return { topic, record, row in
      if topic == .drift { entry.times.withLock { $0.note(row: row, time: record.timestamp) } }
      try entry.picture.withLock { try $0.take(topic, record, row) }
    }
  }

  /// When the rows came that the policies were tried on.
  var times: RowTimes? { entries.first?.times.withLock { $0 } }

  var pictures: [(policy: String, picture: PolicyPicture)] {
    entries.map { entry in (entry.policy, entry.picture.withLock { $0 }) }
  }
}
