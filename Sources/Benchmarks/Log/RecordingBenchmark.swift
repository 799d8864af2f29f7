import Bytes
import CZlib
import Events
import Foundation
import Log
import Recording

/// Recordings beside gzip, both of the same values, written to a file and read from it: records a second on one core, and
/// the size.
struct RecordingBenchmark: Benchmark {
  let name = "recording"
  private let count = 100_000

  func run(into table: inout Table) throws {
    let events = BenchmarkEvents(count: count)
    let labels = events.predictions.map {
      Label(prediction: $0.id, model: $0.model, time: $0.time, value: .number(1)).encoded()
    }
    try measure("labels", labels, into: &table)
    try measure("predictions of 20 numbers, JSON", events.predictions.map { $0.encoded() }, into: &table)
    try measure("predictions of 20 numbers, binary", events.binaryRecords, into: &table)
  }

  private func measure(_ name: String, _ values: [[UInt8]], into table: inout Table) throws {
    let records = values.enumerated().map { index, value in
      let record = Record(
        timestamp: 1_700_000_000_000 + Int64(index), key: Array("p-\(10_000_000 + index)".utf8)[...], value: value[...])
      return StoredRecord(offset: Int64(index / 4), record: record)
    }
    let path = table.folder.appending(path: "r.lwr").path
    let gzip = GzipPeer(path: table.folder.appending(path: "r.gz").path)
    let lengths = values.map(\.count)
    let about = "\(name) of \(lengths.reduce(0, +) / values.count) bytes"
    try table.compare(
      Figure("recording, write: \(about)", .perSecond("records"), targets: [.value(150_000)]), items: count,
      ours: Contender("recording") { try Self.write(records, to: path) },
      peer: .contender(Contender("gzip -1", version: gzip.version) { try gzip.write(values) }))
    try table.compare(
      Figure("recording, read: \(about)", .perSecond("records"), targets: [.value(1_000_000)]), items: count,
      ours: Contender("recording") { keep(try Self.read(path)) },
      peer: .contender(Contender("gunzip", version: gzip.version) { keep(try gzip.read(lengths)) }))
    table.add(
      Row(
        figure: Figure("recording, size: \(about)", .percent), ours: Self.share(of: path, lengths),
        peer: .measured(name: "gzip -1", version: gzip.version, value: Self.share(of: gzip.path, lengths))))
  }

  private static func write(_ records: [StoredRecord], to path: String) throws {
    let topics = try RecordedTopics([RecordedTopic(name: "predictions", partitions: 4)])
    let writer = try RecordingWriter(path: path, topics: topics)
    for (index, record) in records.enumerated() { try writer.append(record, place: index % 4) }
    try writer.finish()
  }

  private static func read(_ path: String) throws -> Int {
    let reader = try RecordingReader(path: path)
    var bytes = 0
    while let block = try reader.next() {
      for run in block.runs {
        for stored in block.records[run.range] { bytes += stored.record.value?.count ?? 0 }
      }
    }
    return bytes
  }

  /// The file in percent of the values alone.
  private static func share(of path: String, _ lengths: [Int]) -> Double {
    let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? nil
    return Double(size ?? 0) / Double(lengths.reduce(0, +)) * 100
  }
}

/// The values one behind the other, as gzip writes and reads them.
private struct GzipPeer {
  let path: String
  let version = String(cString: zlibVersion())

  func write(_ values: [[UInt8]]) throws {
    guard let file = gzopen(path, "wb1") else { throw PeerFault(reason: "the file cannot be written") }
    defer { gzclose(file) }
    for value in values where value.withUnsafeBytes({ gzwrite(file, $0.baseAddress, UInt32($0.count)) }) <= 0 {
      throw PeerFault(reason: "the file cannot be written")
    }
  }

  func read(_ lengths: [Int]) throws -> Int {
    guard let file = gzopen(path, "rb") else { throw PeerFault(reason: "the file cannot be read") }
    defer { gzclose(file) }
    gzbuffer(file, 1 << 17)
    var buffer = [UInt8](repeating: 0, count: lengths.max() ?? 0)
    var bytes = 0
    for length in lengths {
      bytes += Int(buffer.withUnsafeMutableBytes { gzread(file, $0.baseAddress, UInt32(length)) })
    }
    return bytes
  }
}
