import Drift
import Foundation

/// What `leeway detect --html` draws: the table, each column's two distributions, the evidence over the rows.
enum DetectPage {
  /// One column's two distributions over the bins of its reference; bins that are empty on both sides are left out.
  struct Distribution {
    let column: String
    let bins: [BinShift]

    init(column: String, shares: [BinShift]) {
      self.column = column
      bins = shares.filter { $0.reference > 0 || $0.current > 0 }.map {
        BinShift(bin: Self.readable($0.bin), reference: $0.reference, current: $0.current)
      }
    }

    /// An interval that holds one number alone as that number.
    private static func readable(_ bin: String) -> String {
      guard bin.first == "(", bin.last == "]" else { return bin }
      let ends = bin.dropFirst().dropLast().split(separator: ", ").map { Double($0) }
      guard ends.count == 2, let low = ends[0], let high = ends[1], low.nextUp == high else { return bin }
      return "= \(high)"
    }
  }

  private static let bars = (width: 360, height: 210)
  /// Bins that are named one by one.
  private static let mostNames = 8
  /// Width of a character of a label.
  private static let character = 6.6

  static func legend(isWalk: Bool) -> String {
    let changed =
      isWalk
      ? "changed: yes where the column led an alarm, or where all rows behind the first reference differ from it; p "
        + "bounds the probability that both are chance."
      : "changed: whether the two files differ at all, at a level of 1 % for all columns together; p allows for their "
        + "number and for rows that depend on their neighbours."
    return changed
      + " verdict: whether the difference is large, by the statistic that comes furthest; the value for all "
      + "rows lies between low and high."
  }

  /// - Parameter current: what the rows are called that stand beside the reference.
  static func distribution(_ shape: Distribution, current: String = "current") -> Drawing {
    let (width, height) = bars
    let widest = shape.bins.max { $0.change < $1.change }
    var drawing = Drawing(
      width: width, height: height, title: "Distribution of \(shape.column)",
      description: widest.map {
        "Largest change: \($0.bin) from \(percent($0.reference)) to \(percent($0.current))."
      } ?? "No rows.")
    let (top, floor) = (18.0, Double(height) - 30)
    let highest = shape.bins.reduce(1e-9) { max($0, $1.reference, $1.current) }
    let slot = Double(width) / Double(max(shape.bins.count, 1))
    let bar = min(slot * 0.42, 60)
    for (index, bin) in shape.bins.enumerated() {
      let middle = slot * (Double(index) + 0.5)
      for (style, side, share, left) in [
        ("r", "reference", bin.reference, middle - bar), ("c", current, bin.current, middle),
      ] {
        let tall = share / highest * (floor - top)
        drawing.rectangle(
          x: left, y: floor - tall, width: bar, height: tall, style: style,
          tip: "\(bin.bin), \(side): \(percent(share))")
      }
    }
    drawing.line(from: (0, floor), to: (Double(width), floor), style: "axis")
    drawing.text(
      "left, grey: reference; right, blue: \(current); tallest \(percent(highest))", x: 0, y: 10)
    name(shape.bins, slot, floor, &drawing)
    return drawing
  }

  private static func name(_ bins: [BinShift], _ slot: Double, _ floor: Double, _ drawing: inout Drawing) {
    let width = slot * Double(bins.count)
    guard bins.count > mostNames else {
      for (index, bin) in bins.enumerated() {
        let label = shortened(bin.bin, to: slot)
        drawing.text(label, x: slot * (Double(index) + 0.5), y: floor + 14, anchor: "middle")
      }
      return
    }
    drawing.text(shortened(bins[0].bin, to: width / 2), x: 0, y: floor + 14)
    drawing.text(shortened(bins[bins.count - 1].bin, to: width / 2), x: width, y: floor + 27, anchor: "end")
  }

  private static func shortened(_ label: String, to width: Double) -> String {
    let room = max(Int(width / character), 2)
    return label.count > room ? label.prefix(room - 1) + "…" : label
  }

  static func percent(_ share: Double) -> String {
    String(format: share >= 0.0995 || share == 0 ? "%.0f %%" : "%.2g %%", share * 100)
  }
}

extension BinShift {
  fileprivate var change: Double { (current - reference).magnitude }
}

extension DetectPage {
  private static let line = (width: 1_000, height: 260)
  /// Powers of ten that the evidence's scale spans.
  private static let decades = (low: -6.0, high: 1.0)

  /// Evidence over the rows on a logarithmic scale, with the references as grey stretches.
  static func evidence(_ walk: DetectResult.Walk, rows: Int) -> Drawing {
    let (width, height) = line
    let alarms = walk.alarms.map(\.row)
    var drawing = Drawing(
      width: width, height: height, title: "Evidence of a change over the rows",
      description: alarms.isEmpty
        ? "No alarm in \(rows) rows." : "Alarms at rows \(alarms.prefix(20).map(String.init).joined(separator: ", ")).")
    let (top, floor, right) = (10.0, Double(height) - 24, Double(width))
    func x(_ row: Int) -> Double { Double(row) / Double(max(rows, 1)) * right }
    func y(_ evidence: Double) -> Double {
      let decade = min(max(log10(max(evidence, 1e-300)), decades.low), decades.high)
      return top + (decades.high - decade) / (decades.high - decades.low) * (floor - top)
    }
    for reference in walk.references {
      drawing.rectangle(
        x: x(reference.lowerBound - 1), y: top, width: x(reference.count), height: floor - top, style: "band",
        tip: "reference: rows \(reference.lowerBound) to \(reference.upperBound)")
    }
    for (level, label) in [(1e-6, "10⁻⁶"), (1e-4, "10⁻⁴"), (1e-2, "10⁻²")] {
      drawing.line(from: (0, y(level)), to: (right, y(level)), style: "axis")
      drawing.text(label, x: 2, y: y(level) - 3)
    }
    drawing.line(from: (0, y(1)), to: (right, y(1)), style: "limit")
    drawing.text("alarm", x: 2, y: y(1) - 3)
    for segment in walk.evidence.segments where !segment.isEmpty {
      drawing.path(segment.map { (x($0.row), y($0.evidence)) }, style: "score")
    }
    for row in alarms {
      drawing.line(from: (x(row), top), to: (x(row), floor), style: "alarm", tip: "alarm at row \(row)")
    }
    drawing.text("row 1", x: 0, y: Double(height) - 8)
    drawing.text("row \(Figures.grouped(rows))", x: right, y: Double(height) - 8, anchor: "end")
    return drawing
  }
}
