import ArgumentParser
import Engine
import EventLog
import Events
import Foundation
import LeewayClient
import Log
import Logging
import ServiceLifecycle
import UnixSignals

/// `leeway run`
struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The engine: joins, summarizes, monitors and trains until it is stopped.",
    discussion: """
      Topics that are missing are created, and named in the log. SIGINT and SIGTERM end it after a last commit. Killed in \
      any other way it goes on where it stood.
      """)

  @OptionGroup var common: CommonOptions

  @Option(
    help: "Stages that this process runs, separated by commas: join (with summarize), monitor, train (default: all).")
  var stages: [NameList] = []

  @Flag(help: "Stop once nothing is left to do; what waits for later events stays open, and how much is said.")
  var untilIdle = false

  @Option(help: "Its name among the processes that share a cluster's work; kept across restarts (default: the host's).")
  var name: String?

  @Flag(
    help: "With --until-idle: nothing more is to come, so close what is open. Earlier events would then be too late.")
  var finish = false

  @Flag(help: "Say less: errors alone.")
  var quiet = false

  func validate() throws {
    if finish, !untilIdle { throw ValidationError("--finish goes with --until-idle") }
    let stages = try chosenStages()
    if finish, !stages.contains(.join) { throw ValidationError("--finish needs the stage join") }
  }

  func run() async throws {
    let file = try common.load()
    let configuration = file.engineConfiguration
    guard !configuration.models.isEmpty else {
      throw CommandError(
        "the configuration names no models", at: common.config ?? LeewayConfiguration.usualFile,
        remedy: "list at least one under models:, as config/leeway.yaml shows")
    }
    let key = try file.security.loadSigningKey()
    var logger = Logger(label: "leeway") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = quiet ? .error : .info
    let watch = ClusterWatch(cluster: file.log.shown, logger)
    let plain = try file.log.open(report: watch.take)
    if let cluster = plain as? KafkaLog { watch.start { cluster.outage } }
    let log: any Log =
      if let key {
        SigningLog(plain, topic: configuration.names[.models], key: key, clock: EngineService.wallClock)
      } else { plain }
    let created = try Topic.createAll(in: log, configuration: configuration)
    if !created.isEmpty { logger.notice("created topics that were missing: \(created.joined(separator: ", "))") }
    try Self.refuseLoss(in: log, file, logger)
    if let key { logger.info("model updates are signed by \(key.trusted.id)") }
    let service = EngineService(
      log: log, configuration: configuration, runs: file.runSettings, mirror: try file.mirrorSettings(),
      settings: file.workerSettings(member: file.log.kafka == nil ? "pid \(getpid())" : memberName),
      stages: try chosenStages(), commitInterval: Double(file.engine.commitInterval) / 1000, idle: file.time.idle,
      ending: untilIdle ? (finish ? .finished : .idle) : .told, logger: logger)
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: [
          ServiceGroupConfiguration.ServiceConfiguration(
            service: service, successTerminationBehavior: .gracefullyShutdownGroup)
        ],
        gracefulShutdownSignals: [.sigterm, .sigint],
        logger: Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() }))
    try await group.run()
    logger.info("stopped")
  }

  /// Warns of topics whose settings may cost something, and does not start with one that does for certain.
  private static func refuseLoss(in log: any Log, _ file: LeewayConfiguration, _ logger: Logger) throws {
    let present: [TopicSpec]
    do throws(LogError) {
      present = try Topic.specs(in: log, file.topics)
    } catch {
      // Not everybody who may read and write topics may see their settings.
      return logger.warning("whether the topics keep what is needed cannot be checked: \(error.message)")
    }
    for hazard in TopicHazard.all(in: present, file) {
      guard !hazard.isCertain else {
        throw CommandError(hazard.problem, at: "topic \(hazard.topic)", remedy: hazard.remedy)
      }
      logger.warning("topic \(hazard.topic) \(hazard.problem); \(hazard.remedy)")
    }
  }

  /// Of the characters that a cluster takes in a name.
  private var memberName: String {
    let name = (name ?? ProcessInfo.processInfo.hostName).map { character in
      character.isASCII && (character.isLetter || character.isNumber || ".-_".contains(character)) ? character : "-"
    }
    return name.isEmpty ? "worker" : String(name.prefix(100))
  }

  private func chosenStages() throws -> Set<EngineService.StageName> {
    guard !stages.isEmpty else { return Set(EngineService.StageName.allCases) }
    let known = EngineService.StageName.allCases.map(\.rawValue)
    let names = stages.names
    guard !names.isEmpty else {
      throw ValidationError("--stages names no stage; the stages are \(known.joined(separator: ", "))")
    }
    return Set(
      try names.map { name in
        if name == "summarize" { return .join }
        guard let stage = EngineService.StageName(rawValue: name) else {
          throw ValidationError("no stage \(name); the stages are \(known.joined(separator: ", "))")
        }
        return stage
      })
  }
}
