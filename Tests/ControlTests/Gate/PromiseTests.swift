import TestSupport
import Testing

@testable import Control

/// The promise on seeded streams, in small: `leeway-bench gate` measures it on 1,000 seeds.
struct PromiseTests {
  static let seeds = 40

  /// Worse by exactly the tolerance, looked at every 50 labels: proven "not worse" in at most 5 %. Six or more of 40
  /// have a chance of 1.4 % then.
  @Test(arguments: GateStream.allCases.filter { $0 != .regimes }) func worseByTheToleranceIsNotPromoted(
    stream: GateStream
  ) {
    let proven = (0..<Self.seeds).count { stream.proof(mean: 0, rows: 2_000, seed: $0) != nil }
    #expect(proven <= 5)
  }

  /// Worse by 10 %: x has mean −0.08 of the champion's loss.
  @Test(arguments: GateStream.allCases.filter { $0 != .regimes }) func worseByATenthIsNotPromoted(stream: GateStream) {
    let proven = (0..<Self.seeds).count { stream.proof(mean: -0.04, rows: 1_000, seed: $0) != nil }
    #expect(proven <= 2)
  }

  /// Better by 10 %, with a deviation of 1.3 losses: 95 % within 2,000 rows are promised. Fewer than 35 of 40 have a chance
  /// of 1.4 % then.
  @Test func betterByATenthIsPromoted() {
    let proven = (0..<Self.seeds).count { GateStream.independent.proof(mean: 0.06, rows: 2_000, seed: $0) != nil }
    #expect(proven >= 35)
  }

  /// Where the gate fails: a few regimes of 200 rows carry all the harm, and what has not been seen cannot be known. 31 %
  /// of 1,000 seeds were measured over 10,000 rows. The documentation says so; a version that mends it may say better.
  @Test func harmInAFewRegimesIsMissed() {
    let proven = (0..<Self.seeds).count { GateStream.regimes.proof(mean: 0, rows: 3_000, seed: $0) != nil }
    #expect((4...20).contains(proven), "more than the promised 5 %")
  }

  /// Looking at every row and stopping at the first proof gains nothing on independent rows.
  @Test func stoppingAtTheFirstProofIsCovered() {
    let proven = (0..<200).count { seed in
      var random = SplitMix64(seed: UInt64(seed))
      random = SplitMix64(seed: random.next())
      var test = PairedTest()
      return (0..<300).contains { _ in
        test.add(random.below(2) == 0 ? 1 : -1, least: -1)
        return test.proves(alpha: 0.05)
      }
    }
    #expect(proven <= 17, "5 % of 200, and three standard errors")
  }
}
