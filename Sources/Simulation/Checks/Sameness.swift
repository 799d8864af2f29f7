import Bytes
import Events
import Log

/// The undisturbed run's outputs against the disturbed one's, byte for byte; offsets aside.
enum Sameness {
  private static let topics: [Topic] = [
    .examples, .summaries, .sketches, .drift, .triggers, .runs, .models, .deadletters,
  ]

  static func findings(_ expected: SimulatedLog, _ found: SimulatedLog, _ names: TopicNames) -> [String] {
    var findings: [String] = []
    for topic in topics {
      let partitions = expected.with { $0.topics[names[topic]]?.partitions ?? 0 }
      for partition in 0..<partitions {
        let place = TopicPartition(names[topic], partition)
        let (left, right) = (outputs(expected, place, topic), outputs(found, place, topic))
        guard left != right else { continue }
        let same = zip(left, right).prefix { $0 == $1 }.count
        findings.append(
          "\(place), record \(same) of \(left.count) and \(right.count) by source: undisturbed "
            + "\(text(left, same)), disturbed \(text(right, same))")
      }
    }
    return findings
  }

  /// A partition's records by source, where several sources write to the same place in whatever order they work. Of
  /// Train, whose models do not wait for one another, by model, and without the numbers that follow from the order.
  private static func outputs(_ log: SimulatedLog, _ place: TopicPartition, _ topic: Topic) -> [Record] {
    var records = log.history(of: place).map(\.record)
    if topic == .deadletters { records = ofInputs(records) + answers(records) }
    let isOfTrain = [.runs, .models].contains(topic)
    if isOfTrain {
      for index in records.indices { records[index].headers.removeAll { $0.name == "ce_id" } }
    }
    let sources = records.map { record in
      (record.header("ce_source") ?? "") + (isOfTrain ? String(decoding: record.key ?? [], as: UTF8.self) : "")
    }
    let sorted = records.indices.sorted { (sources[$0], $0) < (sources[$1], $1) }.map { records[$0] }
    guard topic == .runs else { return sorted }
    // A run may be carried out twice, by a process that has lost its place; it counts once.
    var seen: Set<Record> = []
    return sorted.filter { $0.header("ce_source") != "leeway/trainer" || seen.insert($0).inserted }
  }

  private static func letter(_ record: Record) -> DeadLetter? { try? DeadLetter.decode(value: record.value) }

  private static func ofInputs(_ records: [Record]) -> [Record] {
    records.filter { letter($0)?.topic != Topic.runs.rawValue }
  }

  /// What Train has refused of what people asked, without the offsets in its own topic, in the order of what it says.
  private static func answers(_ records: [Record]) -> [Record] {
    let letters = records.compactMap(letter).filter { $0.topic == Topic.runs.rawValue }
    return letters.map { letter in
      var letter = letter
      letter.offset = 0
      return letter.encoded()
    }
    .sorted { $0.lexicographicallyPrecedes($1) }.map { Record(timestamp: 0, value: $0[...]) }
  }

  private static func text(_ records: [Record], _ place: Int) -> String {
    guard place < records.count else { return "nothing" }
    let record = records[place]
    let value = String(decoding: (record.value ?? []).prefix(200), as: UTF8.self)
    return "\(record.header("ce_source") ?? "-") \(record.header("ce_id") ?? "-") \(value)"
  }
}

extension Record {
  func header(_ name: String) -> String? {
    headers.first { $0.name == name }.map { String(decoding: $0.value, as: UTF8.self) }
  }
}
