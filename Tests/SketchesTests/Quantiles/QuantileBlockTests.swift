import TestSupport
import Testing

@testable import Sketches

@Suite("Quantiles: sorting of blocks")
struct QuantileBlockTests {
  private static let ways: [QuantileBlock.Way] = [.linear, .clipped, .clustered, .merging]

  @Test("Every way sorts every block", arguments: QuantileStream.allCases)
  func sorts(stream: QuantileStream) {
    var scratch = QuantileScratch<Double>()
    for count in [1, 2, 39, 40, 41, 64, 100, 1_023, 1_024] {
      let values = stream.values(count, seed: UInt64(count))
      for way in Self.ways {
        var habit = QuantileBlock.Habit()
        habit.way = way
        habit.patience = way == .merging ? 3 : 0
        guard let extent = QuantileBlock.extent(values.span) else {
          Issue.record("no extent")
          continue
        }
        #expect(extent.low == values.min() && extent.high == values.max())
        QuantileBlock.sort(values.span, low: extent.low, high: extent.high, habit: &habit, scratch: &scratch)
        #expect(Array(scratch.sorted[..<count]) == values.sorted(), "\(way), \(count)")
      }
    }
  }

  @Test("Infinite and extreme ranges are sorted", arguments: ways)
  func extremes(way: QuantileBlock.Way) {
    var random = SplitMix64(seed: 8)
    var scratch = QuantileScratch<Float>()
    let alphabet: [Float] = [
      -.infinity, .infinity, -.greatestFiniteMagnitude, .greatestFiniteMagnitude, 0, .leastNonzeroMagnitude, 1,
    ]
    for count in [50, 300, 1_024] {
      let values = (0..<count).map { _ in alphabet[random.below(alphabet.count)] }
      var habit = QuantileBlock.Habit()
      habit.way = way
      QuantileBlock.sort(values.span, low: -.infinity, high: .infinity, habit: &habit, scratch: &scratch)
      #expect(Array(scratch.sorted[..<count]) == values.sorted())
    }
  }

  @Test("A block with a value that is not a number has no extent")
  func notANumber() {
    for position in 0..<9 {
      var values = [Double](repeating: 1, count: 9)
      values[position] = .nan
      let found = QuantileBlock.extent(values.span)
      #expect(found == nil)
    }
  }

  @Test("A habit that fails goes through the other ways and comes back")
  func habits() {
    var habit = QuantileBlock.Habit()
    var seen: [QuantileBlock.Way] = []
    for _ in 0..<3 {
      seen.append(habit.way)
      habit.failed()
      #expect(habit.way == seen.last, "one failure alone changes nothing")
      habit.failed()
    }
    for _ in 0..<QuantileBlock.patience {
      seen.append(habit.way)
      habit.failed()
    }
    #expect(seen.prefix(4) == [.linear, .clipped, .clustered, .merging])
    #expect(habit == QuantileBlock.Habit())
  }
}
