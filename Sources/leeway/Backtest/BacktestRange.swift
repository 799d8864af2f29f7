import ArgumentParser
import Events
import Log

/// Which stretch of recorded events is replayed.
struct BacktestRange: ParsableArguments {
  @Option(
    help: """
      Events from here on: a time such as 2025-11-05T12:00:00Z, or an offset of predictions (default: all that is kept).
      """)
  var from: LogEdge?

  @Option(help: "Events up to here and not with it: a time, or an offset of predictions (default: all that there are).")
  var to: LogEdge?

  func validate() throws { try LogEdge.check(from: from, to: to) }

  var isWhole: Bool { from == nil && to == nil }

  /// The same stretch for other topics: offsets of predictions are turned into the times of their records.
  func edges(_ predictions: [TopicPartition], _ reader: any LogReader) throws -> RangeOptions {
    var edges = try RangeOptions.parse([])
    edges.from = try from.map { try time(of: $0, predictions, reader) }
    if case .offset(let offset)? = from, edges.from == .end {
      throw CommandError(
        "every partition ends before offset \(offset)", at: predictions.first?.topic,
        remedy: "begin earlier, or leave --from out")
    }
    edges.to = try to.map { try time(of: $0, predictions, reader) }
    return edges
  }

  private func time(of edge: LogEdge, _ predictions: [TopicPartition], _ reader: any LogReader) throws -> LogEdge {
    guard case .offset(let offset) = edge else { return edge }
    var earliest: Milliseconds?
    for place in predictions {
      let bounds = try reader.bounds(of: place)
      guard offset >= bounds.lowerBound else {
        throw CommandError(
          "retention has taken offsets \(offset) to \(bounds.lowerBound - 1)", at: "\(place)",
          remedy: "begin later, or leave --from out")
      }
      let first = try reader.read(place, from: min(offset, bounds.upperBound), limit: ReadLimit(records: 1)).records
        .first
      if let time = first?.record.timestamp { earliest = min(earliest ?? time, time) }
    }
    return earliest.map(LogEdge.time) ?? .end
  }
}

extension BacktestRange {
  /// The same of a file, which knows times alone.
  func times(at path: String) throws -> ClosedRange<Milliseconds> {
    func time(_ edge: LogEdge?, _ other: Milliseconds) throws -> Milliseconds {
      switch edge {
      case .time(let time)?: time
      case .offset?:
        throw CommandError("a recording has no offsets of its own", at: path, remedy: "name times for --from and --to")
      case .start?, .end?, nil: other
      }
    }
    let (first, end) = (try time(from, .min), try time(to, .max))
    guard first < end else { throw CommandError("--from is not before --to", at: path) }
    return first...(end == .max ? .max : end - 1)
  }
}
