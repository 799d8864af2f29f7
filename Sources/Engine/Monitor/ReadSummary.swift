public import Events
public import Log

/// A record of `summaries`, read: what takes nearly as long as judging by it, and any thread can do ahead.
public final class ReadSummary: Sendable {
  let stored: StoredRecord
  let outcome: Result<SummaryRecord, Refusal>

  public init(_ stored: StoredRecord) {
    self.stored = stored
    outcome = Self.read(stored)
  }

  /// Nil for any other record, and for one that cannot be used.
  public var progress: Progress? {
    if case .success(.progress(let progress)) = outcome { progress } else { nil }
  }

  private static func read(_ stored: StoredRecord) -> Result<SummaryRecord, Refusal> {
    guard let value = stored.record.value else { return .failure(Refusal("null_value", "a summary has no value")) }
    do throws(EventError) {
      return .success(try SummaryRecord.decode(value))
    } catch {
      let (code, reason) = refusal(error)
      return .failure(Refusal(code, reason))
    }
  }
}
