import EventLog
import Events
import Foundation
import Log
import Recording

/// Copies the records of a source to a target, at a pace.
struct Transfer {
  /// Seconds by which a record may come early: sleeping for less is not worth it.
  private static let coarseness = 0.005
  /// Seconds for which records wait at most for others to be written with.
  private static let patience = 0.1

  let source: any TransferSource
  let target: TransferTarget
  var pace = Pace.full
  var retiming = Retiming.none
  let isQuiet: Bool

  func run() throws -> TransferResult {
    do {
      return try copy(StopRequest(TransferResult.stopped))
    } catch let error as LogError {
      // What the log says of a lost place is meant for workers, which start again by themselves.
      Terminal.complain(error.code == .fenced ? TransferResult.takenOver : error.message)
      throw error.retriable || error.code == .fenced
        ? CommandError(TransferResult.stopped) : CommandError("stopped before the end", isReported: true)
    }
  }

  private func copy(_ stop: StopRequest) throws -> TransferResult {
    let bar = ProgressBar(total: Int(clamping: source.total), quiet: isQuiet)
    defer { bar.clear() }
    var result = TransferResult()
    var (pace, done) = (pace, 0)
    let start = SteadyClock.seconds
    var flushed = start
    while let (place, stored) = try source.next() {
      done += 1
      if let begun = target.begun[place], stored.offset < begun {
        result.before += 1
        continue
      }
      let due = start + pace.due(stored.record.timestamp)
      if due > flushed + Self.patience || SteadyClock.seconds > flushed + Self.patience {
        try target.flush()
        flushed = SteadyClock.seconds
        bar.update(done, "\(Figures.grouped(done)) records, \(RFC3339.format(stored.record.timestamp))")
      }
      Self.sleep(until: due, stop)
      if stop.hasCome {
        result.isStopped = true
        break
      }
      var record = stored.record
      if !retiming.apply(to: &record) { result.withoutTime += 1 }
      try target.append(record, offset: stored.offset, place: place)
    }
    try target.flush()
    return result
  }

  private static func sleep(until due: Double, _ stop: StopRequest) {
    while !stop.hasCome {
      let left = due - SteadyClock.seconds
      guard left > coarseness else { return }
      Thread.sleep(forTimeInterval: min(left, patience))
    }
  }
}

/// What has become of a copy.
struct TransferResult {
  fileprivate static let takenOver =
    "another process has taken this copy over, or the log was out of reach for longer than it waits for a writer"
  fileprivate static let stopped = "stopped before the end; the same command goes on from there"

  /// Records that an earlier copy had written.
  var before: Int64 = 0
  /// Records whose events had no time that could be moved.
  var withoutTime: Int64 = 0
  var isStopped = false

  /// - Parameters:
  ///   - deed: what has been done, as a word.
  ///   - name: of the source.
  func report(_ deed: String, of name: String, _ target: TransferTarget, json: Bool) throws {
    let copied = target.counts.reduce(0, +)
    let places = zip(target.partitions, target.counts).filter { $0.1 > 0 }
    let output = StandardOutput()
    if json {
      var writer = JSONWriter()
      writer.object {
        $0.field("source", name)
        $0.field("records", copied)
        $0.field("before", before)
        $0.field("complete", !isStopped)
        $0.field("partitions", each: places) { writer, place in
          writer.object {
            $0.field("topic", place.0.topic)
            $0.field("partition", place.0.partition)
            $0.field("records", place.1)
          }
        }
      }
      try output.line(writer.bytes)
    } else {
      var line = "\(Figures.grouped(Int(clamping: copied))) records of \(name) \(deed)"
      let topics = Set(places.map(\.0.topic)).sorted().joined(separator: ", ")
      if !topics.isEmpty { line += " to \(topics)" }
      if before > 0 { line += "; \(Figures.grouped(Int(clamping: before))) were there already" }
      if copied == 0, before == 0 { line += "; nothing was left to copy, --again copies everything once more" }
      try output.line(line)
    }
    try output.flush()
    if withoutTime > 0 {
      Terminal.complain(
        "\(withoutTime) records have no event time that could be moved, and were copied with the one they have")
    }
    guard !isStopped else {
      throw CommandError(Self.stopped)
    }
  }
}
