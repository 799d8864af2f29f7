import Bytes
import EventLog
import Events
import Log

/// What becomes of records' times when they are copied.
struct Retiming: Sendable {
  enum Stamp: Equatable, Sendable {
    case kept
    /// Moved by so many milliseconds.
    case moved(Int64)
    /// The time at which the copy is written.
    case now
  }

  static let none = Retiming(stamp: .kept, movesEvents: false)

  let stamp: Stamp
  /// Whether the times in the values of events move with them.
  let movesEvents: Bool
  var clock: @Sendable () -> Int64 = wallClockMilliseconds

  /// - Returns: false where the value has no time that could be moved with the record's.
  func apply(to record: inout Record) -> Bool {
    let before = record.timestamp
    switch stamp {
    case .kept: return true
    case .moved(let milliseconds):
      let (moved, overflow) = before.addingReportingOverflow(milliseconds)
      record.timestamp = overflow ? before : moved
    case .now: record.timestamp = clock()
    }
    guard movesEvents else { return true }
    guard let value = record.value else { return true }
    let (by, overflow) = record.timestamp.subtractingReportingOverflow(before)
    guard !overflow, let moved = EventTime.moved(value, by: by) else { return false }
    record.value = moved[...]
    return true
  }
}
