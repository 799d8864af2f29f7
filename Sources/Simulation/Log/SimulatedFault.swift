/// What is to happen to one of the next operations on a log.
public enum SimulatedFault: String, CaseIterable, Sendable {
  /// It fails and has done nothing.
  case refused
  /// It is done, and the caller is told that it failed.
  case unacknowledged
  /// A commit stops after a part of its outputs: the transaction stays open. Other operations fail.
  case torn
  /// There is no room: nothing is done.
  case full
}
