import Bytes
import Drift
import Events

/// Paired tests that begin one after the other, every 500 rows, and a bet with a deadline, mixed with weights that are fixed
/// beforehand: a challenger that became better late is found without the debts of the rows before, and one that was better
/// from the beginning within 2,000 rows.
///
///     E = w_0·D + Σ w_j·E_j,  w_0 = w_1 = 0.3,  w_2 … w_25 = 1/64 each,  w_j = 5/(8·(j − 1)·j) from there on: 1 in all
///
/// A test that has not begun counts 1. Each E_j is what `PairedTest` makes of the rows since its start, with the bound M of
/// all rows, and D is the fortune of a `DeadlineBet` on all rows to the power of 1/τ, so that E is a supermartingale under
/// the same conditions (a mixture over the time of the change: Shin, Ramdas and Rinaldo, "E-detectors", 2023, with weights of
/// sum 1). Twelve tests are kept: the weakest is given up for a new one, which only lowers E.
///
/// The τ of a late start is at least the root of that of all rows. Where one regime of 200 rows in five carries all the harm,
/// 31 % of the challengers that are worse by the tolerance were promoted so; 62 % with a τ of its own alone, which comes of
/// rows too few to show the regimes, and hardly fewer than now with the whole τ of all rows, which takes a change for the
/// better for a regime and leaves late starts without use.
///
/// A row costs about 0.2 µs, a look 3 µs; space is constant.
struct StaggeredTest: Hashable, Sendable {
  static let stride = 500
  private static let most = 12
  /// Tests behind the first that are given the same weight.
  private static let alike = 24
  private static let firstWeight = 0.3
  private static let lateWeight = 1.0 / 64
  private static let deadlineWeight = 0.3
  /// Of all tests from the 26th on.
  private static let restWeight = 1 - firstWeight - deadlineWeight - Double(alike) * lateWeight
  /// What the bet with a deadline is to bring, over what would suffice: it comes near its goal and seldom reaches it.
  private static let margin = 1.5

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
  private var deadline: DeadlineBet
  /// Tests that have begun, those that were given up among them.
  private var begun = 0

  /// - Parameter alpha: at which E is to prove something early; at any other it proves later.
  init(priorDependence: Double, alpha: Double) {
    all = PairedTest(priorDependence: priorDependence)
    deadline = DeadlineBet(target: Self.margin / (Self.deadlineWeight * alpha))
  }

  var priorDependence: Double { all.priorDependence }
  var rows: Int { all.rows }

  mutating func add(_ pair: LossPair, _ contrast: Contrast) {
    let value = contrast.value(pair)
    let before = all.differences
    let base = rows % Self.stride == 0 ? all.logWealth : nil
    guard all.add(value, least: contrast.least(pair)) else { return }
    deadline.add(value, before: before, largestShare: PairedTest.largestShare / all.bound)
    if let base { begin(base) }
    for index in starts.indices {
      starts[index].differences.add(value)
      starts[index].blocks.add(value)
      starts[index].champion.add(pair.champion)
      starts[index].challenger.add(pair.challenger)
    }
  }

  private mutating func begin(_ base: [Double]) {
    if starts.count == Self.most {
      let least = leastDependence
      let later = starts.indices.dropFirst()
      if let weakest = later.min(by: { weighed(starts[$0], least) < weighed(starts[$1], least) }) {
        starts.remove(at: weakest)
      }
    }
    begun += 1
    starts.append(Start(number: begun, base: base))
  }

  private func weight(_ number: Int) -> Double {
    if number == 1 { return Self.firstWeight }
    guard number > Self.alike + 1 else { return Self.lateWeight }
    return Self.restWeight * Double(Self.alike + 1) / (Double(number - 1) * Double(number))
  }

  /// The test of the rows since a start.
  ///
  /// - Parameter least: τ at least.
  private func test(_ start: Start, _ least: Double) -> PairedTest {
    all.since(start.base, differences: start.differences, blocks: start.blocks, dependence: least)
  }

  private func weighed(_ start: Start, _ least: Double) -> Double {
    Elementary.log(weight(start.number)) + test(start, least).logEvidence
  }

  private var leastDependence: Double { dependence.squareRoot() }

  /// ln E.
  var logEvidence: Double {
    guard begun > 0 else { return 0 }
    let least = leastDependence
    // What is left of the weights belongs to tests that have not begun.
    let rest =
      begun <= Self.alike
      ? Self.restWeight + Double(Self.alike + 1 - begun) * Self.lateWeight
      : Self.restWeight * Double(Self.alike + 1) / Double(begun)
    let bet = Elementary.log(Self.deadlineWeight) + deadline.logWealth / dependence
    let parts = starts.map { weighed($0, least) } + [Elementary.log(rest), bet]
    let largest = parts.reduce(-.infinity, max)
    return largest + Elementary.log(parts.reduce(0) { $0 + Elementary.exp($1 - largest) })
  }

  func proves(alpha: Double) -> Bool { logEvidence >= PairedTest.logThreshold(alpha) }

  /// τ of all rows.
  var dependence: Double { all.dependence }

  /// The figures of the rows since the start that says most; the evidence is that of all together.
  func record(tolerance: Double, alpha: Double) -> EvidenceRecord {
    let least = leastDependence
    guard let leading = starts.max(by: { weighed($0, least) < weighed($1, least) }) else {
      return all.record(tolerance: tolerance, alpha: alpha)
    }
    var record = test(leading, least).record(tolerance: tolerance, alpha: alpha)
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
    writer.append(deadline.logWealth)
  }

  /// - Throws: `ByteError` for figures that no rows give.
  init(alpha: Double, from reader: inout ByteReader) throws(ByteError) {
    let all = try PairedTest(from: &reader)
    self.init(priorDependence: all.priorDependence, alpha: alpha)
    self.all = all
    begun = (all.rows + Self.stride - 1) / Self.stride
    starts = try reader.array { reader throws(ByteError) in
      let number = try reader.index()
      var base: [Double] = []
      for _ in 0..<PairedTest.bets { base.append(try reader.double()) }
      return Start(
        number: number, base: base, differences: try RunningMean(from: &reader), blocks: try BlockSums(from: &reader),
        champion: try RunningMean(from: &reader), challenger: try RunningMean(from: &reader))
    }
    deadline.logWealth = try reader.double()
    let numbers = starts.map(\.number)
    guard starts.count == min(begun, Self.most), numbers.first ?? 1 == 1, numbers.last ?? begun == begun,
      zip(numbers, numbers.dropFirst()).allSatisfy({ $0 < $1 }),
      PairedTest.fortunes(of: all.rows).contains(deadline.logWealth)
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
