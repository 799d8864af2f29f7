extension ColumnSketch {
  /// Counts one row's value after the other: what `addMissing` counts for a NaN, `add(number:)` for anything else,
  /// infinities therefore as invalid. About 2 ns a value in a numeric column, 4 where some are missing.
  public mutating func update(_ values: Span<Double>) {
    guard case .numeric(let binning) = binning else {
      for index in values.indices { add(cell: values[index]) }
      return
    }
    var start = 0
    while start < values.count {
      let end = min(start + running.room, values.count)
      let chunk = values.extracting(start..<end)
      if running.take(chunk) {
        count += chunk.count
        binning.index.count(chunk, into: &counts)
      } else {
        updateValid(of: chunk, binning)
      }
      start = end
    }
  }

  private mutating func add(cell value: Double) {
    if value.isNaN { addMissing() } else { add(number: value) }
  }

  /// Moves the valid values together, without a branch, and counts those; at most `RunningMoments.block` values.
  private mutating func updateValid(of chunk: Span<Double>, _ binning: NumericBinning) {
    var valid = InlineArray<1_024, Double>(repeating: 0)
    var kept = 0
    var absent = 0
    for index in chunk.indices {
      let value = chunk[index]
      valid[kept & 1_023] = value
      kept &+= value.magnitude <= SketchLimits.magnitude ? 1 : 0
      absent &+= value.isNaN ? 1 : 0
    }
    missing += absent
    invalid += chunk.count - kept - absent
    let values = valid.span.extracting(0..<kept)
    let accepted = running.take(values)
    assert(accepted, "the values left are valid and fit the open block")
    count += kept
    binning.index.count(values, into: &counts)
  }
}
