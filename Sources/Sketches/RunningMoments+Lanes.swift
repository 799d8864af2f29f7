extension RunningMoments {
  /// The sums of an open block, in registers while a batch is added.
  struct Lanes {
    private var sums: SIMD8<Double>
    private var squares: SIMD8<Double>
    private(set) var low: Double
    private(set) var high: Double

    init() {
      sums = .zero
      squares = .zero
      low = .infinity
      high = -.infinity
    }

    init(sums stored: [Double], low: Double, high: Double) {
      self.init()
      for lane in 0..<8 {
        sums[lane] = stored[lane]
        squares[lane] = stored[8 + lane]
      }
      self.low = low
      self.high = high
    }

    /// Of the `count` values that were added.
    func moments(count: Int, shift: Double) -> Moments {
      var (sum, square) = (0.0, 0.0)
      for lane in 0..<8 {
        sum += sums[lane]
        square += squares[lane]
      }
      let mean = sum / Double(count)
      // Zero has two signs; which of them came first must not show.
      return Moments(count: count, mean: shift + mean, m2: square - sum * mean, min: low + 0, max: high + 0)
    }

    /// False once a value was NaN, infinite or beyond `SketchLimits.magnitude`.
    var isValid: Bool { sums.sum().isFinite && low >= -SketchLimits.magnitude && high <= SketchLimits.magnitude }

    func store(into stored: inout [Double]) {
      for lane in 0..<8 {
        stored[lane] = sums[lane]
        stored[8 + lane] = squares[lane]
      }
    }

    /// Adds the values, the first one in `lane`.
    mutating func add(_ values: Span<Double>, from lane: Int, shift: Double) {
      let head = min((8 - lane) & 7, values.count)
      for index in 0..<head { add(values[index], in: lane + index, shift) }
      let eights = (values.count - head) / 8
      let tail = head + 8 * eights
      if eights > 0 {
        let bytes = values.extracting(head..<tail).bytes
        addSums(bytes, eights, shift)
        addRange(bytes, eights)
      }
      for index in tail..<values.count { add(values[index], in: index - tail, shift) }
    }

    private mutating func add(_ value: Double, in lane: Int, _ shift: Double) {
      let deviation = value - shift
      sums[lane] += deviation
      squares[lane] += deviation * deviation
      low = value < low ? value : low
      high = value > high ? value : high
    }

    // Two loops over values that stay in the cache: the sums of one take up most registers.

    @inline(__always)
    private mutating func addSums(_ bytes: RawSpan, _ eights: Int, _ shift: Double) {
      let shifts = SIMD8(repeating: shift)
      var (sums, squares) = (self.sums, self.squares)
      for index in 0..<eights {
        let deviations = Self.eight(bytes, index) - shifts
        sums += deviations
        squares += deviations * deviations
      }
      (self.sums, self.squares) = (sums, squares)
    }

    @inline(__always)
    private mutating func addRange(_ bytes: RawSpan, _ eights: Int) {
      var lows = SIMD8(repeating: low)
      var highs = SIMD8(repeating: high)
      for index in 0..<eights {
        let values = Self.eight(bytes, index)
        lows = Self.lesser(lows, values)
        highs = Self.greater(highs, values)
      }
      low = lows.min()
      high = highs.max()
    }

    /// The caller has seen to it that they are there.
    @inline(__always)
    private static func eight(_ bytes: RawSpan, _ index: Int) -> SIMD8<Double> {
      bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index &* 64, as: SIMD8<Double>.self)
    }

    // Lane by lane, what was found so far first: in this form two lanes are one instruction.

    @inline(__always)
    private static func lesser(_ a: SIMD8<Double>, _ b: SIMD8<Double>) -> SIMD8<Double> {
      SIMD8(
        a[0] < b[0] ? a[0] : b[0], a[1] < b[1] ? a[1] : b[1], a[2] < b[2] ? a[2] : b[2], a[3] < b[3] ? a[3] : b[3],
        a[4] < b[4] ? a[4] : b[4], a[5] < b[5] ? a[5] : b[5], a[6] < b[6] ? a[6] : b[6], a[7] < b[7] ? a[7] : b[7])
    }

    @inline(__always)
    private static func greater(_ a: SIMD8<Double>, _ b: SIMD8<Double>) -> SIMD8<Double> {
      SIMD8(
        a[0] > b[0] ? a[0] : b[0], a[1] > b[1] ? a[1] : b[1], a[2] > b[2] ? a[2] : b[2], a[3] > b[3] ? a[3] : b[3],
        a[4] > b[4] ? a[4] : b[4], a[5] > b[5] ? a[5] : b[5], a[6] > b[6] ? a[6] : b[6], a[7] > b[7] ? a[7] : b[7])
    }
  }
}
