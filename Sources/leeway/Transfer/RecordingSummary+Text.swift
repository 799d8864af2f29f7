import Bytes
import Events
import Log
import Recording

extension RecordingSummary {
  /// What names the content, in hexadecimal.
  var contentText: String { withUnsafeBytes(of: content.bigEndian) { hexadecimal($0) } }

  /// Records, their topics and the times between which they lie, in words.
  func shown(_ topics: RecordedTopics) -> String {
    let records = "\(Figures.grouped(Int(clamping: records))) record\(self.records == 1 ? "" : "s")"
    let names = topics.topics.map(\.name).joined(separator: ", ")
    guard let times else { return "\(records) of \(names)" }
    return "\(records) of \(names) from \(RFC3339.format(times.lowerBound)) to \(RFC3339.format(times.upperBound))"
  }
}

extension JSONWriter {
  /// The members that tell what a recording holds.
  mutating func field(_ topics: RecordedTopics, _ summary: RecordingSummary) {
    field("records", summary.records)
    field("content", summary.contentText)
    field("earliest", summary.times?.lowerBound)
    field("latest", summary.times?.upperBound)
    let places = zip(topics.places, summary.places).filter { $0.1.records > 0 }
    field("partitions", each: places) { writer, place in
      writer.object {
        $0.field("topic", place.0.topic)
        $0.field("partition", place.0.partition)
        $0.field("records", place.1.records)
        $0.field("first", place.1.offsets.lowerBound)
        $0.field("end", place.1.offsets.upperBound)
      }
    }
  }
}
