import Events

/// Which version of one model should serve, by what `models` said so far.
struct ChampionTrail {
  /// Champions to fall back on where the newest cannot be served: what a subscriber that saw them one by one would
  /// serve then.
  static let fallbacks = 8

  /// Changes of champion since the last decision, oldest first.
  private var pending: [ModelRecord] = []
  private var withdrawn: Set<Int> = []
  /// When the newest record that was believed had been signed.
  private var lastSigned = Int64.min
  /// Champions since the last one that was believed, and since the last decision, oldest first. They never take the
  /// place of one that was believed.
  private(set) var refusals: [RefusedModel] = []
  private(set) var serving: ModelRecord?

  /// Other changes than of champion change nothing: a champion that is rolled back or retired serves until the next
  /// champion is named. A rolled back version is no fallback, though.
  mutating func observe(_ record: ModelRecord) {
    switch record.status {
    case .champion:
      withdrawn.remove(record.version)
      refusals = []
      pending.append(record)
      if pending.count > 1 + Self.fallbacks { pending.removeFirst() }
    case .rolledBack:
      withdrawn.insert(record.version)
    case .shadow, .canary, .retired, .rejected, .inconclusive:
      break
    }
  }

  /// Takes a record with a good signature.
  /// - Returns: why it is not believed all the same: it was signed before one that has been.
  mutating func observe(_ record: ModelRecord, signedAt time: Int64) -> String? {
    guard time >= lastSigned else {
      return
        "its record was signed at \(RFC3339.format(time)), before one that has been read already: somebody wrote an "
        + "old record again"
    }
    // The same record once more, as a copy of a log may have it.
    if time == lastSigned { return nil }
    lastSigned = time
    observe(record)
    return nil
  }

  mutating func refuse(_ record: ModelRecord, _ reason: String) {
    refusals.append(RefusedModel(record, because: reason))
    if refusals.count > Self.fallbacks { refusals.removeFirst() }
  }

  /// Versions to try, in this order, until one can be served; none where the version in service is the right one.
  var candidates: [ModelRecord] {
    guard let newest = pending.last else { return [] }
    let former = pending.dropLast().reversed().filter { !withdrawn.contains($0.version) }
    return ([newest] + former).prefix { !isServing($0) }
  }

  /// Ends the decision: this candidate serves, or the former version goes on.
  mutating func decide(_ record: ModelRecord?) {
    if let record { serving = record }
    pending = []
    refusals = []
  }

  private func isServing(_ record: ModelRecord) -> Bool {
    serving.map { $0.version == record.version && $0.artifact == record.artifact } ?? false
  }
}
