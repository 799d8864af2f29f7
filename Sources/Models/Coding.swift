import Bytes

// Numbers of a learner's state in bytes. What is read back is finite and in a range that no sum of it can leave.

extension ByteWriter {
  mutating func append(_ value: Float) {
    append(fixed: value.bitPattern)
  }

  mutating func append(_ values: [Float]) {
    for value in values { append(value) }
  }

  /// The first `lanes` lanes of each vector.
  mutating func append(_ vectors: some Sequence<Lanes>, lanes: Int) {
    for vector in vectors {
      for lane in 0..<lanes { append(vector[lane]) }
    }
  }
}

extension ByteReader {
  mutating func finite(in range: ClosedRange<Double>) throws(ByteError) -> Double {
    let value = try double()
    guard range.contains(value) else { throw failure("a number out of its range") }
    return value
  }

  mutating func finite(in range: ClosedRange<Float>) throws(ByteError) -> Float {
    let value = Float(bitPattern: try fixed())
    guard range.contains(value) else { throw failure("a number out of its range") }
    return value
  }

  /// Fails unless `count` things of `size` bytes can follow, before room is made for them.
  func expect(_ count: Int, ofBytes size: Int) throws(ByteError) {
    guard count <= remaining / max(size, 1) else { throw failure("\(count) numbers cut short") }
  }

  mutating func floats(_ count: Int, in range: ClosedRange<Float>) throws(ByteError) -> [Float] {
    try expect(count, ofBytes: 4)
    var values: [Float] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(try finite(in: range)) }
    return values
  }

  mutating func doubles(_ count: Int, in range: ClosedRange<Double>) throws(ByteError) -> [Double] {
    try expect(count, ofBytes: 8)
    var values: [Double] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(try finite(in: range)) }
    return values
  }

  /// Vectors of which `lanes` lanes were written; the others are 0.
  mutating func vectors(_ count: Int, lanes: Int, in range: ClosedRange<Float>) throws(ByteError) -> [Lanes] {
    try expect(count, ofBytes: 4 * lanes)
    var vectors: [Lanes] = []
    vectors.reserveCapacity(count)
    for _ in 0..<count {
      var vector = Lanes()
      for lane in 0..<lanes { vector[lane] = try finite(in: range) }
      vectors.append(vector)
    }
    return vectors
  }
}
