import Bytes
public import Log

/// Writes a recording, in memory that does not depend on its length.
///
/// Until it is finished it lies beside its place, under the name with `.part` behind it, and what stood there before stays;
/// one that is given up leaves nothing. A link stays, and the file that it leads to is replaced. Records have to come in the
/// order in which they are to be read: of every partition in that of their offsets. It belongs to the one thread that calls
/// it.
public final class RecordingWriter {
  public let topics: RecordedTopics
  /// Of the records so far.
  public private(set) var summary: RecordingSummary
  /// What has been written so far.
  public var bytes: Int64 { output.position }

  private let output: UnfinishedFile
  private var encoder = FrameEncoder()
  private var frame: Int64 = 0

  /// - Throws: `inaccessible` where the file cannot be written there.
  public init(path: String, topics: RecordedTopics) throws(RecordingError) {
    self.topics = topics
    summary = RecordingSummary(places: topics.places.count)
    output = try UnfinishedFile(path)
    try output.append(RecordingFormat.start)
    try put(.topics, topics.encoded, records: 0)
  }

  /// Where an unfinished recording lies.
  public static func partialPath(of path: String) -> String { UnfinishedFile.partialPath(of: path) }

  /// Where this one lies until it is finished; nil where that is its place.
  package var partial: String? { output.partial }

  /// - Parameter place: the number of the record's partition among the topics' places.
  /// - Throws: `invalidArgument` for a place that is not there, an offset that does not lie behind the one before, and a
  ///   record that is too large; `inaccessible`.
  public func append(_ stored: StoredRecord, place: Int) throws(RecordingError) {
    guard summary.places.indices.contains(place) else {
      throw RecordingError(.invalidArgument, "The recording has no place \(place).")
    }
    let next = summary.places[place].offsets.upperBound
    guard stored.offset >= next, stored.offset < FrameDecoder.mostOffset else {
      throw RecordingError(
        .invalidArgument, "\(topics.places[place]) cannot go on with offset \(stored.offset), expected \(next) or more."
      )
    }
    try check(stored, place)
    encoder.append(stored.record, place: place, skipped: stored.offset - next)
    let time = stored.record.timestamp
    summary.places[place].note(1, offsets: stored.offset..<stored.offset + 1, times: time...time)
    if encoder.isFull { try flush() }
  }

  /// Writes the totals and puts the file in its place, in one step; then it survives a loss of power.
  @discardableResult
  public func finish() throws(RecordingError) -> RecordingSummary {
    try flush()
    let totalsStart = output.position
    try put(.totals, summary.encoded, records: 0)
    try output.append(RecordingFormat.end(totalsAt: totalsStart))
    try output.finish()
    return summary
  }

  private func check(_ stored: StoredRecord, _ place: Int) throws(RecordingError) {
    var bytes = (stored.record.key?.count ?? 0) + (stored.record.value?.count ?? 0)
    for header in stored.record.headers { bytes += header.name.utf8.count + header.value.count }
    guard bytes <= RecordingLimits.recordBytes, stored.record.headers.count <= RecordingLimits.recordHeaders else {
      throw RecordingError(
        .invalidArgument,
        "The record at \(topics.places[place]) @\(stored.offset) is larger than a recording holds "
          + "(\(RecordingLimits.recordBytes) bytes, \(RecordingLimits.recordHeaders) headers).")
    }
  }

  private func flush() throws(RecordingError) {
    guard encoder.count > 0 else { return }
    let records = encoder.count
    let (body, content) = encoder.take()
    summary.content = body.withUnsafeBytes {
      XXH64.hash(UnsafeRawBufferPointer(rebasing: $0[..<content]), seed: summary.content)
    }
    try put(.records, body, records: records)
  }

  private func put(_ kind: FrameHead.Kind, _ body: [UInt8], records: Int) throws(RecordingError) {
    let (bytes, checksum) = FrameHead.frame(kind, body, records: records, number: frame)
    if kind != .totals { summary.frames = RecordingSummary.chained(summary.frames, checksum) }
    try output.append(bytes)
    frame += 1
  }
}
