import Foundation
import Log

/// Appends and reads of 300-byte records through the embedded log, each beside a table with a row per record through
/// GRDB's own interface; then two producers, an engine and a subscriber, each a process, at 100,000 records a second in
/// and out.
struct LogBenchmark: Benchmark {
  let name = "log"
  private let seconds = 3.0

  func run(into table: inout Table) throws {
    try LogSpeed(folder: table.folder, seconds: seconds).run(into: &table)
    try LogTogether(folder: table.folder, seconds: seconds * 2).run(into: &table)
  }
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

/// Times in milliseconds.
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
}

/// Things done per second.
func measure(_ body: () throws -> Int) rethrows -> Double {
  let start = ContinuousClock.now
  let count = try body()
  return Double(count) / ((ContinuousClock.now - start) / .seconds(1))
}
