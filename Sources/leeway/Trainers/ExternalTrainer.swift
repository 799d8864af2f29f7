import Engine
import Events
import Foundation
import LeewayClient
import Log
import Models
import Synchronization

/// Carries out the runs of one model by a program: a folder with rows in, an artifact and scores out.
final class ExternalTrainer: Trainer {
  struct Settings: Sendable {
    let section: TrainerSection
    let model: String
    /// Where folders of this model's runs are made.
    let folder: String
    let golden: GoldenSection?
    /// The program that has the command `guard`.
    var program = GuardedProcess.ownProgram

    /// - Parameters:
    ///   - root: of the runs of all models.
    ///   - golden: the model's golden set.
    init(_ section: TrainerSection, model: String, root: String, golden: GoldenSection? = nil) {
      self.section = section
      self.model = model
      self.golden = golden
      folder = "\(root)/\(RunFolder.name(of: model))"
    }
  }

  /// Seconds that a trial may take.
  private static let trialSeconds = 120.0

  private let log: any Log
  private let configuration: EngineConfiguration
  private let settings: Settings
  private let warn: @Sendable (String) -> Void
  private let isStopping: @Sendable (RunStarted) -> Bool
  /// Programs that have shown that they start.
  private let proven = Mutex<Set<String>>([])
  private let golden: GoldenSets
  /// What came of the last run: where the log does not take it at once, nobody trains twice.
  private let last = Mutex<(run: RunStarted, trained: TrainedArtifact)?>(nil)

  init(
    log: any Log, configuration: EngineConfiguration, settings: Settings,
    warn: @escaping @Sendable (String) -> Void = { _ in },
    isStopping: @escaping @Sendable (RunStarted) -> Bool = { _ in false }
  ) {
    self.log = log
    self.configuration = configuration
    self.settings = settings
    golden = GoldenSets(settings.golden.map { [settings.model: $0] } ?? [:])
    self.warn = warn
    self.isStopping = isStopping
  }

  func train(_ run: RunStarted) throws -> TrainedArtifact {
    if let last = last.withLock({ $0 }), last.run == run { return last.trained }
    guard let model = configuration.model(named: run.model) else {
      throw TrainingFailure("no model \(run.model) in the configuration")
    }
    let reader = try log.makeReader()
    defer { reader.close() }
    let deadline = Deadline(seconds: model.training.maximumSeconds, isStopping: { [isStopping] in isStopping(run) })
    let golden = try golden.rows(of: model, in: log, reader, configuration.names)
    try prove(run, model, golden, reader, deadline)
    let champion = try run.parentArtifact.flatMap { try artifact($0, of: run) }
    let rows = try ExampleReader(reader: reader, names: configuration.names).rows(
      of: run, mostRows: model.training.mostRowsRead, checkQuota: deadline.check)
    for warning in ColumnTexts(rows.lazy.map(\.example.features)).warnings(of: model, champion: nil) {
      warn("run \(run.run): \(warning)")
    }
    let training = try ExternalTraining(model, run: run, rows: rows, golden: golden)
    let trained = try train(training, champion, deadline)
    last.withLock { $0 = (run, trained) }
    return trained
  }

  private func train(
    _ training: ExternalTraining, _ champion: [UInt8]?, _ deadline: Deadline
  ) throws -> TrainedArtifact {
    let run = training.run
    let version = String(repeating: "0", count: max(0, 6 - "\(run.version)".count)) + "\(run.version)"
    let folder = try RunFolder.make(
      in: settings.folder, name: "version-\(version)-\(RunFolder.fingerprint(run.run))")
    defer { RunFolder.prune(settings.folder, beginning: "version-", keeping: settings.section.keep) }
    let limits = limits(of: training.configuration)
    try folder.write(training, champion: champion, limits: limits)
    try deadline.check()
    try carryOut(in: folder, limits, deadline, "the trainer")
    let output = try TrainerOutput(folder, training)
    return try training.trained(
      artifact: output.artifact, scores: output.scores, goldenScores: output.goldenScores,
      known: try run.contest.flatMap(known), reported: output.reported)
  }

  /// What the gate knows from earlier runs. What is lost of it, it does without.
  private func known(_ checksum: String) throws -> [UInt8]? {
    switch try PublishedArtifact.fetch(checksum: checksum, from: log, names: configuration.names) {
    case .external(let bytes): bytes
    case .verified, .refused: nil
    }
  }

  /// What the program may take, whatever has been taken of the run's time already.
  private func limits(of model: ModelConfiguration) -> ProcessLimits {
    let section = settings.section
    return ProcessLimits(
      seconds: section.seconds.map(Double.init) ?? model.training.maximumSeconds, memory: section.memory,
      processes: section.processes)
  }

  /// Nil where a built-in family made it, which no program can read: it begins anew then.
  private func artifact(_ checksum: String, of run: RunStarted) throws -> [UInt8]? {
    switch try PublishedArtifact.fetch(checksum: checksum, from: log, names: configuration.names) {
    case .external(let bytes): return bytes
    case .verified:
      warn("run \(run.run): version \(run.parent ?? 0) is of a built-in family, and the trainer begins anew")
      return nil
    case .refused(let reason): throw TrainingFailure("version \(run.parent ?? 0) cannot be continued: \(reason)")
    }
  }
}

// The program.
extension ExternalTrainer {
  private func carryOut(
    in folder: RunFolder, _ limits: ProcessLimits, _ deadline: Deadline, _ name: String
  ) throws {
    var limits = limits
    limits.seconds = max(min(limits.seconds, deadline.left), 0.1)
    let process = GuardedProcess(
      program: settings.program, command: settings.section.command + [folder.path],
      environment: TrainerSection.usualEnvironment + settings.section.environment, limits: limits,
      log: folder.file("log.txt"))
    let report: GuardReport
    do throws(Spawn.Failure) {
      report = try process.run(isStopping: deadline.isStopping)
    } catch {
      throw TrainingFailure("\(name) cannot be started: its guard: \(error.reason)")
    }
    if report.wasTold { throw RunInterrupted() }
    let program = settings.section.command.first ?? ""
    let problem: String? =
      switch report.end {
      case .exited: report.status == 0 ? nil : "\(name) ended with status \(report.status)"
      case .signalled: "\(name) was ended by signal \(report.status)"
      case .stopped: "\(name) was stopped: \(report.reason) (trainer.limits)"
      case .unstartable: "\(name) \(program) cannot be started: \(report.reason)"
      }
    if let problem { throw TrainingFailure("\(problem); its log \(Self.ending(of: folder.file("log.txt")))") }
    if report.leftovers > 0 { warn("\(name) of \(folder.path) left \(report.leftovers) processes, which were stopped") }
  }

  /// A log's last lines, for a sentence.
  static func ending(of path: String) -> String {
    guard let file = FileHandle(forReadingAtPath: path), let size = try? file.seekToEnd() else {
      return "\(path) is not there"
    }
    try? file.seek(toOffset: size > 4_096 ? size - 4_096 : 0)
    let text = String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
    let lines = text.split(whereSeparator: \.isNewline).suffix(4).map { line in
      String(String.UnicodeScalarView(line.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7f }))
    }
    let end = lines.joined(separator: " | ")
    return end.isEmpty ? "\(path) is empty" : "\(path) ends: \(end.count > 600 ? "…" + end.suffix(600) : end)"
  }
}

// The trial.
extension ExternalTrainer {
  /// Shows that the program starts, and reads and leaves what it should, on a few rows: before a run's rows are read. Once
  /// for each program and configuration; again where a file of its command has changed, or the trial failed.
  private func prove(
    _ run: RunStarted, _ model: ModelConfiguration, _ golden: [TrainingRow], _ reader: any LogReader,
    _ deadline: Deadline
  ) throws {
    let stamp = stamp
    guard !proven.withLock({ $0.contains(stamp) }) else { return }
    let rows = try FirstExamples(reader: reader, names: configuration.names).rows(of: run, count: 10)
    // Without any the run says so itself.
    guard !rows.isEmpty else { return }
    let trial = try ExternalTraining.trial(model, run: run, rows: rows, golden: golden)
    let folder = try RunFolder.make(in: settings.folder, name: "trial-\(RunFolder.fingerprint(stamp))")
    defer { RunFolder.prune(settings.folder, beginning: "trial-", keeping: settings.section.keep) }
    var limits = limits(of: model)
    limits.seconds = min(limits.seconds, Self.trialSeconds)
    try folder.write(trial, champion: nil, limits: limits, isTrial: true)
    do {
      try carryOut(in: folder, limits, deadline, "the trainer's trial on \(trial.training.count) rows")
      _ = try TrainerOutput(folder, trial)
    } catch let failure as TrainingFailure {
      throw TrainingFailure("before any data was read, a trial showed: \(failure)")
    }
    folder.remove()
    proven.withLock { _ = $0.insert(stamp) }
  }

  /// The command, and the files that it names as they are now.
  private var stamp: String {
    settings.section.command.map { part in
      var status = stat()
      guard stat(part, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return part }
      return "\(part) \(status.st_ino) \(status.st_size) \(status.changed)"
    }.joined(separator: "\n")
  }
}

/// The trainers of one engine: a program where the configuration names one, else the built-in families.
struct ConfiguredTrainer: Trainer {
  let builtin: LogTrainer
  /// By model.
  let programs: [String: ExternalTrainer]

  func train(_ run: RunStarted) throws -> TrainedArtifact {
    if let program = programs[run.model] { return try program.train(run) }
    return try builtin.train(run)
  }

  func forget(_ run: RunStarted) {
    if programs[run.model] == nil { builtin.forget(run) }
  }
}
