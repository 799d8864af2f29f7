import Testing

@testable import leeway

/// Axes of charts.
@Suite("Scale")
struct ScaleTests {
  private static let values = [
    -1e12, -3.7, -1, -0.001, 0, 1e-9, 0.0004, 0.31, 0.32, 1, 9.99, 10, 123.4, 45_312, 1e7, 3e15, .infinity, .nan,
  ]

  @Test("Few round numbers that lie inside, for every pair of values", arguments: 1...6)
  func ticks(most: Int) {
    for one in Self.values {
      for other in Self.values {
        let scale = Scale(around: [one, other], ticks: most)
        #expect(scale.low < scale.high && scale.low.isFinite && scale.high.isFinite)
        #expect((1...most + 3).contains(scale.ticks.count), "\(one) \(other): \(scale.ticks)")
        for value in [one, other] where value.isFinite { #expect((0...1).contains(scale.share(of: value))) }
        let texts = scale.ticks.map(scale.text)
        #expect(Set(texts).count == texts.count, "\(one) \(other): \(texts)")
        guard one < other, one.isFinite, other.isFinite else { continue }
        let exact = Scale(exactly: one...other, ticks: most)
        #expect(exact.low == one && exact.ticks.count <= most + 1 && exact.ticks.allSatisfy((one...other).contains))
      }
    }
    #expect(Scale(around: [], ticks: most).ticks.isEmpty == false)
  }

  @Test("Numbers are written for people")
  func texts() {
    let loss = Scale(around: [0.31, 0.52], ticks: 4)
    #expect(loss.ticks.map(loss.text) == ["0.3", "0.4", "0.5", "0.6"])
    let regret = Scale(around: [-5_200, 900], ticks: 4, signed: true)
    #expect(regret.ticks.map(regret.text) == ["−6,000", "−4,000", "−2,000", "0", "+2,000"])
    let rows = Scale(exactly: 4_531...45_312, ticks: 5)
    #expect(rows.ticks.map(rows.text) == ["10,000", "20,000", "30,000", "40,000"])
    let flat = Scale(around: [0, 0], ticks: 4)
    #expect(flat.low == -1 && flat.high == 1)
  }
}
