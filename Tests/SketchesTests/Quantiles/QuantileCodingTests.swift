import Bytes
import TestSupport
import Testing

@testable import Sketches

@Suite("Quantiles: bytes")
struct QuantileCodingTests {
  private static let counts = [0, 1, 2, 7, 300, 1_024, 5_000]

  private static func made<Value: QuantileValue>(_ count: Int, k: Int = 8) -> QuantileSketch<Value> {
    sketch(of: QuantileStream.normal.values(count, seed: 1).map { Value(nearest: $0) }, k: k)
  }

  @Test("What is written is read, and written again alike", arguments: counts)
  func roundTrip(count: Int) throws {
    for k in [8, 200, 65_535] {
      try expectRoundTrip(Self.made(count, k: k) as QuantileSketch<Double>)
      try expectRoundTrip(Self.made(count, k: k) as QuantileSketch<Float>)
    }
  }

  private func expectRoundTrip<Value: QuantileValue>(_ made: QuantileSketch<Value>) throws {
    var sealed = made
    sealed.seal()
    let bytes = made.encode()
    var read = try QuantileSketch<Value>(decoding: bytes)
    #expect(read.encode() == bytes && read.checkInvariants() == nil && read.k == made.k)
    #expect(read.sortedView == sealed.sortedView && read.minimum == made.minimum && read.maximum == made.maximum)
    // Two readers of the same bytes go on alike.
    var other = try QuantileSketch<Value>(decoding: bytes)
    let more = (0..<5_000).map { Value($0) }
    read.update(more.span)
    other.update(more.span)
    #expect(read == other && read.encode() == other.encode())
  }

  @Test("A snapshot goes on as what was written would have", arguments: counts)
  func snapshots(count: Int) throws {
    let more = QuantileStream.farModes.values(4_000, seed: 7)
    for k in [8, 200] {
      var made: QuantileSketch<Double> = Self.made(count, k: k)
      var writer = ByteWriter()
      made.encode(into: &writer)
      var reader = ByteReader(writer.bytes)
      var read = try QuantileSketch<Double>(from: &reader)
      try reader.expectEnd()
      #expect(read == made)
      made.update(more.span)
      read.update(more.span)
      #expect(read == made && read.encode() == made.encode())
    }
  }

  @Test("Cut and changed bytes are refused or harmless", arguments: [0, 1, 2, 7, 40, 300])
  func hostile(count: Int) {
    let doubles: QuantileSketch<Double> = Self.made(count)
    let floats: QuantileSketch<Float> = Self.made(count)
    var writer = ByteWriter()
    doubles.encode(into: &writer)
    expectHarmless(doubles.encode(), decode: Self.image, check: Self.harmless)
    expectHarmless(floats.encode(), decode: Self.floatImage, check: Self.harmless)
    expectHarmless(writer.bytes, decode: Self.snapshot, check: Self.harmless)
  }

  private static func image(_ reader: inout ByteReader) throws(ByteError) -> QuantileSketch<Double> {
    try QuantileSketch(decoding: try reader.raw(reader.remaining))
  }

  private static func floatImage(_ reader: inout ByteReader) throws(ByteError) -> QuantileSketch<Float> {
    try QuantileSketch(decoding: try reader.raw(reader.remaining))
  }

  private static func snapshot(_ reader: inout ByteReader) throws(ByteError) -> QuantileSketch<Double> {
    let read = try QuantileSketch<Double>(from: &reader)
    try reader.expectEnd()
    return read
  }

  /// Whether a sketch from damaged bytes can be asked, updated and merged.
  private static func harmless<Value: QuantileValue>(_ read: QuantileSketch<Value>) -> Bool {
    var used = read
    let more = (0..<40).map { Value($0) }
    used.update(more.span)
    used.merge(read)
    used.seal()
    let answered = used.quantile(0.5) != nil && used.rank(of: 0) != nil
    return read.checkInvariants() == nil && used.checkInvariants() == nil && answered
  }

  @Test("Random bytes behind a good start are refused or harmless")
  func random() {
    var random = SplitMix64(seed: 3)
    let start: [UInt8] = [5, 1, 15, 2, 200, 0, 8, 0]
    for _ in 0..<3_000 {
      let tail = (0..<random.below(200)).map { _ in UInt8(truncatingIfNeeded: random.next() >> 40) }
      let bytes = random.below(2) == 0 ? start + tail : tail
      if let read = try? QuantileSketch<Double>(decoding: bytes) { #expect(Self.harmless(read)) }
      var reader = ByteReader([1, 8] + tail)
      if let read = try? QuantileSketch<Double>(from: &reader) { #expect(Self.harmless(read)) }
    }
  }

  @Test("Declared sizes that the bytes do not hold are refused before anything is allotted")
  func hugeCounts() {
    var writer = ByteWriter()
    writer.append(raw: [5, 1, 15, 2, 0xff, 0xff, 8, 0])
    writer.append(fixed: UInt64(1) << 40)
    writer.append(raw: [0xff, 0xff, 40, 0])
    for _ in 0..<40 { writer.append(fixed: UInt32(0)) }
    writer.append(0.0)
    writer.append(1.0)
    #expect(throws: ByteError.self) { _ = try QuantileSketch<Double>(decoding: writer.bytes) }
    for levels in [0, 61, 255] {
      var bytes = writer.bytes
      bytes[18] = UInt8(levels)
      #expect(throws: ByteError.self) { _ = try QuantileSketch<Double>(decoding: bytes) }
    }
  }

  @Test("Sums of as many sketches, of as many values, as the limits allow")
  func hugeWeights() throws {
    var writer = ByteWriter()
    writer.append(raw: [5, 1, 15, 2, 8, 0, 8, 0])
    writer.append(fixed: UInt64(1) << 40)
    writer.append(raw: [8, 0, 41, 0])
    let room = QuantileCapacity.libraryBudget(k: 8, levels: 41)
    for _ in 0..<41 { writer.append(fixed: UInt32(room - 1)) }
    for _ in 0..<3 { writer.append(1.0) }
    let huge = try QuantileSketch<Double>(decoding: writer.bytes)
    var merged = huge
    for _ in 0..<500 { merged.merge(huge) }
    for _ in 0..<11 {
      let copy = merged
      merged.merge(copy)
    }
    #expect(merged.checkInvariants() == nil && merged.count == 501 << 51 && merged.quantile(0.5) == 1)
    #expect(merged.encode().count < 4_000)
  }

  @Test("Wrong family, version, k, preamble, type and order are refused by name")
  func refusals() throws {
    let good = (Self.made(300, k: 200) as QuantileSketch<Double>).encode()
    for (position, value) in [(0, 2), (1, 3), (2, 7), (4, 0), (6, 9), (16, 0)] as [(Int, UInt8)] {
      var bytes = good
      bytes[position] = value
      if position == 4 { bytes[5] = 0 }
      if position == 16 { bytes[17] = 0 }
      #expect(throws: ByteError.self, "byte \(position)") { _ = try QuantileSketch<Double>(decoding: bytes) }
    }
    #expect(throws: ByteError.self) { _ = try QuantileSketch<Float>(decoding: good) }
    #expect(throws: ByteError.self) { _ = try QuantileSketch<Double>(decoding: good + [0]) }
    let error = #expect(throws: ByteError.self) {
      _ = try QuantileSketch<Double>(decoding: [2, 1, 7, 1, 200, 0, 8, 0])
    }
    #expect(error?.description.contains("family 7") == true)
  }
}
