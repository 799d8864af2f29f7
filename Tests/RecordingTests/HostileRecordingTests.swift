import Bytes
import Foundation
import Log
import TestSupport
import Testing

@testable import Recording

/// Files that are cut, altered or made to deceive.
@Suite("Hostile recordings")
struct HostileRecordingTests {
  private func failure(_ bytes: [UInt8]) throws -> RecordingError? {
    do throws(RecordingError) {
      try RecordingReader(bytes: bytes, name: "r.lwr").verify()
      return nil
    } catch {
      return error
    }
  }

  @Test("A recording that is cut anywhere is told so, with how far it is whole")
  func cut() throws {
    let bytes = try Samples.recording(Samples.many(9_000, seed: 6))
    #expect(try failure([])?.code == .notARecording)
    let places =
      Array(1..<200) + (0..<60).map { 200 + $0 * (bytes.count - 400) / 60 }
      + Array((bytes.count - 200)..<bytes.count)
    for length in places {
      let error = try #require(try failure(Array(bytes.prefix(length))))
      #expect(error.code == .cut && error.position == Int64(length), "\(length): \(error)")
    }
    let whole = try #require(try failure(Array(bytes.dropLast())))
    #expect(whole.message.contains("9000 records"), "\(whole)")
  }

  @Test("Any byte that is changed shows, and so does what stands behind the end")
  func changed() throws {
    let bytes = try Samples.recording(Samples.few)
    for position in bytes.indices {
      for change: UInt8 in [1, 0x40, 0x80, 0xff] {
        var damaged = bytes
        damaged[position] ^= change
        let error = try #require(try failure(damaged), "byte \(position)")
        let isStart = position < RecordingFormat.startBytes
        #expect([.damaged, .cut].contains(error.code) != isStart, "byte \(position): \(error)")
      }
    }
    #expect(try failure(bytes + [0])?.code == .damaged)
    #expect(try failure(bytes + bytes)?.code == .damaged)
    var newer = bytes
    newer[RecordingFormat.magic.count] = 2
    #expect(try failure(newer)?.code == .newerFormat)
    #expect(try failure(Array("PK\u{3}\u{4} something else".utf8))?.code == .notARecording)
  }

  @Test("Frames that are left out, repeated or swapped show, although each is whole")
  func frames() throws {
    let bytes = try Samples.recording(Samples.many(20_000, seed: 7))
    var starts: [Int] = []
    var position = RecordingFormat.startBytes
    while position < bytes.count - RecordingFormat.endBytes {
      starts.append(position)
      position += FrameHead.bytes + (try FrameHead(decoding: bytes[position...])).bodyBytes
    }
    try #require(starts.count > 4)
    let frames = zip(starts, starts.dropFirst() + [position]).map { Array(bytes[$0..<$1]) }
    func joined(_ order: [Int]) -> [UInt8] {
      let body = RecordingFormat.start + order.flatMap { frames[$0] }
      return body + RecordingFormat.end(totalsAt: Int64(body.count - (frames.last?.count ?? 0)))
    }
    let order = Array(frames.indices)
    #expect(joined(order) == bytes)
    var swapped = order
    swapped.swapAt(1, 2)
    for wrong in [
      swapped, order.filter { $0 != 2 }, [0, 1, 1] + order.dropFirst(2), [0, 1] + order.suffix(1),
      [0] + order.suffix(1),
    ] {
      #expect(try failure(joined(wrong))?.code == .damaged, "\(wrong)")
    }
  }

  @Test("Bodies under checksums that fit are read or refused, whatever they say")
  func bodies() throws {
    func body(_ records: [(place: Int, stored: StoredRecord)]) -> [UInt8] {
      var encoder = FrameEncoder()
      var next: [Int64] = [0, 0, 0, 0]
      for (place, stored) in records {
        encoder.append(stored.record, place: place, skipped: stored.offset - next[place])
        next[place] = stored.offset + 1
      }
      return encoder.take().body
    }
    let small = body(Samples.few)
    for length in 0..<small.count {
      var decoder = FrameDecoder(places: 4)
      #expect(throws: ByteError.self) { try decoder.decode(Array(small.prefix(length)), count: Samples.few.count) }
    }
    let corpus = [small] + (0..<6).map { body(Samples.many(1 + 30 * $0, seed: UInt64($0))) }
    Fuzz.run("recording/body", corpus) { input in
      for count in [1, 6, 31, 4_096] {
        var decoder = FrameDecoder(places: 4)
        guard let block = try? decoder.decode(input, count: count) else { continue }
        #expect(block.records.count == count && block.runs.last?.range.upperBound == count)
        for run in block.runs {
          for (left, right) in zip(block.records[run.range], block.records[run.range].dropFirst()) {
            #expect(left.offset < right.offset)
          }
        }
      }
    }
  }

  /// A header takes two bytes of a body and many times that in memory; a name that nobody uses takes one byte.
  @Test("No body holds more headers, or names of headers, than a frame can")
  func headers() throws {
    func read(headers counts: [Int]) throws {
      var encoder = FrameEncoder()
      for count in counts {
        let record = Record(timestamp: 0, value: nil, headers: Array(repeating: Header("", []), count: count))
        encoder.append(record, place: 0, skipped: 0)
      }
      var decoder = FrameDecoder(places: 1)
      let block = try decoder.decode(encoder.take().body, count: counts.count)
      #expect(block.records.map(\.record.headers.count) == counts)
    }
    let most = RecordingLimits.recordHeaders
    // Nearly full, and then a largest record.
    try read(headers: [most, most - 10, most])
    #expect(throws: ByteError.self) { try read(headers: [most, most, most, 1]) }
    func read(names count: Int) throws {
      var body = ByteWriter()
      let columns: [[UInt8]] = [[0, 1], [0], [0], [0], [0], [], Array(repeating: 0, count: count), [], [], []]
      for column in columns { body.append(count: column.count) }
      for column in columns { body.append(raw: column) }
      body.append(count: 0)
      var decoder = FrameDecoder(places: 1)
      #expect(try decoder.decode(body.bytes, count: 1).records.count == 1)
    }
    try read(names: RecordingLimits.frameHeaders)
    #expect(throws: ByteError.self) { try read(names: RecordingLimits.frameHeaders + 1) }
  }

  @Test("Topics and totals under checksums that fit are read or refused, whatever they say")
  func topicsAndTotals() throws {
    let topics = try RecordedTopics(Samples.topics).encoded
    expectHarmless(topics) { reader throws(ByteError) in
      let value = try RecordedTopics(decoding: Array(try reader.raw(reader.remaining)))
      return value
    } check: {
      $0.topics.map(\.name) == $0.topics.map(\.name).sorted()
    }
    Fuzz.run("recording/topics", [topics]) { _ = try RecordedTopics(decoding: $0) }
    let totals = try RecordingReader(bytes: try Samples.recording(Samples.few)).summary.encoded
    Fuzz.run("recording/totals", [totals]) { input in
      let summary = try RecordingSummary(decoding: input, places: 4)
      #expect(summary.records >= 0 && summary.places.allSatisfy { $0.offsets.lowerBound >= 0 })
    }
  }

  @Test("Whole files of hostile bytes are refused with a place, never more")
  func files() throws {
    let corpus = try [
      Samples.recording(Samples.few), Samples.recording(Samples.many(200, seed: 8)), Samples.recording([]),
    ]
    Fuzz.run("recording/file", corpus) { input in
      guard let error = try failure(input) else { return #expect(corpus.contains(input)) }
      #expect(error.message.contains("r.lwr"))
    }
  }

  @Test("A folder, a pipe or a file that is not there is an error that names it")
  func inaccessible() throws {
    let folder = try TemporaryFolder()
    for path in [folder.path("none"), folder.url.path, "/dev/null"] {
      let error = #expect(throws: RecordingError.self) { try RecordingReader(path: path) }
      #expect(error?.code == .inaccessible && error?.message.contains(path) == true)
    }
  }
}
