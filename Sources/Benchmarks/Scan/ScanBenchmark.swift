import Bytes
import Events
import Foundation

/// The event scanner beside simdjson: the same events, each field taken out.
struct ScanBenchmark: Benchmark {
  let name = "scan"
  var events = 20_000

  func run(into table: inout Table) throws {
    let data = BenchmarkEvents(count: events)
    let paths = (lines: table.folder.appending(path: "lines"), shuffled: table.folder.appending(path: "shuffled"))
    try Data(data.lines).write(to: paths.lines)
    try Data(data.shuffled).write(to: paths.shuffled)
    let peer = SimdjsonPeer(in: table.folder, lines: paths.lines, shuffled: paths.shuffled)
    var scanner = data.scanner
    let bytes = "\(data.lines.count / events) bytes"
    try table.compare(
      Figure("JSON event of \(bytes), a document each", .nanoseconds(per: "event"), targets: [.ratio(0.85)]),
      items: events, ours: Contender("scanner") { keep(Self.scan(&scanner, lines: data.lines)) },
      peer: peer.calling("documents"))
    try table.compare(
      Figure("JSON events of \(bytes), a stream", .nanoseconds(per: "event"), targets: [.ratio(1)]), items: events,
      ours: Contender("scanner") { keep(Self.scan(&scanner, lines: data.lines)) }, peer: peer.calling("stream"))
    try table.compare(
      Figure("JSON events, keys in another order, blanks", .nanoseconds(per: "event")), items: events,
      ours: Contender("scanner") { keep(Self.scan(&scanner, lines: data.shuffled)) }, peer: peer.calling("unordered"))
    let records = data.predictions.map { $0.encoded() }
    try table.compare(
      Figure("JSON events, a record each", .nanoseconds(per: "event")), items: events,
      ours: Contender("scanner") { keep(try Self.scan(&scanner, records: records)) }, peer: peer.calling("documents"))
    try table.compare(
      Figure("binary events of \(data.binary.count / events) bytes", .nanoseconds(per: "event")), items: events,
      ours: Contender("scanner") { keep(try Self.scan(&scanner, data)) }, peer: peer.calling("documents"))
  }

  private static func scan(_ scanner: inout EventScanner, lines: [UInt8]) -> Double {
    var sum = 0.0
    scanner.scanLines(lines) { scanner, _, scanned in
      if case .success(let scanned) = scanned { sum += scanner.row[0] + Double(scanned.id.count) }
    }
    return sum
  }

  private static func scan(_ scanner: inout EventScanner, records: [[UInt8]]) throws -> Double {
    var sum = 0.0
    for record in records { sum += Double(try scanner.scan(record[...]).id.count) + scanner.row[0] }
    return sum
  }

  private static func scan(_ scanner: inout EventScanner, _ data: BenchmarkEvents) throws -> Double {
    var sum = 0.0
    var start = 0
    for end in data.binaryEnds {
      sum += Double(try scanner.scan(data.binary[start..<end]).id.count) + scanner.row[0]
      start = end
    }
    return sum
  }
}
