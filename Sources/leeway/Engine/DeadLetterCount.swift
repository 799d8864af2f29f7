import Engine
import Events
import Log

/// Counts what comes to `deadletters`, so that an engine's log shows that something was left out.
struct DeadLetterCount {
  /// Letters that are read at one look; a flood is not read through.
  static let mostRead = 10_000

  private let log: any Log
  private let place: TopicPartition
  private var next: Int64
  /// What was read and has not been told, by topic and code.
  private var counts: [String: [String: Int]] = [:]
  private var read = 0

  /// From now on.
  init(_ log: any Log, names: TopicNames) throws(LogError) {
    (self.log, place) = (log, TopicPartition(names[.deadletters], 0))
    let reader = try log.makeReader()
    defer { reader.close() }
    next = try reader.bounds(of: place).upperBound
  }

  /// What has come since the last look, by topic and code; nil where nothing has. After an error the next look tells of it.
  mutating func look() throws(LogError) -> String? {
    // Not kept for the minute until the next look.
    let reader = try log.makeReader()
    defer { reader.close() }
    let bounds = try reader.bounds(of: place)
    next = max(next, bounds.lowerBound)
    while next < bounds.upperBound, read < Self.mostRead {
      let fetch = try reader.readOverDamage(place, from: next)
      for stored in fetch.records {
        let letter = stored.record.value.flatMap { try? DeadLetter.decode($0) }
        counts[letter?.topic ?? "?", default: [:]][letter?.code ?? "unreadable", default: 0] += 1
      }
      read += fetch.records.count
      guard fetch.next > next else { break }
      next = fetch.next
    }
    let isFlood = next < bounds.upperBound
    next = max(next, bounds.upperBound)
    guard read > 0 else { return nil }
    defer { (counts, read) = ([:], 0) }
    let topics = counts.sorted { $0.key < $1.key }.map { topic, codes in
      "\(topic): " + codes.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }
    return "\(isFlood ? "more than " : "")\(Figures.grouped(read)) dead letters (\(topics.joined(separator: "; ")))"
  }
}
