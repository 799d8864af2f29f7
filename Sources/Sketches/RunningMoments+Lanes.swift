extension RunningMoments {
  /// The sums of an open block, in registers while a batch is added.
  struct Lanes {
    private var sums: SIMD8<Double>
    private var squares: SIMD8<Double>
    private(set) var low: Double
    private(set) var high: Double

    init(sums stored: [Double], low: Double, high: Double) {
      sums = .zero
      squares = .zero
      for lane in 0..<8 {
        sums[lane] = stored[lane]
        squares[lane] = stored[8 + lane]
      }
      self.low = low
      self.high = high
    }

    /// False once a value was NaN or infinite.
    var isFinite: Bool { sums.sum().isFinite }

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
        let deviations = bytes.unsafeLoadUnaligned(fromByteOffset: index &* 64, as: SIMD8<Double>.self) - shifts
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
        let values = bytes.unsafeLoadUnaligned(fromByteOffset: index &* 64, as: SIMD8<Double>.self)
        lows = Self.lesser(values, lows)
        highs = Self.greater(values, highs)
      }
      low = lows.min()
      high = highs.max()
    }

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
