import ArgumentParser
import Events
import Foundation
import Log

/// `leeway doctor`
struct Doctor: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check configuration, log and libraries; each finding comes with its remedy.",
    discussion: """
      Status 1 where something must be mended. No log is created and none of its records changed; a log that is there \
      is opened, which puts the files of a working log beside it where they are missing.
      """)

  @OptionGroup var common: CommonOptions
  @Flag(help: "Read through every record, however large the log is (without it, up to 256 MB, or the newest on Kafka).")
  var deep = false
  @Flag(help: "One JSON object per check and line.")
  var json = false

  func run() async throws {
    let findings = examine()
    let output = StandardOutput()
    for finding in findings { try output.line(json ? finding.json : finding.description) }
    try output.flush()
    if findings.contains(where: { $0.status == .failed }) {
      throw CommandError("something must be mended", isReported: true)
    }
  }

  private func examine() -> [Finding] {
    var findings: [Finding] = []
    // Until it is known: one that cannot be read names no log.
    var isEmbedded = false
    do throws(CommandError) {
      let configuration = try common.load()
      isEmbedded = configuration.log.kafka == nil
      let models = configuration.models.map(\.name).joined(separator: ", ")
      findings.append(
        Finding("configuration", .ok, models.isEmpty ? "valid; it names no models" : "valid; models: \(models)"))
      findings += configuration.goldenFindings
      findings += KeyExamination(configuration.security).findings
      findings += LogExamination(configuration, deep: deep).findings
      if let server = configuration.mlflow { findings.append(MLflowExamination(server).finding) }
    } catch {
      findings.append(
        Finding("configuration", .failed, "\(error.place.map { "\($0): " } ?? "")\(error.problem)", error.remedy))
    }
    return findings + LibraryExamination.findings(isEmbedded: isEmbedded)
  }
}

/// What one check found.
struct Finding: CustomStringConvertible, Equatable {
  enum Status: String { case ok, warning, failed }

  let check: String
  let status: Status
  let found: String
  let remedy: String?

  init(_ check: String, _ status: Status, _ found: String, _ remedy: String? = nil) {
    self.check = check
    self.status = status
    self.found = found
    self.remedy = remedy
  }

  var description: String {
    let label = status.rawValue.padding(toLength: 8, withPad: " ", startingAt: 0)
    return "\(label) \(check): \(found)" + (remedy.map { "\n         remedy: \($0)" } ?? "")
  }

  var json: String {
    var writer = JSONWriter()
    writer.object {
      $0.field("check", check)
      $0.field("status", status.rawValue)
      $0.field("found", found)
      $0.field("remedy", remedy)
    }
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}

/// The log; of an embedded one its folder and its disk too.
struct LogExamination {
  private static let lowBytes: Int64 = 100 << 20
  private static let scarceBytes: Int64 = 1 << 30

  private let configuration: LeewayConfiguration
  private let path: String
  private let isDeep: Bool

  /// - Parameter deep: to read every record of a log of any size.
  init(_ configuration: LeewayConfiguration, deep: Bool) {
    self.configuration = configuration
    isDeep = deep
    path = configuration.log.embedded
  }

  private var folder: String {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    return folder.isEmpty ? "/" : folder
  }

  var findings: [Finding] {
    if configuration.log.kafka != nil { return logFindings }
    let permissions = permissionFinding
    if permissions.status == .failed { return [permissions] }
    return [permissions, diskFinding] + logFindings
  }

  private var permissionFinding: Finding {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
      return Finding("permissions", .failed, "the log's folder \(folder) does not exist", "mkdir -p '\(folder)'")
    }
    guard access(folder, W_OK | X_OK) == 0 else {
      return Finding(
        "permissions", .failed, "the log's folder \(folder) cannot be written to",
        "give this user the right to write there, or name another path under log.embedded")
    }
    if access(path, F_OK) == 0, access(path, R_OK | W_OK) != 0 {
      return Finding(
        "permissions", .failed, "\(path) cannot be read and written",
        "give this user the right to: chmod u+rw '\(path)'")
    }
    return Finding("permissions", .ok, "\(folder) can be written to")
  }

  private var diskFinding: Finding {
    var status = statvfs()
    guard statvfs(folder, &status) == 0 else {
      return Finding(
        "disk space", .warning, "unknown (\(String(cString: strerror(errno))))", "look for yourself: df '\(folder)'")
    }
    let (bytes, overflow) = Int64(clamping: status.f_bavail).multipliedReportingOverflow(
      by: Int64(clamping: status.f_frsize))
    let free = overflow ? Int64.max : bytes
    let found = "\(free >> 20) MB free beside \(path)"
    let remedy = "free some space, or name a path on another disk under log.embedded"
    if free < Self.lowBytes { return Finding("disk space", .failed, found, remedy) }
    return free < Self.scarceBytes ? Finding("disk space", .warning, found, remedy) : Finding("disk space", .ok, found)
  }

  private var logFindings: [Finding] {
    if configuration.log.kafka == nil, let finding = emptyFinding { return [finding] }
    do {
      let log = try configuration.log.open()
      let topics = try Topic.specs(in: log, configuration.topics)
      let differences = TopicDifference.all(
        in: topics, configuration: configuration.topics, isEmbedded: configuration.log.kafka == nil)
      return [Finding("log", .ok, "\(configuration.log.shown) opens and has \(topics.count) topics of the contracts")]
        + topicFindings(differences)
        + (configuration.log.kafka == nil
          ? recordFindings(log, try log.topics()) : clusterFindings(log, topics) + (try heldFindings(log, topics)))
    } catch let error as CommandError {
      return [Finding("log", .failed, "\(error.place.map { "\($0): " } ?? "")\(error.problem)", error.remedy)]
    } catch let error as LogError {
      return [Finding("log", .failed, error.message, remedy(for: error))]
    } catch {
      return [Finding("log", .failed, "\(error)")]
    }
  }

  /// What is missing in one line: on a new cluster that is everything.
  private func topicFindings(_ differences: [TopicDifference]) -> [Finding] {
    let missing = differences.filter { $0.kind == .missing }.map(\.topic)
    let rest = differences.filter { $0.kind != .missing }.map {
      // With other partitions than the configuration says the engine does not start.
      Finding("topic \($0.topic)", $0.kind == .partitions ? .failed : .warning, $0.problem, $0.remedy)
    }
    guard !missing.isEmpty else { return rest }
    let remedy = "create them with: leeway topics create; leeway run does so, too"
    return [Finding("topics", .warning, "missing: \(missing.joined(separator: ", "))", remedy)] + rest
  }

  /// Beyond what the error's own text says.
  private func remedy(for error: LogError) -> String? {
    if configuration.log.kafka == nil { return "the message says what to do; keep a copy of the file before you try" }
    return error.retriable ? "look at the servers under log.kafka.servers, and at the network between" : nil
  }

  /// Opening a log that is not there, or a file without content, would create it.
  private var emptyFinding: Finding? {
    let create = "create it with: leeway topics create"
    var status = stat()
    guard stat(path, &status) == 0 else { return Finding("log", .warning, "there is none at \(path) yet", create) }
    return status.st_size > 0
      ? nil : Finding("log", .warning, "there is none at \(path) yet: the file is empty", create)
  }

  private func clusterFindings(_ log: any Log, _ topics: [TopicSpec]) -> [Finding] {
    var examination = RecordExamination(log, topics, newest: isDeep ? nil : RecordExamination.briefRecords)
    return examination.findings()
  }

  private func heldFindings(_ log: any Log, _ topics: [TopicSpec]) throws(LogError) -> [Finding] {
    let reader = try log.makeReader()
    defer { reader.close() }
    let places = topics.flatMap { topic in (0..<topic.partitions).map { TopicPartition(topic.name, $0) } }
    return try HeldPartitions.lasting(places, reader).map { place, end in
      Finding("transactions", .warning, HeldPartitions.describe(place, end), HeldPartitions.remedy)
    }
  }

  private func recordFindings(_ log: any Log, _ topics: [TopicSpec]) -> [Finding] {
    var status = stat()
    let bytes = stat(path, &status) == 0 ? Int64(status.st_size) : 0
    guard isDeep || bytes <= RecordExamination.briefBytes else {
      return [
        Finding(
          "records", .warning, "not read: \(path) has \(bytes >> 20) MB", "read them all with: leeway doctor --deep")
      ]
    }
    var examination = RecordExamination(log, topics)
    return examination.findings()
  }
}
