import Events
import TestSupport
import Testing

@testable import Backtest

@Suite("Rows that wait for their labels")
struct OpenRowsTests {
  /// What is kept, straight from what is promised.
  private struct Model {
    var waiting: [(id: String, row: Int, expires: Milliseconds)] = []

    mutating func add(_ id: String, row: Int, expires: Milliseconds, most: Int) {
      guard !waiting.contains(where: { $0.id == id }) else { return }
      waiting.append((id, row, expires))
      if waiting.count > most { waiting.removeFirst() }
    }

    mutating func take(_ id: String) -> Int? {
      waiting.firstIndex { $0.id == id }.map { waiting.remove(at: $0).row }
    }
  }

  @Test("None waits past its time, no more than may wait do, and the oldest go first", arguments: [1, 3, 50, 20_000])
  func bounded(most: Int) {
    var chance = SplitMix64(seed: UInt64(most))
    var open = OpenRows<Int>(most: most)
    var model = Model()
    for row in 0..<30_000 {
      let (id, time) = ("r\(chance.below(200))", Milliseconds(row))
      switch chance.below(3) {
      case 0: #expect(open.take(id)?.row == model.take(id))
      default:
        open.add(id, row: row, row, expires: time + 40)
        model.add(id, row: row, expires: time + 40, most: most)
      }
      open.expire(before: time)
      model.waiting.removeAll { $0.expires < time }
    }
    for waiting in model.waiting { #expect(open.take(waiting.id)?.value == waiting.row) }
  }
}
