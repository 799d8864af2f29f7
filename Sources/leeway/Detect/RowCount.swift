import Sketches

/// Columns that count or date the rows: their values never come back, so they have no distribution that later rows could
/// keep, and watching them tells nothing but that rows go on.
extension FileColumn {
  /// Stretches of rows that are held against each other, and the rows that it takes to do so.
  private static let stretches = 10
  private static let leastRows = 20
  /// Of 100 rows, those that may share a value with another one in a column without repetitions.
  private static let mostRepeats = 1

  /// Whether no value of a stretch of the rows is met again two stretches later: the numbers only grow, or only fall, but
  /// for a little disorder, or the levels come and go.
  ///
  /// - Parameter isUnique: whether every row must have a value of its own, as where the rows may just have been sorted.
  func countsRows(isUnique: Bool) -> Bool {
    switch kind {
    case .numeric:
      let present = numbers.filter { !$0.isNaN }
      guard present.count >= Self.leastRows else { return false }
      let repeats = zip(present, present.dropFirst()).count { $0 == $1 }
      return Self.goesOneWay(present) && !(isUnique && repeats * 100 > present.count * Self.mostRepeats)
    case .category:
      let present = codes.filter { $0 >= 0 }
      guard present.count >= Self.leastRows else { return false }
      let repeats = present.count - levels.count
      return Self.comesAndGoes(present, levels.count) && !(isUnique && repeats * 100 > present.count * Self.mostRepeats)
    }
  }

  private static func stretch(_ index: Int, of count: Int) -> Range<Int> {
    count * index / stretches..<count * (index + 1) / stretches
  }

  private static func goesOneWay(_ values: [Double]) -> Bool {
    var least: [Double] = []
    var most: [Double] = []
    for index in 0..<stretches {
      let part = values[stretch(index, of: values.count)]
      least.append(part.min() ?? 0)
      most.append(part.max() ?? 0)
    }
    let pairs = zip(0..<stretches, 2..<stretches)
    return pairs.allSatisfy { most[$0] < least[$1] } || pairs.allSatisfy { least[$0] > most[$1] }
  }

  private static func comesAndGoes(_ codes: [Int32], _ levels: Int) -> Bool {
    var first = [Int](repeating: -1, count: levels)
    for index in 0..<stretches {
      for code in codes[stretch(index, of: codes.count)] {
        let level = Int(code)
        if first[level] < 0 { first[level] = index }
        if index > first[level] + 1 { return false }
      }
    }
    return true
  }
}

extension FileColumn {
  /// What is said of columns that were left out for counting the rows.
  static func leftOut(_ names: [String]) -> String {
    let (them, their) = names.count == 1 ? ("it", "its") : ("them", "their")
    return
      "\(names.joined(separator: ", ")): left out, for \(their) values never come back, as those of row numbers, ids "
      + "and times do not; name \(them) in --columns to compare \(them) all the same"
  }
}
