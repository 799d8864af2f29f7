import Foundation

/// A page of HTML that stands alone: no script, no font, no image, no request to any network. It follows the reader's
/// light or dark preference, fits a telephone and prints.
struct Page {
  private static let style = """
    :root{color-scheme:light dark;--paper:#fff;--ink:#1c2430;--faint:#5b6675;--line:#d5dbe3;--reference:#8794a6;
    --current:#0b6bcb;--alarm:#b3261e;--band:#f3f6fa}
    @media (prefers-color-scheme:dark){:root{--paper:#14181f;--ink:#e6eaf0;--faint:#9aa6b5;--line:#343c48;
    --reference:#7c8999;--current:#5aa9f5;--alarm:#ff8a80;--band:#1c222b}}
    *{box-sizing:border-box}body{margin:0 auto;max-width:72rem;padding:1rem;background:var(--paper);color:var(--ink);
    font:1rem/1.5 system-ui,sans-serif}h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
    .scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
    th,td{padding:.3rem .6rem;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
    th:first-child,td:first-child{text-align:left}.drift,.yes{color:var(--alarm);font-weight:600}
    .grid{display:grid;gap:1rem;grid-template-columns:repeat(auto-fill,minmax(min(20rem,100%),1fr))}
    figure{margin:0;padding:.6rem;border:1px solid var(--line);border-radius:.4rem;break-inside:avoid}
    figcaption{font-weight:600;overflow-wrap:anywhere}svg{display:block;width:100%;height:auto}
    svg text{fill:var(--faint);font:11px system-ui,sans-serif}.faint{color:var(--faint)}
    .r{fill:var(--reference)}.c{fill:var(--current)}.axis{stroke:var(--line)}
    .score{fill:none;stroke:var(--current);stroke-width:1.5}.limit{stroke:var(--alarm);stroke-dasharray:4 3}
    .alarm{stroke:var(--alarm);stroke-width:1.5}.band{fill:var(--band)}.marked{border-color:var(--alarm)}
    figure+p,figure+.scroll{margin-top:1rem}
    @media print{body{max-width:none}figure{border-color:#999}}
    """

  let title: String
  private var body: [String] = []

  init(title: String) {
    self.title = title
    body.append("<h1>\(Self.escaped(title))</h1>")
  }

  mutating func heading(_ text: String) {
    body.append("<h2>\(Self.escaped(text))</h2>")
  }

  mutating func paragraph(_ text: String) {
    body.append("<p>\(Self.escaped(text))</p>")
  }

  /// A table; `mark` names the style of a cell by its text.
  mutating func table(header: [String], rows: [[String]], mark: Set<String> = []) {
    let head = header.map { "<th scope=\"col\">\(Self.escaped($0))</th>" }.joined()
    let lines = rows.map { row in
      "<tr>"
        + row.map { cell in
          mark.contains(cell) ? "<td class=\"\(cell)\">\(cell)</td>" : "<td>\(Self.escaped(cell))</td>"
        }.joined() + "</tr>"
    }
    body.append(
      "<div class=\"scroll\"><table><thead><tr>\(head)</tr></thead><tbody>\(lines.joined(separator: "\n"))</tbody></table></div>"
    )
  }

  /// A drawing as wide as the page.
  mutating func figure(_ caption: String, _ drawing: Drawing) {
    body.append(Self.figure(caption, isMarked: false, drawing))
  }

  /// Drawings side by side where there is room; marked ones are set apart.
  mutating func figures(_ figures: [(caption: String, isMarked: Bool, drawing: Drawing)]) {
    body.append("<div class=\"grid\">")
    for figure in figures { body.append(Self.figure(figure.caption, isMarked: figure.isMarked, figure.drawing)) }
    body.append("</div>")
  }

  private static func figure(_ caption: String, isMarked: Bool, _ drawing: Drawing) -> String {
    "<figure\(isMarked ? " class=\"marked\"" : "")><figcaption>\(escaped(caption))"
      + (isMarked ? " <span class=\"yes\">changed</span>" : "") + "</figcaption>\(drawing.svg)</figure>"
  }

  var html: String {
    """
    <!DOCTYPE html>
    <html lang="en"><head><meta charset="utf-8"/><meta name="viewport" content="width=device-width,initial-scale=1"/>
    <title>\(Self.escaped(title))</title><style>\(Self.style)</style></head><body><main>
    \(body.joined(separator: "\n"))
    </main></body></html>

    """
  }

  static func escaped(_ text: String) -> String {
    var escaped = ""
    for character in text.printable.unicodeScalars {
      switch character {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      default: escaped.unicodeScalars.append(character)
      }
    }
    return escaped
  }
}

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
        + " height=\"\(Self.place(max(height, 0)))\"><title>\(Page.escaped(tip))</title></rect>")
  }

  mutating func line(from: (x: Double, y: Double), to: (x: Double, y: Double), style: String, tip: String? = nil) {
    let title = tip.map { "<title>\(Page.escaped($0))</title>" } ?? ""
    parts.append(
      "<line class=\"\(style)\" x1=\"\(Self.place(from.x))\" y1=\"\(Self.place(from.y))\" x2=\"\(Self.place(to.x))\""
        + " y2=\"\(Self.place(to.y))\">\(title)</line>")
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
    "<svg viewBox=\"0 0 \(width) \(height)\" role=\"img\"><title>\(Page.escaped(title))</title>"
      + "<desc>\(Page.escaped(description))</desc>\(parts.joined())</svg>"
  }

  private static func place(_ value: Double) -> String {
    let rounded = (value * 10).rounded() / 10
    return rounded == rounded.rounded() ? String(Int(rounded)) : String(rounded)
  }
}

extension String {
  /// Without the control characters and the noncharacters, which a terminal acts on and a page must not hold.
  var printable: String {
    guard unicodeScalars.contains(where: \.isUnprintable) else { return self }
    var text = String.UnicodeScalarView()
    for character in unicodeScalars { text.append(character.isUnprintable ? "\u{fffd}" : character) }
    return String(text)
  }
}

extension Unicode.Scalar {
  fileprivate var isUnprintable: Bool {
    value < 0x20 || (0x7f..<0xa0).contains(value) || value & 0xfffe == 0xfffe
  }
}
