import Engine
import EventLog
import Events
import Foundation
import LeewayClient
import Log

/// A folder with a configuration, a log, and programs at work on it.
struct PublishStation {
  private static let model = "m"
  /// Of a few rows: its version shows that the engine is up.
  private static let other = "other"
  /// Rows of `other`, and those that the first of two versions learns.
  private static let fewRows = 1_000
  /// Seconds after which something is wrong.
  private static let patience = 300.0

  private let folder: URL
  private let options: PublishOptions

  init(_ folder: URL, _ options: PublishOptions) throws {
    self.folder = folder
    self.options = options
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private var file: String { folder.appending(path: "leeway.db").path }

  /// - Parameter isFirst: whether no version has been published yet; else version 1 is, and its rows come before the others.
  func prepare(isFirst: Bool) throws {
    let silent = "monitor: {drift: off, performance: off, volume: {labels: off}}"
    let yaml = """
      log: {embedded: leeway.db}
      models:
        - {name: \(Self.model), \(silent)}
        - {name: \(Self.other), \(silent)}

      """
    try yaml.write(to: folder.appending(path: "leeway.yaml"), atomically: true, encoding: .utf8)
    try leeway("topics", "create")
    try produce(Self.other, 0..<Self.fewRows)
    if !isFirst {
      try produce(Self.model, 0..<Self.fewRows)
      try leeway("trigger", Self.model)
      try leeway("run", "--until-idle", "--quiet")
    }
    let start = isFirst ? 0 : Self.fewRows
    try produce(Self.model, start..<start + options.rows)
  }

  /// Rows a second apart; the label follows the sum of the features.
  private func produce(_ model: String, _ rows: Range<Int>) throws {
    var random = SplitMix64(seed: UInt64(rows.lowerBound + 1))
    var text = "time,label," + (0..<options.features).map { "x\($0)" }.joined(separator: ",") + "\n"
    for row in rows {
      let values = (0..<options.features).map { _ in (random.normal() * 1_000).rounded() / 1_000 }
      let label = values.reduce(0, +) + random.normal() > 0 ? 1 : 0
      text += "\(1_700_000_000_000 + 1_000 * row),\(label),"
      text += values.map { "\($0)" }.joined(separator: ",") + "\n"
    }
    try text.write(to: folder.appending(path: "rows.csv"), atomically: true, encoding: .utf8)
    try leeway("produce", "examples", "--model", model, "--label", "label", "--time", "time", "--csv", "rows.csv")
  }

  func copy(to place: URL) throws -> PublishStation {
    try FileManager.default.copyItem(at: folder, to: place)
    return try PublishStation(place, options)
  }

  /// Starts the engine, waits until it publishes, asks for a version and waits until a subscriber has it.
  func seconds(toVersion version: Int) throws -> Double {
    let engine = try start(["run", "--quiet"])
    defer {
      engine.terminate()
      engine.waitUntilExit()
    }
    let log = try EmbeddedLog(path: file)
    let subscriber = ModelSubscriber(log: log, models: [Self.model, Self.other])
    defer { subscriber.close() }
    try trigger(Self.other, log)
    try wait(for: Self.other, 1, subscriber)
    return try Stopwatch.seconds {
      try trigger(Self.model, log)
      try wait(for: Self.model, version, subscriber)
    }
  }

  private func trigger(_ model: String, _ log: any Log) throws {
    let configuration = EngineConfiguration(models: [])
    let reader = try log.makeReader()
    defer { reader.close() }
    let rows = try ExampleReader(reader: reader, names: configuration.names)
      .resolvedRows(partitions: configuration.inputPartitions)
    guard let rows else { throw BenchmarkFault(description: "\(file) holds no labelled rows") }
    let producer = try log.makeProducer(id: nil)
    defer { producer.close() }
    try producer.append([TriggerRequest(model: model, name: "bench", reason: nil, rows: rows).batch(configuration)])
  }

  private func wait(for model: String, _ version: Int, _ subscriber: ModelSubscriber) throws {
    let since = Date()
    while Date().timeIntervalSince(since) < Self.patience {
      for change in try subscriber.poll() {
        if case .champion(let served) = change, served.model == model, served.version == version { return }
      }
      usleep(500)
    }
    throw BenchmarkFault(description: "version \(version) of \(model) has not come within \(Self.patience) s")
  }

  private func start(_ arguments: [String]) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: options.leeway)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    return process
  }

  private func leeway(_ arguments: String...) throws {
    let process = try start(arguments)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let command = arguments.joined(separator: " ")
      throw BenchmarkFault(description: "leeway \(command): status \(process.terminationStatus)")
    }
  }
}
