import ArgumentParser
import EventLog
import Foundation
import Log

/// Which configuration and which log a command works on.
struct CommonOptions: ParsableArguments {
  @Option(help: "Configuration file (default: leeway.yaml in the working directory, if there is one).")
  var config: String?

  @Option(help: "Path of the embedded log, instead of the configuration's.")
  var log: String?

  /// The configuration with what the command line overrides.
  func load() throws(CommandError) -> LeewayConfiguration {
    var configuration = try LeewayConfiguration.load(path: config)
    if let log { (configuration.log.embedded, configuration.log.kafka) = (log, nil) }
    return configuration
  }
}

extension LogSection {
  /// Opens the log, or creates an embedded one where there is none.
  ///
  /// Tells of a cluster that does not answer.
  func open() throws -> any Log {
    let patience = ClusterPatience(cluster: shown)
    let log = try open(report: patience.take)
    if let cluster = log as? KafkaLog { patience.start { cluster.outage } }
    return log
  }

  /// The same, without a word to anyone.
  ///
  /// - Parameter report: takes what Kafka's client has to say.
  func open(report: @escaping @Sendable (KafkaOptions.Line) -> Void) throws -> any Log {
    if let kafka { return try kafka.open(report: report) }
    return try EmbeddedLog(
      path: embedded, options: EmbeddedLogOptions(durability: durability == .full ? .full : .normal))
  }

  /// Opens a log that must be there already.
  func openExisting() throws -> any Log {
    guard kafka != nil || FileManager.default.fileExists(atPath: embedded) else {
      throw CommandError(
        "there is no log", at: embedded,
        remedy: "name another with --log or in the configuration, or create it with: leeway topics create")
    }
    return try open()
  }
}
