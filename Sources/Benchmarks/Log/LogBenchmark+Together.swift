import EventLog
import Foundation
import Log

/// Two producers, an engine that copies what they append and commits its offsets, and a subscriber to its output:
/// four processes on one log at a fixed rate.
struct LogTogether {
  let folder: URL
  let seconds: Double
  static let rate = 100_000.0
  static let input = TopicSpec(name: "input", partitions: 2)
  static let output = TopicSpec(name: "output", partitions: 2)

  func run(into table: inout Table) throws {
    let path = folder.appending(path: "together.db").path
    let log = try EmbeddedLog(path: path)
    try log.create(Self.input)
    try log.create(Self.output)
    let each = Int(Self.rate / 2 * seconds) / BenchmarkRecords.batch * BenchmarkRecords.batch
    let roles = try [("subscriber", 0), ("engine", 0), ("producer", 0), ("producer", 1)].map { role, number in
      try LogRole.spawn(role, number: number, path: path, count: role == "producer" ? each : each * 2)
    }
    var commits = Latencies()
    var slowest = Double.infinity
    for role in roles {
      let result = try role.result()
      if result.name != "subscriber" { commits.add(result.latencies.values) }
      if result.name == "engine" || result.name == "subscriber" { slowest = min(slowest, result.perSecond) }
    }
    table.add(
      Row(
        figure: Figure(
          "log, four processes at 100,000 records/s", .perSecond("records"), targets: [.value(Self.rate * 0.97)]),
        ours: slowest, peer: .none))
    table.add(
      Row(
        figure: Figure("log, their commits, p99", .milliseconds, targets: [.value(20)]),
        ours: commits.percentile(0.99), peer: .none))
  }
}

/// What one of the processes does.
struct LogRole {
  struct Result: Codable {
    let name: String
    let perSecond: Double
    let milliseconds: [Double]

    var latencies: Latencies {
      var latencies = Latencies()
      latencies.add(milliseconds)
      return latencies
    }
  }

  struct Spawned {
    let process: Process
    let pipe: Pipe

    func result() throws -> Result {
      let data = pipe.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      return try JSONDecoder().decode(Result.self, from: data)
    }
  }

  static func spawn(_ role: String, number: Int, path: String, count: Int) throws -> Spawned {
    let process = Process()
    process.executableURL = Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])
    process.arguments = ["log", "role", role, "\(number)", path, "\(count)"]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    return Spawned(process: process, pipe: pipe)
  }

  static func run(_ arguments: [String]) throws {
    guard arguments.count == 4, let number = Int(arguments[1]), let count = Int(arguments[3]) else { return }
    let log = try EmbeddedLog(path: arguments[2])
    var latencies = Latencies()
    let perSecond: Double
    switch arguments[0] {
    case "producer": perSecond = try produce(log, number, count, &latencies)
    case "engine": perSecond = try copy(log, count, &latencies)
    default: perSecond = try subscribe(log, count, &latencies)
    }
    let result = Result(name: arguments[0], perSecond: perSecond, milliseconds: latencies.values)
    FileHandle.standardOutput.write(try JSONEncoder().encode(result))
  }

  private static func produce(_ log: EmbeddedLog, _ number: Int, _ count: Int, _ latencies: inout Latencies) throws
    -> Double
  {
    let producer = try log.makeProducer(id: "producer-\(number)")
    let partition = TopicPartition(LogTogether.input.name, number)
    let records = BenchmarkRecords()
    let start = ContinuousClock.now
    for sent in stride(from: 0, to: count, by: BenchmarkRecords.batch) {
      let due = start + .seconds(Double(sent) / (LogTogether.rate / 2))
      let early = due - ContinuousClock.now
      if early > .zero { usleep(UInt32(early / .microseconds(1))) }
      let batch = AppendBatch(partition, records.batch(at: wallClockMilliseconds()))
      let before = ContinuousClock.now
      try producer.append([batch])
      latencies.add(ContinuousClock.now - before)
    }
    return Double(count) / ((ContinuousClock.now - start) / .seconds(1))
  }

  private static func copy(_ log: EmbeddedLog, _ count: Int, _ latencies: inout Latencies) throws -> Double {
    let topics = [LogTogether.input.name]
    let consumer = try log.join(group: "copy", topics: topics, member: "benchmark")
    var (done, start) = (0, ContinuousClock.now)
    while done < count {
      guard case .records(let fetches) = try consumer.poll(topics, limit: ReadLimit()) else {
        try consumer.wait(topics, milliseconds: 1_000)
        continue
      }
      if done == 0 { start = .now }
      let outputs = fetches.map {
        AppendBatch(TopicPartition(LogTogether.output.name, $0.partition.partition), $0.records.map(\.record))
      }
      let offsets = Dictionary(fetches.map { ($0.partition, $0.next) }) { max($0, $1) }
      let before = ContinuousClock.now
      try consumer.commit(outputs: outputs, offsets: offsets)
      latencies.add(ContinuousClock.now - before)
      done += fetches.reduce(0) { $0 + $1.records.count }
    }
    return Double(count) / ((ContinuousClock.now - start) / .seconds(1))
  }

  /// Its latencies are the ages of the oldest record of each read: from the producer's clock to here.
  private static func subscribe(_ log: EmbeddedLog, _ count: Int, _ latencies: inout Latencies) throws -> Double {
    let reader = try log.makeReader()
    var positions = [
      TopicPartition(LogTogether.output.name, 0): Int64(0), TopicPartition(LogTogether.output.name, 1): 0,
    ]
    var (done, start) = (0, ContinuousClock.now)
    while done < count {
      guard try reader.wait(for: positions, milliseconds: 10_000) else { continue }
      if done == 0 { start = .now }
      for (partition, position) in positions {
        let fetch = try reader.read(partition, from: position, limit: ReadLimit())
        positions[partition] = fetch.next
        done += fetch.records.count
        guard let first = fetch.records.first else { continue }
        latencies.add(.milliseconds(wallClockMilliseconds() - first.record.timestamp))
      }
    }
    return Double(count) / ((ContinuousClock.now - start) / .seconds(1))
  }
}
