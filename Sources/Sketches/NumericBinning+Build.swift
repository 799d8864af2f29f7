extension NumericBinning {
  /// An atom (one value that many rows share) between these shares of the reference gets a bin of its own, and the
  /// other values share quantile bins.
  private static let dominantAtom = 0.2..<0.995

  /// The bins of a reference whose finite values are given in ascending order.
  ///
  /// Up to 32 bins of equal mass. A value that holds more than 1/32 of the reference is an atom: it gets the next
  /// smaller value as an edge too, so that it sits alone in its bin and a column that was constantly 5 shows when it
  /// becomes constantly 4. Where one atom holds 20 % to 99.5 %, the rest shares min(16, rest / 12) bins, at least 2.
  /// An empty reference gives one bin. Cost: linear.
  public static func build(sortedReference values: [Double]) -> NumericBinning {
    guard values.count > 0 else { return NumericBinning(edges: []) }
    let atoms = Self.atoms(of: values)
    var edges: Set<Double>
    if let atom = atoms.dominant {
      edges = dominatedEdges(values, atom: atom)
    } else {
      edges = quantileEdges(values, bins: SketchLimits.quantileBins)
      for atom in atoms.heavy where atom.lowerBound > 0 {
        edges.insert(values[atom.lowerBound - 1])
      }
    }
    if let lowest = atoms.heavy.first, lowest.lowerBound == 0 { edges.insert(values[0].nextDown) }
    return NumericBinning(edges: edges.filter(\.isFinite).sorted())
  }

  /// Runs of one value: those above 1/32 of the rows in ascending order, and the one that dominates, if any does.
  private static func atoms(of values: [Double]) -> (heavy: [Range<Int>], dominant: Range<Int>?) {
    var heavy: [Range<Int>] = []
    var largest = 0..<0
    var start = 0
    while start < values.count {
      var end = start + 1
      while end < values.count, values[end] == values[start] { end += 1 }
      if (end - start) * SketchLimits.quantileBins > values.count { heavy.append(start..<end) }
      if end - start > largest.count { largest = start..<end }
      start = end
    }
    let share = Double(largest.count) / Double(values.count)
    return (heavy, dominantAtom.contains(share) ? largest : nil)
  }

  private static func quantileEdges(_ values: [Double], bins: Int) -> Set<Double> {
    Set((1..<bins).map { values[values.count * $0 / bins] })
  }

  private static func dominatedEdges(_ values: [Double], atom: Range<Int>) -> Set<Double> {
    var rest = values
    rest.removeSubrange(atom)
    let bins = max(2, min(SketchLimits.quantileBins / 2, rest.count / 12))
    var edges = quantileEdges(rest, bins: bins)
    edges.insert(values[atom.lowerBound])
    edges.insert(values[atom.lowerBound].nextDown)
    return edges
  }
}
