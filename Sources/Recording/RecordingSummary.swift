import Bytes

/// What a recording holds, known before its records are read.
public struct RecordingSummary: Equatable, Sendable {
  /// What is recorded of one partition.
  public struct Place: Equatable, Sendable {
    public internal(set) var records: Int64 = 0
    /// From the first record's offset to behind the last one's, as they were in the log; empty where there are none.
    public internal(set) var offsets: Range<Int64> = 0..<0
    /// The earliest and the latest timestamp; nil where there are no records.
    public internal(set) var times: ClosedRange<Int64>?

    /// Records that follow on those before.
    mutating func note(_ count: Int, offsets more: Range<Int64>, times between: ClosedRange<Int64>) {
      offsets = (records == 0 ? more.lowerBound : offsets.lowerBound)..<more.upperBound
      times = times.map { min($0.lowerBound, between.lowerBound)...max($0.upperBound, between.upperBound) } ?? between
      records += Int64(count)
    }
  }

  /// By the numbers of the recording's places.
  public internal(set) var places: [Place]
  /// Tells the content from any other: topics' numbers, partitions, times, keys, headers and values in their order, but not
  /// offsets and names of topics. No defence against somebody who means to deceive.
  public internal(set) var content: UInt64 = 0
  /// Of all frames before the totals.
  var frames: UInt64 = 0

  init(places: Int) {
    self.places = Array(repeating: Place(), count: places)
  }

  public var records: Int64 { places.reduce(0) { $0 + $1.records } }

  /// The earliest and the latest timestamp of all.
  public var times: ClosedRange<Int64>? {
    places.compactMap(\.times).reduce(nil) { all, times in
      all.map { min($0.lowerBound, times.lowerBound)...max($0.upperBound, times.upperBound) } ?? times
    }
  }

  static func chained(_ sum: UInt64, _ next: UInt64) -> UInt64 {
    withUnsafeBytes(of: next.littleEndian) { XXH64.hash($0, seed: sum) }
  }

  var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.append(places) { writer, place in
      writer.append(varint: UInt64(place.records))
      guard let times = place.times else { return }
      writer.append(varint: UInt64(place.offsets.lowerBound))
      writer.append(varint: UInt64(place.offsets.upperBound))
      writer.append(signed: times.lowerBound)
      writer.append(signed: times.upperBound)
    }
    writer.append(fixed: content)
    writer.append(fixed: frames)
    return writer.bytes
  }

  /// - Parameter places: how many there must be.
  init(decoding bytes: [UInt8], places: Int) throws(ByteError) {
    var reader = ByteReader(bytes)
    self.places = try reader.array { reader throws(ByteError) in
      var place = Place()
      place.records = Int64(try reader.index())
      guard place.records > 0 else { return place }
      let (first, end) = (Int64(try reader.index()), Int64(try reader.index()))
      let (earliest, latest) = (try reader.signed(), try reader.signed())
      guard first < end, place.records <= end - first, earliest <= latest else {
        throw reader.failure("totals that contradict themselves")
      }
      (place.offsets, place.times) = (first..<end, earliest...latest)
      return place
    }
    guard self.places.count == places else { throw reader.failure("totals of \(self.places.count) places") }
    // A sum of many could overflow.
    guard self.places.allSatisfy({ $0.records <= Int64.max / Int64(max(places, 1)) }) else {
      throw reader.failure("impossible totals")
    }
    content = try reader.fixed()
    frames = try reader.fixed()
    try reader.expectEnd()
  }
}
