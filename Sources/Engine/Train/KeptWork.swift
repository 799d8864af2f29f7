/// What has been done of a run, kept from time to time by the shell, so that the run goes on from there after the end of
/// its process and ends in the same bytes as an undisturbed one.
public struct KeptWork {
  /// What was kept last; nil for a run that begins. Bytes that are not this run's work count for nothing.
  public let bytes: [UInt8]?
  /// Offered between blocks of rows and behind the last: asks for the bytes where it wants to keep them.
  public let keep: (_ bytes: () -> [UInt8]) -> Void

  public init(bytes: [UInt8]?, keep: @escaping (_ bytes: () -> [UInt8]) -> Void) {
    self.bytes = bytes
    self.keep = keep
  }
}
