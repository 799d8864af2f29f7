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
      let listing = try RunListing(file.log.openExisting(), TopicNames(prefix: file.topics.prefix))
      let entries = listing.unfinished(priorities) + listing.entries.reversed().filter(\.isOver).prefix(max(last, 0))
      let output = StandardOutput()
      var table = TextTable(header: ["MODEL", "RUN", "VERSION", "PRIORITY", "SINCE", "STATE", "WHAT"])
      for entry in entries where model == nil || entry.model == model {
        let priority = priorities[entry.model] ?? 0
        if json { try output.line(entry.json(priority: priority)) }
        table.append([
          entry.model, entry.run, entry.version.map(String.init) ?? "–", "\(priority)", RFC3339.format(entry.since),
          entry.state.rawValue, entry.what,
        ])
      }
      if !json { for line in table.lines { try output.line(line) } }
      try output.flush()
    }
  }

  struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Ask for a run to be ended; the engine does it when it reads this.",
      discussion: "Of a model: all its runs that are open or wait. The topic runs keeps who asked, and why.")
    @OptionGroup var common: CommonOptions
    @Argument(help: ArgumentHelp("The run, or the model.", valueName: "run|model")) var name: String
    @Option(help: "Who asks (default: the login name).") var who: String?
    @Option(help: "Why, for the record.") var why: String

    func run() async throws {
      let file = try common.load()
      let log = try file.log.openExisting()
      let listing = try RunListing(log, TopicNames(prefix: file.topics.prefix))
      let runs = try chosen(listing, file.runSettings.priorities)
      let producer = try log.makeProducer(id: nil)
      defer { producer.close() }
      let configuration = file.engineConfiguration
      for entry in runs {
        let request = RunRequest(
          id: UUID().uuidString.lowercased(), model: entry.model, kind: .cancel, run: entry.run,
          who: who ?? NSUserName(), reason: why, time: EngineService.wallClock())
        try producer.append([request.batch(configuration)])
        print("asked for run \(entry.run) to be cancelled (\(entry.state.rawValue))")
      }
    }

    func validate() throws {
      if who?.allSatisfy(\.isWhitespace) == true { throw ValidationError("--who must name somebody") }
      if why.allSatisfy(\.isWhitespace) { throw ValidationError("--why must say something") }
    }

    /// Those that wait come first: none begins in between.
    private func chosen(_ listing: RunListing, _ priorities: [String: Int]) throws -> [RunListing.Entry] {
      if let entry = listing.entries.first(where: { $0.run == name }) {
        guard !entry.isOver else {
          throw CommandError("run \(name) is over: \(entry.what)", remedy: "see: leeway runs")
        }
        return [entry]
      }
      let unfinished = listing.unfinished(priorities)
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

extension RunListing.Entry {
  /// What came of it, or is to come of it, for people.
  var what: String {
    if let failure = report?.failure { return failure }
    if let result = report?.result {
      return "\(Figures.grouped(result.trainedRows)) rows learned, loss \(Figures.metric(result.challenger.loss))"
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
      writer.field("since", since)
      writer.field("state", state.rawValue)
      writer.field("seconds", report?.seconds)
      writer.field("what", what.isEmpty ? nil : what)
    }
    return writer.bytes
  }
}
