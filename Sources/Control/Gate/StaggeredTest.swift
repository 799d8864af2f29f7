import Bytes
import Drift
import Events

/// Paired tests that begin one after the other, every 500 rows, mixed with weights that are fixed beforehand: a challenger
/// that became better late is found without the debts of the rows before.
///
///     E = Σ w_j·E_j,  w_1 = 1/2,  w_2 … w_25 = 1/64 each,  w_j = 25/(8·(j − 1)·j) from there on: 1 in all
///
/// A test that has not begun counts 1. Each E_j is what `PairedTest` makes of the rows since its start, with the bound M of
/// all rows, so that E is a supermartingale under the same conditions (a mixture over the time of the change: Shin, Ramdas
/// and Rinaldo, "E-detectors", 2023, with weights of sum 1). Twelve tests are kept: the weakest is given up for a new one,
/// which only lowers E.
///
/// A row costs about 0.2 µs, a look 3 µs; space is constant.
struct StaggeredTest: Hashable, Sendable {
  static let stride = 500
  private static let most = 12
  /// Tests behind the first that are given the same weight.
  private static let alike = 24

  private struct Start: Hashable, Sendable {
    /// 1 for the test of all rows.
    let number: Int
    /// The fortunes of the test of all rows when this one began: what has been won since is its own.
    let base: [Double]
    var differences = RunningMean()
    var blocks = BlockSums()
    var champion = RunningMean()
    var challenger = RunningMean()
  }

  /// Of all rows: bets and bound.
  private var all: PairedTest
  private var starts: [Start] = []
  /// Tests that have begun, those that were given up among them.
  private var begun = 0

  init(priorDependence: Double) { all = PairedTest(priorDependence: priorDependence) }

  var priorDependence: Double { all.priorDependence }
  var rows: Int { all.rows }

  mutating func add(_ pair: LossPair, _ contrast: Contrast) {
    let value = contrast.value(pair)
    let base = all.logWealth
    guard all.add(value, least: contrast.least(pair)) else { return }
    if (rows - 1) % Self.stride == 0 { begin(base) }
    for index in starts.indices {
      starts[index].differences.add(value)
      starts[index].blocks.add(value)
      starts[index].champion.add(pair.champion)
      starts[index].challenger.add(pair.challenger)
    }
  }

  private mutating func begin(_ base: [Double]) {
    if starts.count == Self.most {
      let later = starts.indices.dropFirst()
      if let weakest = later.min(by: { weighed(starts[$0]) < weighed(starts[$1]) }) { starts.remove(at: weakest) }
    }
    begun += 1
    starts.append(Start(number: begun, base: base))
  }

  private func weight(_ number: Int) -> Double {
    if number == 1 { return 1.0 / 2 }
    return number <= Self.alike + 1 ? 1.0 / 64 : 25.0 / 8 / (Double(number - 1) * Double(number))
  }

  /// The test of the rows since a start.
  private func test(_ start: Start) -> PairedTest {
    all.since(start.base, differences: start.differences, blocks: start.blocks)
  }

  private func weighed(_ start: Start) -> Double { Elementary.log(weight(start.number)) + test(start).logEvidence }

  /// ln E.
  var logEvidence: Double {
    guard begun > 0 else { return 0 }
    // What is left of the weights belongs to tests that have not begun.
    let rest = begun <= Self.alike ? 1.0 / 2 - Double(begun - 1) / 64 : 25.0 / 8 / Double(begun)
    let parts = starts.map(weighed) + [Elementary.log(rest)]
    let largest = parts.reduce(-.infinity, max)
    return largest + Elementary.log(parts.reduce(0) { $0 + Elementary.exp($1 - largest) })
  }

  func proves(alpha: Double) -> Bool { logEvidence >= PairedTest.logThreshold(alpha) }

  /// τ of all rows.
  var dependence: Double { all.dependence }

  /// The figures of the rows since the start that says most; the evidence is that of all together.
  func record(tolerance: Double, alpha: Double) -> EvidenceRecord {
    guard let leading = starts.max(by: { weighed($0) < weighed($1) }) else {
      return all.record(tolerance: tolerance, alpha: alpha)
    }
    var record = test(leading).record(tolerance: tolerance, alpha: alpha)
    record.logEvidence = logEvidence
    if leading.number > 1 { record.firstRow = (leading.number - 1) * Self.stride }
    if leading.champion.mean > 0 {
      record.gain = (leading.champion.mean - leading.challenger.mean) / leading.champion.mean
    }
    return record
  }
}

extension StaggeredTest {
  func encode(into writer: inout ByteWriter) {
    all.encode(into: &writer)
    writer.append(starts) { writer, start in
      writer.append(count: start.number)
      for wealth in start.base { writer.append(wealth) }
      start.differences.encode(into: &writer)
      start.blocks.encode(into: &writer)
      start.champion.encode(into: &writer)
      start.challenger.encode(into: &writer)
    }
  }

  /// - Throws: `ByteError` for figures that no rows give.
  init(from reader: inout ByteReader) throws(ByteError) {
    all = try PairedTest(from: &reader)
    begun = (all.rows + Self.stride - 1) / Self.stride
    starts = try reader.array { reader throws(ByteError) in
      let number = try reader.index()
      var base: [Double] = []
      for _ in 0..<PairedTest.bets { base.append(try reader.double()) }
      return Start(
        number: number, base: base, differences: try RunningMean(from: &reader), blocks: try BlockSums(from: &reader),
        champion: try RunningMean(from: &reader), challenger: try RunningMean(from: &reader))
    }
    let numbers = starts.map(\.number)
    guard starts.count == min(begun, Self.most), numbers.first ?? 1 == 1, numbers.last ?? begun == begun,
      zip(numbers, numbers.dropFirst()).allSatisfy({ $0 < $1 })
    else { throw reader.failure("tests that no rows begin") }
    for start in starts {
      let own = all.rows - (start.number - 1) * Self.stride
      guard [start.differences, start.champion, start.challenger].allSatisfy({ $0.count == own }),
        start.blocks.rows == own, start.champion.mean >= 0, start.challenger.mean >= 0,
        start.base.allSatisfy({ PairedTest.fortunes(of: all.rows - own).contains($0) })
      else { throw reader.failure("a test that no rows give") }
    }
  }
}
