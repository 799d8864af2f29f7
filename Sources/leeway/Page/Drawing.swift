/// An SVG drawing with a title and a description for readers that do not see it.
struct Drawing {
  let width: Int
  let height: Int
  let title: String
  let description: String
  private var parts: [String] = []

  init(width: Int, height: Int, title: String, description: String) {
    (self.width, self.height, self.title, self.description) = (width, height, title, description)
  }

  mutating func rectangle(x: Double, y: Double, width: Double, height: Double, style: String, tip: String) {
    parts.append(
      "<rect class=\"\(style)\" x=\"\(Self.place(x))\" y=\"\(Self.place(y))\" width=\"\(Self.place(max(width, 0)))\""
        + " height=\"\(Self.place(max(height, 0)))\">\(Self.title(tip))</rect>")
  }

  mutating func line(from: (x: Double, y: Double), to: (x: Double, y: Double), style: String, tip: String? = nil) {
    parts.append(
      "<line class=\"\(style)\" x1=\"\(Self.place(from.x))\" y1=\"\(Self.place(from.y))\" x2=\"\(Self.place(to.x))\""
        + " y2=\"\(Self.place(to.y))\">\(Self.title(tip))</line>")
  }

  mutating func path(_ points: [(x: Double, y: Double)], style: String) {
    let places = points.map { "\(Self.place($0.x)),\(Self.place($0.y))" }.joined(separator: " ")
    parts.append("<polyline class=\"\(style)\" points=\"\(places)\"/>")
  }

  /// - Parameter anchor: `start`, `middle` or `end`.
  mutating func text(_ text: String, x: Double, y: Double, anchor: String = "start") {
    parts.append(
      "<text x=\"\(Self.place(x))\" y=\"\(Self.place(y))\" text-anchor=\"\(anchor)\">\(Page.escaped(text))</text>")
  }

  var svg: String {
    "<svg class=\"drawing\" viewBox=\"0 0 \(width) \(height)\" role=\"img\"><title>\(Page.escaped(title))</title>"
      + "<desc>\(Page.escaped(description))</desc>\(parts.joined())</svg>"
  }

  /// What is shown where something points at a part; nothing for nil.
  static func title(_ tip: String?) -> String {
    tip.map { "<title>\(Page.escaped($0))</title>" } ?? ""
  }

  /// A coordinate with one decimal, or as many as `decimals` is a power of ten.
  static func place(_ value: Double, decimals: Double = 10) -> String {
    let rounded = (value * decimals).rounded() / decimals
    return rounded == rounded.rounded() ? String(Int(rounded)) : String(rounded)
  }
}
