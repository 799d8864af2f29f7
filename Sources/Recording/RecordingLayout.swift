import Bytes

/// The outer form of a recording: what is read when it is opened.
struct RecordingLayout {
  let topics: RecordedTopics
  let topicsChecksum: UInt64
  let recordsStart: Int64
  let totalsStart: Int64
  let summary: RecordingSummary

  init(_ source: any RecordingSource) throws(RecordingError) {
    try Self.checkStart(source)
    totalsStart = try Self.totalsStart(source)
    let first = Int64(RecordingFormat.startBytes)
    let (head, body) = try Self.frame(source, at: first, number: 0, upTo: totalsStart)
    guard head.kind == .topics else { throw .damaged(source, at: first, "it does not begin with its topics") }
    let topics: RecordedTopics
    do throws(ByteError) {
      topics = try RecordedTopics(decoding: body)
    } catch {
      throw .damaged(source, at: first, "its topics cannot be read, \(error)")
    }
    self.topics = topics
    topicsChecksum = RecordingSummary.chained(0, head.checksum)
    recordsStart = first + Int64(FrameHead.bytes + head.bodyBytes)
    let end = source.count - Int64(RecordingFormat.endBytes)
    let (last, totals) = try Self.frame(source, at: totalsStart, number: nil, upTo: end)
    guard last.kind == .totals, totalsStart + Int64(FrameHead.bytes + last.bodyBytes) == end else {
      throw .damaged(source, at: totalsStart, "it does not end with its totals")
    }
    do throws(ByteError) {
      summary = try RecordingSummary(decoding: totals, places: topics.places.count)
    } catch {
      throw .damaged(source, at: totalsStart, "its totals cannot be read, \(error)")
    }
  }

  private static func checkStart(_ source: any RecordingSource) throws(RecordingError) {
    let start = try source.read(at: 0, RecordingFormat.startBytes)
    guard start.starts(with: RecordingFormat.magic.prefix(start.count)), !start.isEmpty else {
      throw RecordingError(.notARecording, "\(source.name) is no recording: `leeway export` makes them.")
    }
    guard let version = start.dropFirst(RecordingFormat.magic.count).first else {
      throw .cut(source, whole: 0, records: 0)
    }
    guard version == RecordingFormat.version else {
      throw RecordingError(
        .newerFormat,
        "\(source.name) is a recording of format \(version); this version of Leeway reads format "
          + "\(RecordingFormat.version).")
    }
  }

  /// Where the totals begin, from the end of the file.
  private static func totalsStart(_ source: any RecordingSource) throws(RecordingError) -> Int64 {
    let least = Int64(RecordingFormat.startBytes + 2 * FrameHead.bytes + RecordingFormat.endBytes)
    guard source.count >= least else { throw try missingEnd(source) }
    let end = source.count - Int64(RecordingFormat.endBytes)
    let bytes = try source.read(at: end, RecordingFormat.endBytes)
    guard bytes.count == RecordingFormat.endBytes, bytes[8...].elementsEqual(RecordingFormat.endMark) else {
      throw try missingEnd(source)
    }
    let start = bytes[..<8].reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    guard start >= UInt64(RecordingFormat.startBytes), start < UInt64(end) else {
      throw .damaged(source, at: end, "its end names a place that is not there")
    }
    return Int64(start)
  }

  /// Says how far a file without its end is whole.
  private static func missingEnd(_ source: any RecordingSource) throws(RecordingError) -> RecordingError {
    var position = Int64(RecordingFormat.startBytes)
    var records: Int64 = 0
    while position + Int64(FrameHead.bytes) <= source.count {
      let bytes = try source.read(at: position, FrameHead.bytes)
      let head: FrameHead
      do throws(ByteError) {
        head = try FrameHead(decoding: bytes[...])
      } catch {
        return .damaged(source, at: position, "there is no frame where one has to begin")
      }
      let next = position + Int64(FrameHead.bytes + head.bodyBytes)
      guard next <= source.count else { break }
      position = next
      if head.kind == .records { records += Int64(head.records) }
      guard head.kind != .totals else {
        let end = next + Int64(RecordingFormat.endBytes)
        guard source.count < end else {
          return .damaged(source, at: next, "something else stands where it has to end")
        }
        break
      }
    }
    return .cut(source, whole: position, records: records)
  }

  /// A frame whose checksum fits.
  ///
  /// - Parameters:
  ///   - number: the one that it must have; nil for any.
  ///   - end: where it must have ended.
  static func frame(
    _ source: any RecordingSource, at position: Int64, number: Int64?, upTo end: Int64
  ) throws(RecordingError) -> (FrameHead, [UInt8]) {
    let name = number.map { "frame \($0)" } ?? "the last frame"
    let start = try source.read(at: position, FrameHead.bytes)
    let head: FrameHead
    do throws(ByteError) {
      head = try FrameHead(decoding: start[...])
    } catch {
      throw .damaged(source, at: position, "\(name) does not begin there, \(error)")
    }
    let bodyStart = position + Int64(FrameHead.bytes)
    guard Int64(head.bodyBytes) <= end - bodyStart else {
      throw .damaged(
        source, at: position, "\(name) claims \(head.bodyBytes) bytes, \(max(end - bodyStart, 0)) are left")
    }
    let body = try source.read(at: bodyStart, head.bodyBytes)
    guard body.count == head.bodyBytes, body.withUnsafeBytes({ head.matches($0) }),
      number.map({ head.number == $0 }) ?? true
    else {
      let last = bodyStart + Int64(head.bodyBytes) - 1
      throw .damaged(
        source, at: position, "\(name), bytes \(position) to \(last), does not fit its checksum or its number")
    }
    guard let unpacked = body.withUnsafeBytes({ head.unpacked($0) }) else {
      throw .damaged(source, at: position, "\(name) cannot be unpacked")
    }
    return (head, unpacked)
  }
}

extension RecordingError {
  static func damaged(_ source: any RecordingSource, at position: Int64, _ reason: String) -> RecordingError {
    RecordingError(
      .damaged, "\(source.name) is damaged at byte \(position): \(reason). Fetch it again, or export it anew.",
      at: position)
  }

  static func cut(_ source: any RecordingSource, whole: Int64, records: Int64) -> RecordingError {
    RecordingError(
      .cut,
      "\(source.name) is cut short: it ends at byte \(source.count) without its end mark, and is whole up to byte \(whole), "
        + "\(records) records. Fetch it again, or export it anew.",
      at: source.count)
  }
}
