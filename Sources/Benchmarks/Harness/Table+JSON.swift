import Foundation

extension Table {
  private struct File: Encodable {
    let started: String
    let machine: Machine
    let repetitions: Int
    let rows: [Entry]
    let failures: [Failure]
  }

  private struct Entry: Encodable {
    let name: String
    let unit: String
    let ours: Double
    let peer: Double?
    let peerName: String?
    let peerVersion: String?
    let peerMissing: String?
    let ratio: Double?
    let targetRatio: Double?
    let target: Double?
    let met: Bool?

    init(_ row: Row) {
      name = row.figure.name
      unit = row.figure.unit.label
      ours = row.ours
      ratio = row.ratio
      met = row.met
      var (bound, boundOfRatio): (Double?, Double?) = (nil, nil)
      for target in row.figure.targets {
        switch target {
        case .ratio(let value): boundOfRatio = value
        case .value(let value): bound = value
        }
      }
      (target, targetRatio) = (bound, boundOfRatio)
      switch row.peer {
      case .none: (peer, peerName, peerVersion, peerMissing) = (nil, nil, nil, nil)
      case .missing(let name, let reason): (peer, peerName, peerVersion, peerMissing) = (nil, name, nil, reason)
      case .measured(let name, let version, let value):
        (peer, peerName, peerVersion, peerMissing) = (value, name, version, nil)
      }
    }
  }

  private struct Failure: Encodable {
    let benchmark: String
    let reason: String
  }

  /// The run as one JSON object: where and when it ran, and its rows. What does not apply is left out.
  func json(started: Date) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(
      File(
        started: started.ISO8601Format(), machine: Machine(), repetitions: repetitions, rows: rows.map(Entry.init),
        failures: failures.map { Failure(benchmark: $0.benchmark, reason: $0.reason) }))
  }
}

/// Where a run took place.
struct Machine: Encodable {
  let system: String
  let processor: String
  let cores: Int
  let build: String

  init() {
    system = ProcessInfo.processInfo.operatingSystemVersionString
    cores = ProcessInfo.processInfo.processorCount
    let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n") ?? []
    let model = lines.first { $0.hasPrefix("model name") }?.split(separator: ":").last
    processor = model.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
    #if DEBUG
      build = "debug"
    #else
      build = "release"
    #endif
  }
}
