/// A drawing that is as wide as its place allows and keeps its height and the size of its text, on a telephone and on a
/// wide screen alike: places to the right are shares of the width, 0 to 1; places downwards are pixels.
struct Chart {
  /// Where values lie, from the top.
  static let top = 14.0

  let title: String
  let description: String
  /// Where the largest and the smallest value of the scale lie.
  let floor: Double
  let height: Double
  let across: Scale
  let up: Scale
  private var parts: [String] = []
  private var labels: [String] = []

  /// - Parameters:
  ///   - across: of the rows.
  ///   - up: of the values; drawn with lines and numbers.
  ///   - plot: pixels that the values have.
  ///   - below: pixels between them and the numbers of the rows.
  ///   - times: stand under those numbers, where they are known.
  init(
    title: String, description: String, across: Scale, up: Scale, plot: Double = 170, below: Double = 0,
    times: RowTimes? = nil
  ) {
    (self.title, self.description, self.across, self.up) = (title, description, across, up)
    floor = Self.top + plot
    height = floor + below + (times == nil ? 18 : 32)
    for tick in up.ticks {
      horizontal(y(tick), style: "axis")
      label(up.text(of: tick), x: 0, y: y(tick) - 3)
    }
    for (index, tick) in across.ticks.enumerated() {
      let place = across.share(of: tick)
      let anchor = place < 0.1 ? "start" : place > 0.93 ? "end" : "middle"
      vertical(place, from: floor + below, to: floor + below + 4, style: "axis")
      label((index == 0 ? "row " : "") + across.text(of: tick), x: place, y: floor + below + 16, anchor: anchor)
      if let time = times?.text(ofRow: tick) { label(time, x: place, y: floor + below + 29, anchor: anchor) }
    }
    if below > 0 { horizontal(floor + below, style: "axis") }
  }

  func y(_ value: Double) -> Double {
    floor - up.share(of: value) * (floor - Self.top)
  }

  /// A line through places in rows and values.
  mutating func line(_ points: [(row: Double, value: Double)], style: String) {
    guard points.count > 1 else { return }
    let places = points.map { "\(Drawing.place(across.share(of: $0.row) * 1_000)),\(Drawing.place(y($0.value)))" }
    parts.append(
      "<svg viewBox=\"0 0 1000 \(Drawing.place(height))\" width=\"100%\" height=\"\(Drawing.place(height))\""
        + " preserveAspectRatio=\"none\"><polyline class=\"\(style)\" points=\"\(places.joined(separator: " "))\"/></svg>"
    )
  }

  mutating func horizontal(_ y: Double, style: String) {
    let place = Drawing.place(y)
    parts.append("<line class=\"\(style)\" x1=\"0\" y1=\"\(place)\" x2=\"100%\" y2=\"\(place)\"/>")
  }

  /// - Parameter x: share of the width.
  mutating func vertical(_ x: Double, from: Double, to: Double, style: String, tip: String? = nil) {
    let place = Self.percent(x)
    parts.append(
      "<line class=\"\(style)\" x1=\"\(place)\" y1=\"\(Drawing.place(from))\" x2=\"\(place)\""
        + " y2=\"\(Drawing.place(to))\">\(Drawing.title(tip))</line>")
  }

  mutating func mark(_ mark: Mark, x: Double, y: Double, style: String, tip: String? = nil) {
    parts.append(
      "<use href=\"#\(mark.id)\" class=\"m \(style)\" x=\"\(Self.percent(x))\" y=\"\(Drawing.place(y))\">"
        + "\(Drawing.title(tip))</use>")
  }

  /// - Parameter anchor: `start`, `middle` or `end`.
  mutating func label(_ text: String, x: Double, y: Double, anchor: String = "start") {
    labels.append(
      "<text x=\"\(Self.percent(x))\" y=\"\(Drawing.place(y))\" text-anchor=\"\(anchor)\">\(Page.escaped(text))</text>")
  }

  var svg: String {
    "<svg class=\"chart\" role=\"img\" style=\"height:\(Drawing.place(height))px\"><title>\(Page.escaped(title))</title>"
      + "<desc>\(Page.escaped(description))</desc>\(parts.joined())\(labels.joined())</svg>"
  }

  private static func percent(_ share: Double) -> String {
    Drawing.place(min(max(share, 0), 1) * 100, decimals: 100) + "%"
  }
}

/// Shapes that tell things apart where colour does not. Each is about ten pixels wide, around its place.
enum Mark: String, CaseIterable {
  case circle, square, triangle, diamond, cross, plus, bar, star

  var id: String { "m-\(rawValue)" }

  private var path: String {
    switch self {
    case .circle: "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0Z"
    case .square: "M-3.5-3.5h7v7h-7Z"
    case .triangle: "M0-5L4.5 3.5h-9Z"
    case .diamond: "M0-5L4 0L0 5L-4 0Z"
    case .cross: "M-4-4L4 4M-4 4L4-4"
    case .plus: "M0-5V5M-5 0H5"
    case .bar: "M0-5V5"
    case .star: "M0-5.5L1.5-1.5H5L2.2 1L3.4 5L0 2.6L-3.4 5L-2.2 1L-5-1.5H-1.5Z"
    }
  }

  /// What a page holds once, for its charts to name.
  static var definitions: String {
    "<svg width=\"0\" height=\"0\" style=\"position:absolute\" aria-hidden=\"true\"><defs>"
      + allCases.map { "<path id=\"\($0.id)\" d=\"\($0.path)\"/>" }.joined() + "</defs></svg>"
  }
}
