/// What a person asks of a model's versions or runs. Train decides whether it is done, by what holds when it reads this.
public struct RunRequest: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// Makes a version the champion.
    case promote
    /// Takes a version that is still judged out of the running.
    case reject
    /// Takes the champion out of service, for the version named or else for the one that was champion before.
    case rollback
    /// Ends a run that waits or is under way.
    case cancel
  }

  /// Tells this request from every other one for the model: what comes twice is done once.
  public var id: String
  public var model: String
  public var kind: Kind
  /// The version to promote, to reject, or to roll back to.
  public var version: Int?
  /// The run to cancel.
  public var run: String?
  /// The champion that the person saw, `nil` for none: where another one is champion by now, nothing is changed. Says
  /// nothing where a run is cancelled.
  public var champion: Int?
  /// The person's login name.
  public var who: String
  public var reason: String
  public var time: Milliseconds

  public init(
    id: String, model: String, kind: Kind, version: Int? = nil, run: String? = nil, champion: Int? = nil, who: String,
    reason: String, time: Milliseconds
  ) {
    self.id = id
    self.model = model
    self.kind = kind
    self.version = version
    self.run = run
    self.champion = champion
    self.who = who
    self.reason = reason
    self.time = time
  }

  /// Why a run has ended that this has cancelled, as its record says.
  public var cancellation: String { "cancelled by \(who): \(reason)" }
}
