import Events

/// A document of facts that is written as Markdown for people and as JSON for programs: the same facts in both.
struct Card {
  enum Value: Equatable {
    case text(String)
    case count(Int)
    case number(Double)
    case flag(Bool)
  }

  /// `nil` is left out.
  struct Fact {
    let key: String
    let label: String
    let value: Value?

    init(_ key: String, _ label: String, _ value: Value?) {
      (self.key, self.label, self.value) = (key, label, value)
    }
  }

  struct Table {
    let key: String
    let title: String
    let columns: [(key: String, label: String)]
    var rows: [[Value?]] = []
  }

  struct Section {
    let key: String
    let title: String
    /// Sentences that say how to read what follows.
    var notes: [String] = []
    var facts: [Fact] = []
    var tables: [Table] = []

    var isEmpty: Bool { notes.isEmpty && facts.allSatisfy { $0.value == nil } && tables.allSatisfy(\.rows.isEmpty) }
  }

  let title: String
  private(set) var sections: [Section] = []

  init(title: String) {
    self.title = title
  }

  /// Adds a section that has something to say.
  mutating func append(_ section: Section) {
    if !section.isEmpty { sections.append(section) }
  }
}

extension Card {
  /// One object, a member for each section.
  var json: String {
    var writer = JSONWriter()
    writer.object { writer in
      for section in sections {
        writer.name(text: section.key)
        section.write(to: &writer)
      }
    }
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  var markdown: String {
    (["# \(Card.escaped(title))"] + sections.flatMap(\.markdown)).joined(separator: "\n\n")
  }

  /// Text that Markdown shows as it is, on one line.
  fileprivate static func escaped(_ text: String) -> String {
    var shown = ""
    for character in text {
      if character.isNewline {
        shown += " "
      } else {
        shown += ["\\", "`", "*", "[", "<", "|"].contains(character) ? "\\\(character)" : "\(character)"
      }
    }
    return shown
  }
}

extension Card.Section {
  fileprivate func write(to writer: inout JSONWriter) {
    writer.object { writer in
      if !notes.isEmpty {
        writer.name(text: "notes")
        writer.array(notes) { $0.value($1) }
      }
      for fact in facts {
        guard let value = fact.value else { continue }
        writer.name(text: fact.key)
        value.write(to: &writer)
      }
      for table in tables where !table.rows.isEmpty {
        writer.name(text: table.key)
        writer.array(table.rows) { writer, row in
          writer.object { writer in
            for (column, value) in zip(table.columns, row) {
              guard let value else { continue }
              writer.name(text: column.key)
              value.write(to: &writer)
            }
          }
        }
      }
    }
  }

  fileprivate var markdown: [String] {
    var parts = ["## \(title)"] + notes
    let lines = facts.compactMap { fact in fact.value.map { "- \(fact.label): \($0.shown)" } }
    if !lines.isEmpty { parts.append(lines.joined(separator: "\n")) }
    for table in tables where !table.rows.isEmpty {
      let kept = table.columns.indices.filter { column in table.rows.contains { $0[column] != nil } }
      let rows =
        [kept.map { table.columns[$0].label }, kept.map { _ in "---" }]
        + table.rows.map { row in kept.map { row[$0]?.shown ?? "–" } }
      parts.append("### \(table.title)")
      parts.append(rows.map { "| \($0.joined(separator: " | ")) |" }.joined(separator: "\n"))
    }
    return parts
  }
}

extension Card.Value {
  fileprivate func write(to writer: inout JSONWriter) {
    switch self {
    case .text(let text): writer.value(text)
    case .count(let count): writer.value(count)
    case .number(let number): writer.value(number)
    case .flag(let flag): writer.value(flag)
    }
  }

  fileprivate var shown: String {
    switch self {
    case .text(let text): Card.escaped(text)
    case .count(let count): Figures.grouped(count)
    case .number(let number): Figures.short(number)
    case .flag(let flag): flag ? "yes" : "no"
    }
  }
}
