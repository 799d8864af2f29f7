import Control
import Engine
import Events
import LeewayClient
import Log

/// Every change of a version's status that `models` holds, and which records are not as they were written.
struct AuditTrail {
  struct Entry {
    let place: TopicPartition
    let offset: Int64
    let checksum: String
    let model: String
    let version: Int
    /// Its status before, `nil` for a new version.
    let from: ModelStatus?
    let status: ModelStatus
    let reason: String
    let who: String?
    let time: Milliseconds
    let request: String?
    let previous: String?
    /// Whether it is the champion's record once more, under another signature.
    let isRepeated: Bool
  }

  struct Fault {
    let place: TopicPartition
    let offset: Int64
    /// `nil` where the record does not tell.
    let model: String?
    let reason: String
  }

  /// In order of partition and offset.
  private(set) var entries: [Entry] = []
  private(set) var faults: [Fault] = []
  private(set) var chains: [String: RecordChain] = [:]
  /// Each model's newest champion record and the versions' statuses.
  private var champions: [String: String] = [:]
  private var statuses: [String: [Int: ModelStatus]] = [:]

  /// - Parameter keys: where given, only what one of them has signed is believed.
  init(_ log: any Log, topic: String, keys: [TrustedKey]?) throws {
    let reader = try log.makeReader()
    defer { reader.close() }
    for partition in 0..<(try log.spec(of: topic)?.partitions ?? 0) {
      try read(TopicPartition(topic, partition), reader, keys)
    }
    for (model, entries) in Dictionary(grouping: entries, by: \.model) { verify(model, entries) }
    faults.sort { ($0.place, $0.offset) < ($1.place, $1.offset) }
  }

  /// What cannot be read is a fault like others.
  private mutating func read(_ place: TopicPartition, _ reader: any LogReader, _ keys: [TrustedKey]?) throws {
    var next = try reader.bounds(of: place).lowerBound
    while true {
      do {
        try reader.each(of: place, from: next) { stored in
          next = stored.offset + 1
          take(stored, at: place, keys)
        }
        return
      } catch let error as LogError where error.code == .damaged {
        guard let behind = error.offsets?.upperBound, behind > next else { throw error }
        faults.append(Fault(place: place, offset: next, model: nil, reason: error.message))
        next = behind
      }
    }
  }

  private mutating func take(_ stored: StoredRecord, at place: TopicPartition, _ keys: [TrustedKey]?) {
    let value = Array(stored.record.value ?? [])
    let record: ModelRecord
    do throws(EventError) {
      record = try ModelRecord.decode(value: stored.record.value)
    } catch {
      return faults.append(Fault(place: place, offset: stored.offset, model: nil, reason: "cannot be read: \(error)"))
    }
    func fault(_ reason: String) {
      faults.append(Fault(place: place, offset: stored.offset, model: record.model, reason: reason))
    }
    if stored.record.key.map({ $0.elementsEqual(record.model.utf8) }) != true { fault("has the key of another model") }
    if let keys, case .refused(let reason) = ModelSignature.verify(stored.record, topic: place.topic, keys: keys) {
      fault(reason)
    }
    let checksum = artifactChecksum(value)
    entries.append(
      Entry(
        place: place, offset: stored.offset, checksum: checksum, model: record.model, version: record.version,
        from: statuses[record.model]?[record.version], status: record.status, reason: record.reason, who: record.who,
        time: record.time, request: record.request, previous: record.previous,
        isRepeated: champions[record.model] == checksum))
    statuses[record.model, default: [:]][record.version] = record.status
    if record.status == .champion { champions[record.model] = checksum }
  }

  /// A model's records stand in one partition; what stands in another is a chain of its own, and does not fit.
  private mutating func verify(_ model: String, _ entries: [Entry]) {
    let places = Dictionary(grouping: entries, by: \.place)
    guard let home = places.max(by: { ($0.value.count, $1.key) < ($1.value.count, $0.key) })?.key else { return }
    for (place, entries) in places {
      let chain = RecordChain(
        entries.map { entry in
          RecordChain.Link(
            offset: entry.offset, checksum: entry.checksum, previous: entry.previous, namesWho: entry.who != nil,
            isChampion: entry.status == .champion)
        })
      guard place == home else {
        let reason = "stands apart from the model's records in \(home)"
        faults += entries.map { Fault(place: place, offset: $0.offset, model: model, reason: reason) }
        continue
      }
      chains[model] = chain
      faults += chain.faults.map { Fault(place: place, offset: $0.offset, model: model, reason: $0.reason) }
    }
  }
}
