import ArgumentParser
import Events
import Foundation

extension ModelsCommand {
  struct Compare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Two versions side by side: metrics, the gate's figures, and how the rows differ that they learned.",
      discussion: """
        Each version's metrics are of the rows that it was judged on, which are other rows for each: `difference` compares \
        each with the champion of its time on the same ones.
        """)
    @OptionGroup var common: CommonOptions
    @Argument(help: "The model's name.") var model: String
    @Argument(help: "A version: \(VersionName.help).") var first: VersionName
    @Argument(help: "Another one.") var second: VersionName
    @Flag(help: "As JSON.") var json = false

    func run() async throws {
      let file = try common.load()
      let listing = try ModelsCommand.versions(file, signedBy: file.security.loadTrustedKeys())
      let comparison = VersionComparison(
        try ModelsCommand.signed(model, first, listing), try ModelsCommand.signed(model, second, listing))
      let output = StandardOutput()
      if json { try output.line(comparison.json) } else { try output.lines(comparison.text) }
      try output.flush()
    }
  }
}

extension VersionComparison {
  private static let longestText = 40
  private static let shownLevels = 3

  /// Lines for people.
  var text: [String] {
    let titles = ["VERSION \(records.0.version)", "VERSION \(records.1.version)"]
    var table = TextTable(header: [""] + titles + ["DIFFERENCE"])
    for fact in facts {
      table.append([
        fact.label, Self.shown(fact.values.0), Self.shown(fact.values.1),
        Self.shown(fact.difference, isCount: fact.isCount),
      ])
    }
    guard !columns.isEmpty else { return table.lines }
    var rows = TextTable(header: ["COLUMN", "MEAN", "", "SHIFT", "MISSING", "", "LEVELS"])
    for column in columns {
      rows.append([
        column.name, Figures.metric(column.means.0), Figures.metric(column.means.1),
        column.shift.map { String(format: "%+.2f sd", $0) } ?? "–", Self.percent(column.missing.0),
        Self.percent(column.missing.1), Self.levels(column),
      ])
    }
    return table.lines + [""] + rows.lines
  }

  private static func shown(_ value: Value?) -> String {
    switch value {
    case .text(let text): text.count > longestText ? "\(text.prefix(longestText - 1))…" : text
    case .count(let count): Figures.grouped(count)
    case .number(let number): Figures.metric(number)
    case nil: "–"
    }
  }

  private static func shown(_ difference: Double?, isCount: Bool) -> String {
    guard let difference, difference != 0 else { return "" }
    let size = difference.magnitude
    let text = isCount ? Int(exactly: size).map(Figures.grouped) ?? Figures.short(size) : Figures.metric(size)
    return (difference < 0 ? "-" : "+") + text
  }

  private static func percent(_ share: Double?) -> String {
    share.map { String(format: "%.1f %%", 100 * $0) } ?? "–"
  }

  private static func levels(_ column: Column) -> String {
    if !column.isThere.0 { return "a new column" }
    if !column.isThere.1 { return "the column is gone" }
    func list(_ word: String, _ levels: [String]) -> String? {
      if levels.isEmpty { return nil }
      let more = levels.count > shownLevels ? " and \(levels.count - shownLevels) more" : ""
      return "\(word) \(levels.prefix(shownLevels).joined(separator: ", "))\(more)"
    }
    return [list("new:", column.newLevels), list("gone:", column.goneLevels)].compactMap { $0 }.joined(separator: "; ")
  }

  /// One object: model, the two versions, and the columns of their references.
  var json: [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writer.field("model", records.0.model)
      writer.name("versions")
      writer.array([0, 1]) { writer, side in
        writer.object { writer in
          writer.field("version", side == 0 ? records.0.version : records.1.version)
          for fact in facts {
            guard let value = side == 0 ? fact.values.0 : fact.values.1 else { continue }
            writer.name(text: fact.key)
            switch value {
            case .text(let text): writer.value(text)
            case .count(let count): writer.value(count)
            case .number(let number): writer.value(number)
            }
          }
        }
      }
      writer.name("differences")
      writer.object { writer in
        for fact in facts {
          guard let difference = fact.difference else { continue }
          writer.name(text: fact.key)
          writer.value(difference)
        }
      }
      writer.name("columns")
      writer.array(columns) { $0.value($1) }
    }
    return writer.bytes
  }
}

extension JSONWriter {
  fileprivate mutating func value(_ column: VersionComparison.Column) {
    object { writer in
      writer.field("column", column.name)
      writer.pair("mean", column.means)
      writer.pair("missing_share", column.missing)
      writer.field("shift_in_deviations", column.shift)
      writer.name("new_levels")
      writer.array(column.newLevels) { $0.value($1) }
      writer.name("gone_levels")
      writer.array(column.goneLevels) { $0.value($1) }
    }
  }

  /// Both values, null where there is none; nothing where there are none at all.
  private mutating func pair(_ name: StaticString, _ values: (Double?, Double?)) {
    guard values.0 != nil || values.1 != nil else { return }
    self.name(name)
    array([values.0, values.1]) { writer, value in
      if let value { writer.value(value) } else { writer.null() }
    }
  }
}
