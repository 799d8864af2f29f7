import ArgumentParser
import Events
import Log

/// A place in partitions, as people name it: where they start or end, an offset, or a time.
enum LogEdge: Equatable, ExpressibleByArgument {
  case start, end
  case offset(Int64)
  case time(Milliseconds)

  init?(argument: String) {
    switch argument {
    case "start": self = .start
    case "end": self = .end
    default:
      if let offset = Int64(argument), offset >= 0 {
        self = .offset(offset)
      } else if let time = RFC3339.parse(Array(argument.utf8)[...]) {
        self = .time(time)
      } else {
        return nil
      }
    }
  }

  /// - Throws: `ValidationError` for a stretch that is empty whatever the log holds.
  static func check(from: LogEdge?, to: LogEdge?) throws {
    switch (from, to) {
    case (.end?, _): throw ValidationError("--from end leaves nothing.")
    case (_, .start?): throw ValidationError("--to start leaves nothing.")
    case (.offset(let first)?, .offset(let end)?) where first >= end,
      (.time(let first)?, .time(let end)?) where first >= end:
      throw ValidationError("--from is not before --to.")
    default: break
    }
  }

  /// An offset between the first retained one and the end.
  func offset(in partition: TopicPartition, _ reader: any LogReader) throws(LogError) -> Int64 {
    let bounds = try reader.bounds(of: partition)
    let wanted =
      switch self {
      case .start: bounds.lowerBound
      case .end: bounds.upperBound
      case .offset(let offset): offset
      case .time(let time): try reader.offset(in: partition, atOrAfter: time)
      }
    return min(Swift.max(wanted, bounds.lowerBound), bounds.upperBound)
  }
}
