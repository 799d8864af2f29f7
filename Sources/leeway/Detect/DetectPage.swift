import Foundation

/// What `leeway detect --html` draws: the table, each column's two distributions, the evidence over the rows.
struct DetectPage {
  /// One column's two distributions over the bins of its reference.
  struct Distribution {
    let column: String
    let labels: [String]
    /// Shares of all rows, 0 to 1.
    let reference: [Double]
    let current: [Double]
  }

  /// The evidence at one row; an alarm is raised where it reaches 1.
  struct Score {
    let row: Int
    let evidence: Double
  }

  private static let bars = (width: 360, height: 200)
  private static let line = (width: 1_000, height: 240)
  /// Points of the evidence's line; beyond it the highest of each stretch is drawn.
  private static let points = 1_000

  static func distribution(_ shape: Distribution) -> Drawing {
    let (width, height) = bars
    let changes = zip(shape.reference, shape.current).map { ($1 - $0).magnitude }
    let widest = changes.indices.max { changes[$0] < changes[$1] }
    var drawing = Drawing(
      width: width, height: height, title: "Distribution of \(shape.column)",
      description: widest.map { bin in
        "Largest change: \(shape.labels[bin]) from \(percent(shape.reference[bin])) to \(percent(shape.current[bin]))."
      } ?? "No rows.")
    let top = 14.0
    let floor = Double(height) - 30
    let highest = max(shape.reference.max() ?? 0, shape.current.max() ?? 0, 1e-9)
    let slot = Double(width) / Double(max(shape.labels.count, 1))
    for bin in shape.labels.indices {
      let left = slot * Double(bin)
      let sides = [("r", "reference", shape.reference[bin], 0.1), ("c", "current", shape.current[bin], 0.5)]
      for (style, side, share, offset) in sides {
        let tall = share / highest * (floor - top)
        drawing.rectangle(
          x: left + slot * offset, y: floor - tall, width: slot * 0.4, height: tall, style: style,
          tip: "\(shape.labels[bin]), \(side): \(percent(share))")
      }
    }
    drawing.line(from: (0, floor), to: (Double(width), floor), style: "axis")
    drawing.text("grey: reference, blue: current; tallest \(percent(highest))", x: 0, y: 10)
    drawing.text(shape.labels.first ?? "", x: 0, y: floor + 14)
    if shape.labels.count > 1 {
      drawing.text(shape.labels.last ?? "", x: Double(width), y: floor + 27, anchor: "end")
    }
    return drawing
  }

  /// Evidence on a logarithmic scale from a millionth to ten times the alarm's level.
  static func evidence(_ scores: [Score], alarms: [Int]) -> Drawing {
    let (width, height) = line
    let last = max(scores.last?.row ?? 1, 1)
    var drawing = Drawing(
      width: width, height: height, title: "Evidence of a change over the rows",
      description: alarms.isEmpty
        ? "No alarm in \(last) rows." : "Alarms at rows \(alarms.prefix(20).map(String.init).joined(separator: ", ")).")
    let floor = Double(height) - 24
    func x(_ row: Int) -> Double { Double(row) / Double(last) * Double(width) }
    func y(_ evidence: Double) -> Double {
      let decades = min(max(log10(max(evidence, 1e-300)), -6), 1)
      return 10 + (1 - decades) / 7 * (floor - 10)
    }
    for decade in [-6, -4, -2] {
      let level = y(pow(10, Double(decade)))
      drawing.line(from: (0, level), to: (Double(width), level), style: "axis")
      drawing.text("10^\(decade)", x: 2, y: level - 3)
    }
    drawing.line(from: (0, y(1)), to: (Double(width), y(1)), style: "limit")
    drawing.text("alarm", x: 2, y: y(1) - 3)
    drawing.path(thinned(scores).map { (x($0.row), y($0.evidence)) }, style: "score")
    for row in alarms {
      drawing.line(from: (x(row), 10), to: (x(row), floor), style: "alarm", tip: "alarm at row \(row)")
    }
    drawing.text("row 0", x: 0, y: Double(height) - 8)
    drawing.text("row \(Figures.grouped(last))", x: Double(width), y: Double(height) - 8, anchor: "end")
    return drawing
  }

  /// The highest score of each stretch, so that no peak is lost.
  static func thinned(_ scores: [Score]) -> [Score] {
    guard scores.count > points else { return scores }
    return (0..<points).compactMap { index in
      scores[scores.count * index / points..<scores.count * (index + 1) / points].max { $0.evidence < $1.evidence }
    }
  }

  private static func percent(_ share: Double) -> String {
    Figures.metric(share * 100) + " %"
  }
}
