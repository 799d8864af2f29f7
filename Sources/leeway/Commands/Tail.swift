import ArgumentParser
import Events
import Foundation
import Log

/// `leeway tail`
struct Tail: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print a topic's records.",
    discussion: """
      Records of several partitions come in the order of their timestamps. Without --json a line is \
      TOPIC/PARTITION @OFFSET TIMESTAMP KEY VALUE HEADERS; with it an object whose "value" is the record's JSON as it \
      was written ("base64" instead where it is not JSON). A prediction in the compact binary form is shown as the JSON \
      of the same event, with "form":"binary".
      """)

  @Argument(help: "Topic, without the configured prefix.")
  var topic: String

  @Option(help: "start, end, an offset, or a time such as 2025-11-05T12:00:00Z (default: start; with --follow: end).")
  var from: LogEdge?

  @Flag(help: "Wait for new records at the end.")
  var follow = false

  @Option(help: "Stop after this many records.")
  var max: Int?

  @Option(help: "Only this partition.")
  var partition: Int?

  @Flag(help: "One JSON object per line.")
  var json = false

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if let max, max < 0 { throw ValidationError("--max \(max) is negative; expected 0 or more.") }
    if let partition, partition < 0 { throw ValidationError("--partition \(partition) is negative; they start at 0.") }
  }

  func run() async throws {
    let configuration = try common.load()
    let log = try configuration.log.openExisting()
    let spec = try log.topics().find(topic, prefix: configuration.topics.prefix, log: configuration.log.shown)
    if let partition, partition >= spec.partitions {
      throw CommandError(
        "there is no partition \(partition)", at: spec.name, remedy: "they are 0 to \(spec.partitions - 1)")
    }
    let reader = try log.makeReader()
    defer { reader.close() }
    let partitions = (partition.map { $0...$0 } ?? 0...spec.partitions - 1).map { TopicPartition(spec.name, $0) }
    let start = from ?? (follow ? .end : .start)
    var merge = TimestampMerge(reader, try partitions.map { ($0, try start.offset(in: $0, reader)) })
    let known = TopicNames(prefix: configuration.topics.prefix).topic(named: spec.name)
    let damaged = try copy(&merge, known, partitions, reader)
    if damaged { throw CommandError("some records could not be read", isReported: true) }
  }

  /// - Returns: whether some records could not be read.
  private func copy(
    _ merge: inout TimestampMerge, _ topic: Topic?, _ partitions: [TopicPartition], _ reader: any LogReader
  ) throws -> Bool {
    let output = StandardOutput()
    var held = HeldPartitions()
    var left = max ?? Int.max
    while left > 0 {
      if let (source, stored) = try merge.next() {
        let partition = partitions[source]
        let line = json ? RecordLine.json(stored, partition, topic) : RecordLine.text(stored, partition, topic)
        try output.line(line)
        left -= 1
      } else if follow {
        try output.flush()
        try merge.wait(milliseconds: 1_000)
        let ends = try reader.ends(of: partitions)
        for line in held.look(at: ends, seconds: SteadyClock.seconds) { Terminal.complain(line) }
      } else {
        try output.flush()
        for (place, end) in try HeldPartitions.lasting(partitions, reader) {
          Terminal.complain(HeldPartitions.describe(place, end))
        }
        break
      }
    }
    try output.flush()
    return merge.hasSkipped
  }
}
