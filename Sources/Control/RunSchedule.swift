public import Events

/// Which of the open runs a process carries out now, which wait, and which must make room.
///
/// Runs go by priority, then the time of their trigger, then their model. One of a higher priority that finds all places
/// taken takes that of the last in this order which has a lower one and may be preempted. The caller does what `next`
/// says and tells what came of it; what a run makes never depends on when it is carried out.
public struct RunSchedule: Hashable, Sendable {
  /// An open run.
  public struct Entry: Hashable, Sendable {
    public let run: String
    public let model: String
    /// Higher ones go first.
    public let priority: Int
    /// The trigger's.
    public let time: Milliseconds
    public let isPreemptible: Bool

    public init(run: String, model: String, priority: Int, time: Milliseconds, isPreemptible: Bool) {
      self.run = run
      self.model = model
      self.priority = priority
      self.time = time
      self.isPreemptible = isPreemptible
    }
  }

  public enum Step: Hashable, Sendable {
    case start(String)
    /// Ends the work on a run: another one goes before it, or it is open no longer.
    case stop(String)
  }

  public enum End: Hashable, Sendable {
    /// Its outcome is in the log: it is not carried out again, although it may be seen to be open for a while.
    case reported
    /// Without an outcome.
    case stopped
    /// It could not begin, and lets others go before it until `retry`.
    case unready
    /// Its outcome was refused, as the run seems to be another process's: it waits to be seen again.
    case disowned
  }

  public enum Standing: Hashable, Sendable {
    case waiting, working
    /// It could not begin, and is not tried at present.
    case held
    /// It has been told to stop, and has its place still.
    case leaving
    case reported
  }

  private struct Item: Hashable, Sendable {
    let entry: Entry
    var standing = Standing.waiting
    var isOpen = true
  }

  /// Runs at work at the same time.
  public let places: Int
  private var items: [String: Item] = [:]

  public init(places: Int) {
    self.places = max(places, 1)
  }

  public func standing(of run: String) -> Standing? { items[run]?.standing }

  /// Whether a run that waits or has a place was open when that was seen last.
  public func isOpen(_ run: String) -> Bool { items[run]?.isOpen == true }

  /// Whether no run waits or has a place.
  public var isIdle: Bool { items.values.allSatisfy { $0.standing == .reported } }

  /// - Parameter open: all runs that are open now. One that was open and is not any more is let go.
  /// - Returns: whether one of them is new.
  public mutating func see(_ open: [Entry]) -> Bool {
    let names = Set(open.map(\.run))
    for (run, item) in items {
      items[run]?.isOpen = names.contains(run)
      let hasPlace = item.standing == .working || item.standing == .leaving
      if !hasPlace, !names.contains(run) { items[run] = nil }
    }
    let new = open.filter { items[$0.run] == nil }
    for entry in new { items[entry.run] = Item(entry: entry) }
    return !new.isEmpty
  }

  /// What to do next, to be asked until there is nothing.
  public mutating func next() -> Step? {
    if let gone = sorted(.working).last(where: { !$0.isOpen }) { return stop(gone) }
    let (waiting, working) = (sorted(.waiting), sorted(.working))
    let leaving = items.values.count { $0.standing == .leaving }
    guard let first = waiting.first else { return nil }
    if working.count + leaving < places {
      items[first.entry.run]?.standing = .working
      return .start(first.entry.run)
    }
    // Those before it get the places that are about to be free.
    guard leaving < waiting.count, let victim = working.last(where: \.entry.isPreemptible),
      victim.entry.priority < waiting[leaving].entry.priority
    else { return nil }
    return stop(victim)
  }

  /// What could not begin is tried again.
  public mutating func retry() {
    for (run, item) in items where item.standing == .held { items[run]?.standing = .waiting }
  }

  /// The work on a run has ended, whether or not it was told to.
  public mutating func end(_ run: String, _ end: End) {
    guard let item = items[run], item.standing == .working || item.standing == .leaving else { return }
    switch end {
    case .reported where item.isOpen: items[run]?.standing = .reported
    case .stopped where item.isOpen: items[run]?.standing = .waiting
    case .unready where item.isOpen: items[run]?.standing = .held
    default: items[run] = nil
    }
  }

  private mutating func stop(_ item: Item) -> Step {
    items[item.entry.run]?.standing = .leaving
    return .stop(item.entry.run)
  }

  private func sorted(_ standing: Standing) -> [Item] {
    items.values.filter { $0.standing == standing }.sorted { $0.entry.goesBefore($1.entry) }
  }
}

extension RunSchedule.Entry {
  /// The order in which runs are carried out.
  public func goesBefore(_ other: Self) -> Bool {
    (other.priority, time, model, run) < (priority, other.time, other.model, other.run)
  }
}
