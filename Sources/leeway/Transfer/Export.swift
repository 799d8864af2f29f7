import ArgumentParser
import Events
import Foundation
import Log
import Recording
import Synchronization

/// `leeway export`
struct Export: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a range of topics to a file: packed, checksummed, the same bytes each time.",
    discussion: """
      Reads and changes nothing in the log, and joins no group. Of every record partition, offset, timestamp, key, headers \
      and value are kept; records of several topics and partitions stand in the order of their timestamps, those of one \
      partition as they were written. `leeway import` puts them into a log, `leeway backtest` and `leeway replay` read them.

      The same records with the same offsets give the same bytes. Offsets are a matter of where records lie (a cluster's \
      transactions take some up): --renumber counts them from 0 in every partition, so that an export and an export of its \
      import are equal byte for byte. `content` names the records themselves, whatever their offsets.
      """)

  @Argument(help: "Topics, without the configured prefix.")
  var topics: [String]

  @Option(
    name: [.long, .customShort("o")], help: "The file to write; what stands there is replaced once all is written.")
  var out: String

  @OptionGroup var range: RangeOptions

  @Flag(help: "Count the offsets from 0 in every partition, without holes.")
  var renumber = false

  @Flag(help: "Print the result as a JSON object.")
  var json = false

  @Flag(help: "No progress bar.")
  var quiet = false

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let configuration = try common.load()
    try OutputFile.check(out)
    try OutputFile.checkDistinct(
      [("--out", out)], from: [("--config", common.config)],
      log: configuration.log.kafka == nil ? configuration.log.embedded : nil)
    let found = try FoundTopics(topics, in: try configuration.log.openExisting(), configuration)
    try found.check(range.partition)
    let source = try LogSource(found, range)
    let output = StandardOutput(beside: out)
    let unfinished = Unfinished()
    let stop = StopRequest("\(out): \(Self.stopped)") { unfinished.remove() }
    let writer = try RecordingWriter(path: out, topics: source.topics)
    unfinished.path.withLock { $0 = writer.partial }
    try copy(source, to: writer, stop)
    guard writer.summary.records > 0 else { throw LogSource.empty(found, range) }
    try writer.finish()
    try report(writer, to: output)
  }

  /// What there is of the file before it is finished.
  private final class Unfinished: Sendable {
    let path = Mutex<String?>(nil)

    func remove() { _ = path.withLock { $0.map { unlink($0) } } }
  }

  private static let stopped = "stopped before all was written; nothing is left of it"

  private func copy(_ source: LogSource, to writer: RecordingWriter, _ stop: StopRequest) throws {
    let bar = ProgressBar(total: Int(clamping: source.total), quiet: quiet)
    var next = Array(repeating: Int64(0), count: source.topics.places.count)
    var done = 0
    while let (place, stored) = try source.next() {
      let offset = renumber ? next[place] : stored.offset
      next[place] += 1
      try writer.append(StoredRecord(offset: offset, record: stored.record), place: place)
      done += 1
      guard done % 4_096 == 0 else { continue }
      bar.update(done, "\(Figures.grouped(done)) records")
      if stop.hasCome { throw CommandError(Self.stopped, at: out) }
    }
    bar.clear()
  }

  private func report(_ written: RecordingWriter, to output: StandardOutput) throws(CommandError) {
    let (topics, summary, bytes) = (written.topics, written.summary, Int(written.bytes))
    if json {
      var writer = JSONWriter()
      writer.object {
        $0.field("file", out)
        $0.field("bytes", bytes)
        $0.field(topics, summary)
      }
      try output.line(writer.bytes)
    } else {
      try output.line("\(summary.shown(topics)) written to \(out), \(Figures.size(bytes))")
      try output.line("content \(summary.contentText)")
    }
    try output.flush()
  }
}
