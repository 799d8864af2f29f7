/// A page of HTML that stands alone: no script, no font, no image, no request to any network. It follows the reader's
/// light or dark preference, fits a telephone and prints.
struct Page {
  /// What tells one line or mark of a chart from the others.
  struct Key {
    let text: String
    /// Style of a line; nil for a mark alone.
    var line: String?
    var mark: (shape: Mark, style: String)?
  }

  struct Figure {
    let caption: String
    /// A word behind the caption of a figure that is set apart.
    var marked: String?
    var legend: [Key] = []
    let svg: String
    /// What the drawing says, in words.
    var note: String?
  }

  let title: String
  private var body: [String] = []
  private var sections: [(id: String, title: String)] = []
  private var hasMarks = false

  init(title: String) {
    self.title = title
  }

  /// A heading of a section, which the list of sections names.
  mutating func heading(_ text: String) {
    let id = "s\(sections.count + 1)"
    sections.append((id, text))
    body.append("<h2 id=\"\(id)\">\(Self.escaped(text))</h2>")
  }

  mutating func subheading(_ text: String) {
    body.append("<h3>\(Self.escaped(text))</h3>")
  }

  mutating func paragraph(_ text: String, isLead: Bool = false) {
    body.append("<p\(isLead ? " class=\"lead\"" : "")>\(Self.escaped(text))</p>")
  }

  /// A table whose first column names its rows; `mark` names the style of a cell by its text.
  mutating func table(_ caption: String, header: [String], rows: [[String]], mark: Set<String> = []) {
    body.append(Self.table(caption, header: header, rows: rows, mark: mark))
  }

  /// The same behind a line that opens it.
  mutating func folded(_ summary: String, _ caption: String, header: [String], rows: [[String]]) {
    body.append(
      "<details><summary>\(Self.escaped(summary))</summary>\(Self.table(caption, header: header, rows: rows, mark: []))"
        + "</details>")
  }

  private static func table(_ caption: String, header: [String], rows: [[String]], mark: Set<String>) -> String {
    let head = header.map { "<th scope=\"col\">\(escaped($0))</th>" }.joined()
    let lines = rows.map { row in
      let cells = row.enumerated().map { index, cell in
        if index == 0 { return "<th scope=\"row\">\(escaped(cell))</th>" }
        return mark.contains(cell) ? "<td class=\"\(cell)\">\(cell)</td>" : "<td>\(escaped(cell))</td>"
      }
      return "<tr>\(cells.joined())</tr>"
    }
    return "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"\(escaped(caption))\"><table><caption>"
      + "\(escaped(caption))</caption><thead><tr>\(head)</tr></thead><tbody>\(lines.joined(separator: "\n"))</tbody>"
      + "</table></div>"
  }

  /// Markup that is whole, and escaped where it comes from data.
  mutating func append(markup: String) {
    body.append(markup)
  }

  /// A drawing as wide as the page.
  mutating func figure(_ figure: Figure) {
    body.append(markup(of: figure))
  }

  /// Drawings side by side where there is room, of which wide ones need more.
  mutating func figures(_ figures: [Figure], areWide: Bool = false) {
    body.append("<div class=\"grid\(areWide ? " wide" : "")\">")
    for figure in figures { body.append(markup(of: figure)) }
    body.append("</div>")
  }

  private mutating func markup(of figure: Figure) -> String {
    if figure.svg.contains("href=\"#m-") { hasMarks = true }
    let word = figure.marked.map { " <span class=\"yes\">\(Self.escaped($0))</span>" } ?? ""
    let note = figure.note.map { "<p>\(Self.escaped($0))</p>" } ?? ""
    let style = figure.marked == nil ? "" : " class=\"marked\""
    return "<figure\(style)><figcaption>\(Self.escaped(figure.caption))\(word)</figcaption>"
      + "\(figure.svg)\(legend(figure.legend))\(note)</figure>"
  }

  private mutating func legend(_ keys: [Key]) -> String {
    guard !keys.isEmpty else { return "" }
    hasMarks = hasMarks || keys.contains { $0.mark != nil }
    return "<ul class=\"legend\">\(keys.map { "<li>\($0.sample)\(Self.escaped($0.text))</li>" }.joined())</ul>"
  }

  /// - Parameter contents: whether the sections are listed under the title.
  func html(contents: Bool = false) -> String {
    let links = sections.map { "<li><a href=\"#\($0.id)\">\(Self.escaped($0.title))</a></li>" }
    let list = contents ? "<nav aria-label=\"Sections\"><ul>\(links.joined())</ul></nav>\n" : ""
    return """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"/><meta name="viewport" content="width=device-width,initial-scale=1"/>
      <title>\(Self.escaped(title))</title><style>\(Self.style)</style></head><body>\
      \(hasMarks ? Mark.definitions : "")<main>
      <h1>\(Self.escaped(title))</h1>
      \(list)\(body.joined(separator: "\n"))
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

extension Page.Key {
  fileprivate var sample: String {
    let width = line == nil ? 12 : 40
    let stroke = line.map { "<line class=\"\($0)\" x1=\"0\" y1=\"6\" x2=\"40\" y2=\"6\"/>" } ?? ""
    let shape = mark.map { "<use href=\"#\($0.shape.id)\" class=\"m \($0.style)\" x=\"\(width / 2)\" y=\"6\"/>" } ?? ""
    return "<svg width=\"\(width)\" height=\"12\" aria-hidden=\"true\">\(stroke)\(shape)</svg>"
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
