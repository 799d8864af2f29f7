import Testing

@testable import Backtest

/// How much more one series of losses sums up to than another.
@Suite("Regret")
struct RegretTests {
  @Test(
    "The regret to another series is the difference of their sums up to each row",
    arguments: [(1, 1), (100, 100), (3_000, 3_000), (5_000, 1_500), (1_500, 9_000)])
  func regret(rows: Int, others: Int) {
    var (one, other) = (LossSeries(from: 10), LossSeries(from: 10))
    for row in 0..<rows { one.add(1 + Double(row % 3), row: 10 + row) }
    for row in 0..<others { other.add(2, row: 10 + row) }
    let sums = one.regret(to: other, points: 50)
    #expect((1...50).contains(sums.count))
    for (row, sum) in sums {
      let own = (0..<min(row - 10, rows)).reduce(0.0) { $0 + 1 + Double($1 % 3) }
      #expect(sum == own - 2 * Double(min(row - 10, others)))
    }
    #expect(sums.last?.sum == one.sum - other.sum)
    #expect(one.regret(to: one, points: 7).allSatisfy { $0.sum == 0 })
    #expect(one.regret(to: LossSeries(from: 11), points: 7).isEmpty)
    #expect(LossSeries(from: 0).regret(to: LossSeries(from: 0), points: 7).isEmpty)
  }
}
