import ArgumentParser
import Engine
import Events
import Foundation
import Log

/// `leeway runs`
struct RunsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs", abstract: "List and cancel training runs.", subcommands: [List.self, Cancel.self],
    defaultSubcommand: List.self)

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Runs that are open, that wait, and that ended last.",
      discussion: """
        open: given to an engine, which carries out as many at a time as engine.runs says. waiting: its trigger's turn has \
        not come, as a model has one run at a time. done: a version came of it. failed: none did.
        """)
    @OptionGroup var common: CommonOptions
    @Argument(help: "Only this model's.") var model: String?
    @Option(help: "How many of those that are over.") var last = 10
    @Flag(help: "One JSON object per run and line.") var json = false

    func run() async throws {
      let file = try common.load()
      let priorities = file.runSettings.priorities
      let runs = try RunTable(
        file.log.openExisting(), names: TopicNames(prefix: file.topics.prefix), topics: [.triggers, .runs])
      let lines = runs.unfinished(priorities) + runs.lines.reversed().filter(\.isOver).prefix(max(last, 0))
      let output = StandardOutput()
      var table = TextTable(header: ["MODEL", "RUN", "VERSION", "PRIORITY", "SINCE", "STATE", "WHAT"])
      for run in lines where model == nil || run.model == model {
        let priority = priorities[run.model] ?? 0
        if json { try output.line(run.json(priority: priority)) }
        table.append([
          run.model, run.run, run.version.map(String.init) ?? "–", "\(priority)", RFC3339.format(run.time),
          run.state.rawValue, run.what,
        ])
      }
      if !json { try output.lines(table.lines) }
      try output.flush()
    }
  }

  struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Ask for a run to be ended; the engine does it when it reads this.",
      discussion: "Of a model: all its runs that are open or wait. The topic runs keeps who asked, and why.")
    @OptionGroup var common: CommonOptions
    @Argument(help: ArgumentHelp("The run, or the model.", valueName: "run|model")) var name: String
    @OptionGroup var person: PersonOptions

    func run() async throws {
      let file = try common.load()
      let log = try file.log.openExisting()
      let table = try RunTable(
        log, names: TopicNames(prefix: file.topics.prefix), topics: [.triggers, .runs])
      let runs = try chosen(table, file.runSettings.priorities)
      let producer = try log.makeProducer(id: nil)
      defer { producer.close() }
      let configuration = file.engineConfiguration
      for run in runs {
        let request = RunRequest(
          id: UUID().uuidString.lowercased(), model: run.model, kind: .cancel, run: run.run,
          who: person.name, reason: person.why, time: EngineService.wallClock())
        try producer.append([request.batch(configuration)])
        print("asked for run \(run.run) to be cancelled (\(run.state.rawValue))")
      }
    }

    /// Those that wait come first: none begins in between.
    private func chosen(_ table: RunTable, _ priorities: [String: Int]) throws -> [RunTable.Line] {
      if let run = table.lines.first(where: { $0.run == name }) {
        guard !run.isOver else {
          throw CommandError("run \(name) is over: \(run.what)", remedy: "see: leeway runs")
        }
        return [run]
      }
      let unfinished = table.unfinished(priorities)
      let own = unfinished.filter { $0.model == name }
      guard own.isEmpty else { return own.reversed() }
      if priorities[name] != nil {
        throw CommandError("no run of \(name) is open or waits", remedy: "see: leeway runs")
      }
      let names = unfinished.map(\.run) + priorities.keys.sorted()
      let near = Spelling.nearest(to: name, among: names).map { "; did you mean \($0)?" }
      throw CommandError("no run and no model \(name)\(near ?? "")", remedy: "see: leeway runs")
    }
  }
}

extension RunTable.Line {
  /// What came of it, or is to come of it, for people.
  var what: String {
    if let failure { return failure }
    if let trainedRows {
      return "\(Figures.grouped(trainedRows)) rows learned, loss \(Figures.metric(challenger?.loss))"
    }
    return asked.map { "\($0.who) asks to cancel it: \($0.reason)" } ?? ""
  }

  /// For programs.
  fileprivate func json(priority: Int) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writer.field("model", model)
      writer.field("run", run)
      writer.field("version", version)
      writer.field("priority", priority)
      writer.field("since", time)
      writer.field("state", state.rawValue)
      writer.field("seconds", seconds)
      writer.field("what", what.isEmpty ? nil : what)
    }
    return writer.bytes
  }
}
