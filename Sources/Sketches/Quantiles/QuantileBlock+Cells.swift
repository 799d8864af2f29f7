extension QuantileBlock {
  /// 65,536 cells of equal width between two values; what lies outside falls into the outermost.
  struct Scale {
    let low: Double
    let factor: Double

    @inline(__always)
    init(_ low: some QuantileValue, _ high: some QuantileValue) {
      self.low = low.exactDouble
      let range = high.exactDouble - low.exactDouble
      // Where the range is zero or overflows, all values share a cell and the insertion that follows gives up.
      factor = range > 0x1p-900 && range < .infinity ? 65_535 / range : 0
    }

    /// Adding 1.5 · 2^52 leaves the nearest integer in the low bits: no trap and no branch.
    @inline(__always)
    func cell(_ value: some QuantileValue) -> UInt16 {
      var place = (value.exactDouble - low) * factor
      place = place > 0 ? place : 0
      place = place < 65_535 ? place : 65_535
      return UInt16(truncatingIfNeeded: (place + 0x1.8p52).bitPattern)
    }
  }

  /// Orders values by cell, with two counting passes of eight bits.
  @inline(__always)
  static func spread<Value: QuantileValue>(
    _ values: Span<Value>, _ scale: Scale, scratch: inout QuantileScratch<Value>
  ) {
    spread(values, scale, &scratch.codes, &scratch.spareCodes, &scratch.spare, &scratch.sorted, at: 0)
  }

  @inline(__always)
  private static func spread<Value: QuantileValue>(
    _ values: Span<Value>, _ scale: Scale, _ codes: inout [UInt16], _ spareCodes: inout [UInt16],
    _ spare: inout [Value], _ sorted: inout [Value], at start: Int
  ) {
    var codes = codes.mutableSpan
    var spareCodes = spareCodes.mutableSpan
    var spare = spare.mutableSpan
    var sorted = sorted.mutableSpan
    var low = InlineArray<256, UInt32>(repeating: 0)
    var high = InlineArray<256, UInt32>(repeating: 0)
    for index in values.indices {
      let code = scale.cell(values[index])
      codes[index] = code
      low[Int(code & 255)] &+= 1
      high[Int(code >> 8)] &+= 1
    }
    cumulate(&low, from: 0)
    cumulate(&high, from: UInt32(truncatingIfNeeded: start))
    for index in values.indices {
      let code = codes[index]
      let place = Int(low[Int(code & 255)])
      low[Int(code & 255)] = UInt32(truncatingIfNeeded: place &+ 1)
      spare[place] = values[index]
      spareCodes[place] = code
    }
    for index in values.indices {
      let cell = Int(spareCodes[index] >> 8)
      let place = Int(high[cell])
      high[cell] = UInt32(truncatingIfNeeded: place &+ 1)
      sorted[place] = spare[index]
    }
  }

  @inline(__always)
  private static func cumulate(_ counts: inout InlineArray<256, UInt32>, from start: UInt32) {
    var sum = start
    for cell in 0..<256 {
      let count = counts[cell]
      counts[cell] = sum
      sum &+= count
    }
  }

  /// The second smallest and second largest of 64 values from all over the block.
  @inline(__always)
  static func middle<Value: QuantileValue>(
    of values: Span<Value>, scratch: inout QuantileScratch<Value>
  ) -> (low: Value, high: Value) {
    for index in 0..<64 { scratch.spare[index] = values[index &* values.count / 64] }
    _ = insertionSort(&scratch.spare, 0..<64, moves: .max)
    return (scratch.spare[1], scratch.spare[62])
  }

  /// Orders values by 256 coarse cells, then spreads each crowded cell over its own range.
  @inline(__always)
  static func split<Value: QuantileValue>(
    _ values: Span<Value>, _ scale: Scale, scratch: inout QuantileScratch<Value>
  ) {
    let ends = scatter(values, scale, &scratch.codes, &scratch.sorted)
    var start = 0
    for cell in 0..<256 {
      let end = Int(ends[cell])
      if end &- start > small {
        // The range is read from a copy: a span of `sorted` cannot outlive the call that changes it.
        let crowded = Array(scratch.sorted[start..<end])
        if let extent = extent(crowded.span), extent.low < extent.high {
          spread(
            crowded.span, Scale(extent.low, extent.high), &scratch.codes, &scratch.spareCodes, &scratch.spare,
            &scratch.sorted, at: start)
        }
      }
      start = end
    }
  }

  /// The counting pass of `split`. Returns where each cell ends.
  @inline(__always)
  private static func scatter<Value: QuantileValue>(
    _ values: Span<Value>, _ scale: Scale, _ codes: inout [UInt16], _ sorted: inout [Value]
  ) -> InlineArray<256, UInt32> {
    var codes = codes.mutableSpan
    var sorted = sorted.mutableSpan
    var places = InlineArray<256, UInt32>(repeating: 0)
    for index in values.indices {
      let code = scale.cell(values[index])
      codes[index] = code
      places[Int(code >> 8)] &+= 1
    }
    cumulate(&places, from: 0)
    for index in values.indices {
      let cell = Int(codes[index] >> 8)
      let place = Int(places[cell])
      places[cell] = UInt32(truncatingIfNeeded: place &+ 1)
      sorted[place] = values[index]
    }
    return places
  }
}
