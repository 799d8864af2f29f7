import ArgumentParser
import Control
import Engine
import Events
import Foundation
import Models

extension ModelsCommand {
  struct Validate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Judge one model against another on a file of labelled rows, as the gate does.",
      discussion: """
        A is the champion, B the challenger: each a version of --model in the log (\(VersionName.help)) or a file that \
        `leeway learn --out` or `leeway models export` wrote. Both score every row, in the file's order or by --time, and \
        neither learns; the rows must be such that neither has learned them before, which nobody can check here. The rule is \
        the configuration's gate, the model's own where --model names one. Nothing is written to the log. Status 0 whatever \
        the outcome is.
        """)
    @OptionGroup var common: CommonOptions
    @Argument(help: "The champion: a version or a file.") var first: String
    @Argument(help: "The challenger: a version or a file.") var second: String
    @Option(help: "A CSV file (.gz too) with a header; - is standard input. It must have every column the models read.")
    var data: String
    @Option(help: "The column with the label.") var label: String
    @Option(help: "The model whose versions and whose gate are meant.") var model: String?
    @Option(help: "Column with a row's time, by which rows are sorted (default: the order of the file).")
    var time: String?
    @Option(help: "Column whose values are segments; may be given several times.") var segment: [String] = []
    @Option(
      help: """
        A CSV file with golden rows, on which the challenger may not lose more by the gate's share (default: the file of the \
        configuration, gate.golden).
        """)
    var golden: String?
    @Flag(help: "The gate's record as JSON.") var json = false

    func validate() throws {
      guard Set(segment).count == segment.count else { throw ValidationError("--segment names a column twice") }
    }

    func run() async throws {
      let file = try common.load()
      let rules = try model.map { name in try section(of: name, file) } ?? file.gate
      let gate = rules.engineGate
      let champion = try side(first)
      let challenger = try side(second)
      if let fault = ManualTrial.fault(champion, challenger, gate) { throw fault }
      var plan = DemoTable.Plan(path: data, label: label)
      plan.enter([champion.model.schema, challenger.model.schema])
      plan.time = time
      plan.segments = segment
      let table = try DemoTable(plan, leastRows: 1)
      for warning in table.warnings { Terminal.complain(warning) }
      for name in missingSegments(gate) {
        Terminal.complain("the gate has a rule on the segment \(name): it takes --segment \(name)")
      }
      let trial = try ManualTrial(
        champion: champion, challenger: challenger, table: table,
        golden: try goldenRows(rules.golden, of: champion.model), gate: gate, place: data)
      let output = StandardOutput()
      if json { try output.line(trial.record.encoded()) } else { try output.lines(trial.text) }
      try output.flush()
    }

    private func section(of name: String, _ file: LeewayConfiguration) throws(CommandError) -> GateSection {
      if let model = file.model(name) { return model.gate }
      Terminal.complain("the configuration has no model \(name): it is judged by the gate of all models")
      return file.gate
    }

    /// A version where the text can be one, else a file: `./3` is a file.
    private func side(_ text: String) throws -> ManualTrial.Side {
      guard let version = VersionName(argument: text) else {
        let model = try ModelFile.read(text).model
        return ManualTrial.Side(name: text, model: model, artifactBytes: model.encoded().count)
      }
      guard let model else {
        throw CommandError(
          "\(text) is a version, and no model is named", remedy: "name it with --model, or write a file as ./\(text)")
      }
      let published = try ModelsCommand.published(model, version, common, trusting: [])
      let name = "\(model) version \(published.record.version)"
      guard let known = published.model else {
        throw CommandError(
          "was made by a trainer outside, and cannot be asked here", at: name,
          remedy: "compare the scores that it gives with that trainer's own means")
      }
      return ManualTrial.Side(name: name, model: known, artifactBytes: published.bytes.count)
    }

    /// Of the file that is named here, else of the one that the configuration names.
    private func goldenRows(_ section: GoldenSection?, of champion: Model) throws -> [TrainingRow] {
      if let golden {
        return try GoldenSet.rows(
          of: golden, label: label, task: champion.schema.task, family: champion.family, model: model ?? "")
      }
      switch section?.rows {
      case .file(let path, let label):
        return try GoldenSet.rows(
          of: path, label: label, task: champion.schema.task, family: champion.family, model: model ?? "")
      case .pinned:
        Terminal.complain("golden rows in the log are asked in runs alone: name a file with --golden")
        return []
      case nil: return []
      }
    }

    private func missingSegments(_ gate: GateConfiguration) -> [String] {
      Set(gate.protected.map(\.name) + gate.fairness.map(\.segment)).subtracting(segment).sorted()
    }
  }
}
