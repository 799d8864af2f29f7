public import Bytes

/// Frozen bins of a categorical column: one for each frequent level of the reference, one for its other levels, one
/// for levels that it never held.
public struct CategoryBinning: Sendable {
  /// The levels with a bin of their own, most frequent first, then by name. At most `SketchLimits.categoryBins`.
  public let levels: [String]
  /// The reference's levels without a bin of their own, by name. At most `SketchLimits.otherLevels`.
  public let others: [String]
  /// Whether the reference held more levels than `others` can name. An unknown level may then be one of those, so it
  /// is counted as other and nothing is counted as unseen.
  public let othersIncomplete: Bool
  private let bins: [String: Int]

  init(levels: [String], others: [String], othersIncomplete: Bool) {
    self.levels = levels
    self.others = others
    self.othersIncomplete = othersIncomplete
    var bins: [String: Int] = [:]
    bins.reserveCapacity(levels.count + others.count)
    for (index, level) in levels.enumerated() { bins[level] = index }
    for level in others { bins[level] = levels.count }
    self.bins = bins
  }

  /// The bins of a reference with these rows per level.
  ///
  /// A level of fewer rows than `SketchLimits.rowsOfBinnedLevel` gets no bin of its own, so that a long tail of rare
  /// levels adds no bins whose shares are mostly chance. Cost: n log n in the number of levels.
  public static func build(counts: [String: Int]) -> CategoryBinning {
    let ranked = counts.filter { $0.value > 0 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    var levels: [String] = []
    var others: [String] = []
    var tooLong = false
    for (level, count) in ranked {
      if level.utf8.count > SketchLimits.levelBytes {
        tooLong = true
      } else if count >= SketchLimits.rowsOfBinnedLevel, levels.count < SketchLimits.categoryBins {
        levels.append(level)
      } else {
        others.append(level)
      }
    }
    let kept = others.prefix(SketchLimits.otherLevels).sorted()
    return CategoryBinning(
      levels: levels, others: kept, othersIncomplete: tooLong || kept.count < others.count)
  }

  public var binCount: Int { levels.count + 2 }
  /// The bin of the reference's levels without a bin of their own.
  public var otherBin: Int { levels.count }
  /// The bin of levels that the reference never held.
  public var unseenBin: Int { levels.count + 1 }

  /// One hash of the name. A name beyond `SketchLimits.levelBytes` is counted as other.
  public func bin(of level: String) -> Int {
    if let bin = bins[level] { return bin }
    return othersIncomplete || level.utf8.count > SketchLimits.levelBytes ? otherBin : unseenBin
  }

  /// The bin's level, `(other)` or `(unseen)`.
  public func label(of bin: Int) -> String {
    if bin < levels.count { return levels[bin] }
    return bin == otherBin ? "(other)" : "(unseen)"
  }
}

/// Counts that stand for what the reference's rows would be if the reference held only the other rows.
extension CategoryBinning {
  /// The bin of a row whose level the reference holds `rows` times: a level of one row counts as unseen.
  ///
  /// The share of such rows is the Good–Turing (1953) estimate of how often a level will be met that the reference
  /// never held. Without it every column with a long tail of levels would seem to drift for ever.
  public func referenceBin(of level: String, rows: Int) -> Int {
    let bin = bin(of: level)
    let isAlone = rows == 1 && bin == otherBin && !othersIncomplete && level.utf8.count <= SketchLimits.levelBytes
    return isAlone ? unseenBin : bin
  }

  /// The counts with which a reference of these rows per level enters a comparison: by `referenceBin`, and what the
  /// levels at the cut hold beyond their due goes over to the others.
  ///
  /// A level just above the cut has its bin by luck of this sample, so `(other)` would come out too small: with a hundred
  /// equally frequent levels by many standard deviations.
  public func referenceCounts(of counts: [String: Int]) -> [Int] {
    var binned = [Int](repeating: 0, count: binCount)
    for (level, rows) in counts { binned[referenceBin(of: level, rows: rows)] += rows }
    let own = binned[..<levels.count].reduce(0, +)
    let lucky = min(rowsAtCut(counts), own / 2)
    guard lucky > 0 else { return binned }
    let due = Double(own - lucky) / Double(own)
    var (before, given) = (0, 0)
    for bin in levels.indices {
      before += binned[bin]
      binned[bin] = Int((Double(before) * due).rounded()) - given
      given += binned[bin]
    }
    binned[otherBin] += own - given
    return binned
  }

  /// Rows of the levels that would lose their bin with one row less: of those at the cut, whose number the levels within
  /// half a standard deviation of it, where there are some, tell better than they do themselves.
  private func rowsAtCut(_ counts: [String: Int]) -> Int {
    let others = counts.filter { $0.key.utf8.count <= SketchLimits.levelBytes && bins[$0.key] ?? otherBin == otherBin }
    let isFull = levels.count == SketchLimits.categoryBins
    let cut = max(isFull ? others.values.max() ?? 0 : 0, SketchLimits.rowsOfBinnedLevel)
    let reach = Int((Double(cut).squareRoot() / 2).rounded())
    let near = counts.values.count { ($0 - cut).magnitude <= reach }
    return near < 8 ? cut * levels.count { counts[$0] == cut } : cut * near / (2 * reach + 1)
  }
}

extension CategoryBinning: Hashable {
  public static func == (left: Self, right: Self) -> Bool {
    left.levels == right.levels && left.others == right.others
      && left.othersIncomplete == right.othersIncomplete
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(levels)
    hasher.combine(others)
    hasher.combine(othersIncomplete)
  }
}

extension CategoryBinning {
  public func encode(into writer: inout ByteWriter) {
    writer.append(levels) { $0.append($1) }
    writer.append(others) { $0.append($1) }
    writer.append(othersIncomplete)
  }

  /// Refuses more levels than the limits allow, over-long names, and a level named twice.
  public init(from reader: inout ByteReader) throws(ByteError) {
    var known: Set<String> = []
    let levels = try Self.names(from: &reader, limit: SketchLimits.categoryBins, known: &known)
    let others = try Self.names(from: &reader, limit: SketchLimits.otherLevels, known: &known)
    self.init(levels: levels, others: others, othersIncomplete: try reader.bool())
  }

  private static func names(
    from reader: inout ByteReader, limit: Int, known: inout Set<String>
  ) throws(ByteError) -> [String] {
    let count = try reader.count()
    guard count <= limit else { throw reader.failure("\(count) levels where \(limit) are allowed") }
    var names: [String] = []
    for _ in 0..<count {
      let name = try reader.string()
      guard name.utf8.count <= SketchLimits.levelBytes else {
        throw reader.failure("a level's name is too long")
      }
      guard known.insert(name).inserted else { throw reader.failure("a level named twice") }
      names.append(name)
    }
    return names
  }
}
