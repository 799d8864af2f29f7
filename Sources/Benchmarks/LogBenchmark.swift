import Bytes
import EventLog
import Foundation
import Log

/// Measures the embedded log: `Benchmarks log [SECONDS] [speed|together]`.
///
/// Appends and reads of 300-byte records, each beside a table with a row per record through GRDB's own interface; then
/// two producers, an engine and a subscriber, each a process, at 100,000 records a second in and out.
func logBenchmark(_ arguments: [String]) throws {
  if arguments.first == "role" { return try LogRole.run(Array(arguments.dropFirst())) }
  let seconds = arguments.first.flatMap(Double.init) ?? 3
  let folder = FileManager.default.temporaryDirectory.appending(path: "leeway-benchmark-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  let part = arguments.dropFirst().first
  if part != "together" { try LogSpeed(folder: folder, seconds: seconds).run() }
  if part != "speed" { try LogTogether(folder: folder, seconds: max(seconds, 3) * 2).run() }
}

/// Records of 300 bytes: a key, one header and a value.
struct BenchmarkRecords {
  static let batch = 100
  private let template: [Record]

  init() {
    template = (0..<Self.batch).map { number in
      let key = Array("key-\(100_000_000_000 + number)".utf8)
      let header = Header("ce_id", (0..<16).map { UInt8($0 &* 7 &+ number & 0xff) }[...])
      let value = (0..<300 - key.count - 5 - 16).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ number) }
      return Record(timestamp: 0, key: key[...], value: value[...], headers: [header])
    }
  }

  func batch(at time: Int64) -> [Record] {
    var records = template
    for index in records.indices { records[index].timestamp = time + Int64(index) }
    return records
  }
}

/// Times in milliseconds, and what is asked of them.
struct Latencies {
  private(set) var values: [Double] = []

  mutating func add(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    values.append(Double(seconds) * 1e3 + Double(attoseconds) * 1e-15)
  }

  mutating func add(_ milliseconds: [Double]) { values += milliseconds }

  func percentile(_ share: Double) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
  }

  var summary: String {
    let shares = [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999), ("max", 1.0)]
    return shares.map { "\($0.0) \(String(format: "%.2f", percentile($0.1)))" }.joined(separator: ", ") + " ms"
  }
}

func measure(_ body: () throws -> Int) rethrows -> Double {
  let start = ContinuousClock.now
  let count = try body()
  return Double(count) / ((ContinuousClock.now - start) / .seconds(1))
}

func report(_ what: String, _ perSecond: Double, target: Double, peer: Double) {
  let figures = [perSecond, target, peer].map { Int($0).formatted(.number.locale(Locale(identifier: "en_US"))) }
  let ratio = String(format: "%.1f", perSecond / max(peer, 1))
  let verdict = perSecond >= target ? "met" : "MISSED"
  print("\(what): \(figures[0])/s (target \(figures[1]): \(verdict)); row per record: \(figures[2])/s, ratio \(ratio)")
}
