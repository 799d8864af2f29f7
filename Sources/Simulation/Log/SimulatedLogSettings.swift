/// How a simulated log behaves.
public struct SimulatedLogSettings: Sendable {
  /// Whether commits put a control record behind what they wrote, which takes up an offset and is never shown.
  public var marksCommits = true
  /// Whether producers' appends are transactions too.
  public var marksAppends = false
  /// A member that is not heard of for so long, in milliseconds of the log's clock, loses its partitions.
  public var sessionTimeout: Int64 = 3_000
  /// A transaction that is open for so long is aborted.
  public var transactionTimeout: Int64 = 6_000
  /// How many milliseconds a caller waits for what open transactions hide. In a simulation nothing would end them meanwhile.
  public var patience = 0
  /// What sits still while a caller waits a millisecond. In a simulation time goes on elsewhere.
  public var pause: @Sendable () -> Void = {}

  // What a log must do, and what to break on purpose.

  /// Whether a batch that is sent again is recognised.
  var deduplicates = true
  /// Whether members that have lost their place are kept from committing.
  var fences = true
  /// Whether readers are kept from open transactions.
  var hidesOpen = true
  /// Whether an aborted transaction's records go.
  var aborts = true

  public init() {}
}
