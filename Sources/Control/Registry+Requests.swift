public import Events

extension Registry {
  /// A version's new status, and why.
  public struct Change: Hashable, Sendable {
    public let version: Int
    public let status: ModelStatus
    public let reason: String
  }

  /// Why a person's request changes nothing.
  public struct Refusal: Error, Hashable {
    /// A stable word: `champion_changed`, `unknown_version` or `impossible_change`.
    public let code: String
    public let reason: String
  }

  /// What a request to promote, reject or roll back comes to, by compare-and-set: where another version is champion than
  /// the one that the person saw, it is refused. Changes nothing itself; a request about a run changes no version.
  ///
  /// - Returns: changes of status, in the order in which they are to be told.
  public func changes(for request: RunRequest) throws(Refusal) -> [Change] {
    guard request.kind != .cancel else { return [] }
    guard champion?.version == request.champion else {
      let present = champion.map { "version \($0.version)" } ?? "no version"
      let seen = request.champion.map { "version \($0)" } ?? "no version"
      throw Refusal(
        code: "champion_changed", reason: "\(present) is the champion, not \(seen), as this was asked for")
    }
    switch request.kind {
    case .promote: return try promotion(request)
    case .reject: return try rejection(request)
    case .rollback: return try rollback(request)
    case .cancel: return []
    }
  }

  private func promotion(_ request: RunRequest) throws(Refusal) -> [Change] {
    let version = try withArtifact(try named(request.version))
    if version.status == .champion { throw impossible("version \(version.version) is the champion already") }
    let former = champion.map {
      Change(version: $0.version, status: .retired, reason: "version \(version.version) is champion now")
    }
    let promoted = Change(version: version.version, status: .champion, reason: request.reason)
    return [former, promoted].compactMap { $0 }
  }

  private func rejection(_ request: RunRequest) throws(Refusal) -> [Change] {
    let version = try named(request.version)
    guard version.status.isJudgedStill else {
      let remedy = version.status == .champion ? ": a champion is rolled back" : ""
      throw impossible(
        "version \(version.version) is \(version.status.rawValue), and only what is judged still can be rejected\(remedy)"
      )
    }
    return [Change(version: version.version, status: .rejected, reason: request.reason)]
  }

  private func rollback(_ request: RunRequest) throws(Refusal) -> [Change] {
    guard let champion else { throw impossible("there is no champion to roll back") }
    let target: Version
    if let wanted = request.version {
      target = try named(wanted)
      if wanted == champion.version {
        throw impossible("version \(wanted) is the champion itself: name the one to go back to")
      }
      guard promotions.contains(wanted) else {
        throw impossible("version \(wanted) never was champion: it can be promoted, not rolled back to")
      }
    } else if let former = formerChampion {
      target = former
    } else {
      throw impossible("no version was champion before version \(champion.version) and could be it again")
    }
    return [
      Change(version: champion.version, status: .rolledBack, reason: request.reason),
      Change(
        version: try withArtifact(target).version, status: .champion,
        reason: "version \(champion.version) was rolled back: \(request.reason)"),
    ]
  }

  /// The newest champion of before that a newer one has replaced, and nobody rolled back.
  public var formerChampion: Version? {
    promotions.reversed().lazy.compactMap(version).first { $0.status == .retired }
  }

  private func named(_ number: Int?) throws(Refusal) -> Version {
    if let number, let version = version(number) { return version }
    let newest = versions.last.map { "the newest is version \($0.version)" } ?? "there is none yet"
    let wanted = number.map { "there is no version \($0)" } ?? "no version is named"
    throw Refusal(code: "unknown_version", reason: "\(wanted); \(newest)")
  }

  private func withArtifact(_ version: Version) throws(Refusal) -> Version {
    if version.artifact.isEmpty { throw impossible("version \(version.version) has no artifact") }
    return version
  }

  private func impossible(_ reason: String) -> Refusal {
    Refusal(code: "impossible_change", reason: reason)
  }
}

extension ModelStatus {
  /// Whether a version may yet become champion by the gate's judgement, or waits for a person's.
  public var isJudgedStill: Bool {
    switch self {
    case .shadow, .canary, .inconclusive: true
    case .champion, .retired, .rejected, .rolledBack: false
    }
  }
}
