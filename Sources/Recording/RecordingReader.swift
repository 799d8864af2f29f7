import Bytes
import Log

/// Reads a recording from front to back, as often as one likes, in memory that does not depend on its length.
///
/// Opening it reads the topics and the totals and checks that the end is there; every frame is checked against its checksum
/// when its turn comes, and at the end all that came against the totals. It belongs to the one thread that calls it.
///
///     let recording = try RecordingReader(path: "march.lwr")
///     while let block = try recording.next() {
///       for run in block.runs {
///         let partition = recording.topics.places[run.place]
///         for stored in block.records[run.range] { … }
///       }
///     }
public final class RecordingReader {
  public let topics: RecordedTopics
  public let summary: RecordingSummary

  private let source: any RecordingSource
  private let firstRecords: Int64
  private let totalsStart: Int64
  private var position: Int64
  private var frame: Int64 = 1
  private var decoder: FrameDecoder
  private var checksums: UInt64
  private let firstChecksum: UInt64

  /// - Throws: `inaccessible`, `notARecording`, `newerFormat`, `cut` or `damaged`.
  public convenience init(path: String) throws(RecordingError) {
    try self.init(try RecordingFile(path))
  }

  /// A recording in memory.
  ///
  /// - Parameter name: what messages call it.
  public convenience init(bytes: [UInt8], name: String = "the recording") throws(RecordingError) {
    try self.init(MemoryRecording(bytes, name: name))
  }

  init(_ source: any RecordingSource) throws(RecordingError) {
    let layout = try RecordingLayout(source)
    self.source = source
    topics = layout.topics
    summary = layout.summary
    (firstRecords, totalsStart) = (layout.recordsStart, layout.totalsStart)
    position = layout.recordsStart
    decoder = FrameDecoder(places: layout.topics.places.count)
    firstChecksum = layout.topicsChecksum
    checksums = firstChecksum
  }

  /// The next records; nil behind the last one, once everything has been found to fit the totals.
  ///
  /// - Throws: `damaged` or `inaccessible`; then nothing can be read on.
  public func next() throws(RecordingError) -> RecordedBlock? {
    guard position < totalsStart else {
      try checkTotals()
      return nil
    }
    let start = position
    let (head, body) = try RecordingLayout.frame(source, at: start, number: frame, upTo: totalsStart)
    guard head.kind == .records else { throw .damaged(source, at: start, "frame \(frame) holds no records") }
    let block: RecordedBlock
    do throws(ByteError) {
      block = try decoder.decode(body, count: head.records)
    } catch {
      throw .damaged(source, at: start, "frame \(frame) cannot be read, \(error) of its body")
    }
    checksums = RecordingSummary.chained(checksums, head.checksum)
    position += Int64(FrameHead.bytes + head.bodyBytes)
    frame += 1
    return block
  }

  /// Begins again at the first record.
  public func rewind() {
    position = firstRecords
    frame = 1
    decoder = FrameDecoder(places: topics.places.count)
    checksums = firstChecksum
  }

  /// Reads everything once and begins again: what throws nothing here is whole.
  public func verify() throws(RecordingError) {
    rewind()
    while try next() != nil {}
    rewind()
  }

  private func checkTotals() throws(RecordingError) {
    var totals = decoder.totals
    totals.frames = checksums
    guard totals == summary else {
      throw .damaged(source, at: totalsStart, "its \(totals.records) records are not those of its totals")
    }
  }
}
