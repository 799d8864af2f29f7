import Bytes
import Events
import Log

/// Reads `models` from its start, and decides after each look which versions should serve. One thread at a time calls
/// it; it owns the reader.
struct ModelFollower {
  private let log: any Log
  private let names: TopicNames
  private let models: Set<String>?
  private let trustedKeys: [TrustedKey]?
  private var source: Source?
  /// Where to read on.
  private var positions: [TopicPartition: Int64] = [:]
  private var trails: [String: ChampionTrail] = [:]
  /// Seen, and not yet told.
  private var changes: [ModelChange] = []

  private struct Source {
    let reader: any LogReader
    let models: [TopicPartition]
    let artifacts: [TopicPartition]
  }

  /// - Parameter trustedKeys: where there are any, nothing counts but what one of them has signed.
  init(log: any Log, names: TopicNames, models: Set<String>?, trustedKeys: [TrustedKey]?) {
    self.log = log
    self.names = names
    self.models = models
    self.trustedKeys = trustedKeys
  }

  /// Reads all that is in `models` now.
  ///
  /// - Throws: where the log cannot be read for now. Nothing is lost: the next look goes on from there.
  mutating func poll() throws(LogError) -> [ModelChange] {
    do throws(LogError) {
      let source = try open()
      for partition in source.models { try read(partition, source.reader) }
      let fetch = ArtifactFetch(reader: source.reader, partitions: source.artifacts)
      for model in trails.keys.sorted() { try decide(model, fetch) }
    } catch {
      if !error.retriable { close() }
      throw error
    }
    defer { changes = [] }
    return changes
  }

  /// Waits until there may be something new.
  func wait(milliseconds: Int) throws(LogError) {
    guard let source else { return }
    let positions = positions.filter { source.models.contains($0.key) }
    _ = try source.reader.wait(for: positions, milliseconds: milliseconds)
  }

  mutating func close() {
    source?.reader.close()
    source = nil
  }
}

extension ModelFollower {
  private mutating func open() throws(LogError) -> Source {
    if let source { return source }
    let opened = Source(
      reader: try log.makeReader(), models: try partitions(of: .models), artifacts: try partitions(of: .artifacts))
    source = opened
    return opened
  }

  private func partitions(of topic: Topic) throws(LogError) -> [TopicPartition] {
    guard let count = try log.partitions(of: names[topic]) else {
      throw LogError(
        .unknownTopic, "topic \(names[topic]) does not exist: create the topics first, or correct the topic prefix")
    }
    return (0..<count).map { TopicPartition(names[topic], $0) }
  }

  private mutating func read(_ partition: TopicPartition, _ reader: any LogReader) throws(LogError) {
    let bounds = try reader.bounds(of: partition)
    var position = positions[partition] ?? bounds.lowerBound
    // A topic that was made anew is read from its start.
    if position > bounds.upperBound { position = bounds.lowerBound }
    while position < bounds.upperBound {
      let next: Int64
      do throws(LogError) {
        let fetch = try reader.read(partition, from: position, limit: ReadLimit())
        for stored in fetch.records { observe(stored, partition) }
        next = fetch.next
      } catch {
        next = try resume(after: error, partition, at: position, reader)
      }
      guard next > position else { break }
      position = next
      positions[partition] = position
    }
    positions[partition] = position
  }

  /// Where to read on behind a damaged place, or behind records that retention took.
  private mutating func resume(
    after error: LogError, _ partition: TopicPartition, at position: Int64, _ reader: any LogReader
  ) throws(LogError) -> Int64 {
    switch error.code {
    case .damaged:
      guard let offsets = error.offsets, offsets.upperBound > position else { throw error }
      skip(partition, offsets, error.message)
      return offsets.upperBound
    case .offsetOutOfRange:
      let lower = try reader.bounds(of: partition).lowerBound
      guard lower > position else { throw error }
      return lower
    default: throw error
    }
  }
}

extension ModelFollower {
  private mutating func observe(_ stored: StoredRecord, _ partition: TopicPartition) {
    do throws(EventError) {
      let record = try ModelRecord.decode(value: stored.record.value)
      guard models?.contains(record.model) ?? true else { return }
      observe(record, stored, partition)
    } catch {
      if isOfAnotherModel(stored.record.key) { return }
      skip(partition, stored.offset..<stored.offset + 1, "\(error)")
    }
  }

  private mutating func observe(_ record: ModelRecord, _ stored: StoredRecord, _ partition: TopicPartition) {
    guard let trustedKeys else { return trails[record.model, default: ChampionTrail()].observe(record) }
    var trail = trails[record.model] ?? ChampionTrail()
    var fault: String?
    switch ModelSignature.verify(stored.record, topic: partition.topic, keys: trustedKeys) {
    case .refused(let reason): fault = reason
    case .genuine where stored.record.key.map { $0.elementsEqual(record.model.utf8) } != true:
      fault = "its record has the key of another model"
    case .genuine(_, let time): fault = trail.observe(record, signedAt: time)
    }
    if let fault {
      if record.status == .champion {
        trail.refuse(record, fault)
      } else {
        skip(partition, stored.offset..<stored.offset + 1, "\(record.model) version \(record.version): \(fault)")
      }
    }
    trails[record.model] = trail
  }

  private func isOfAnotherModel(_ key: ByteSlice?) -> Bool {
    guard let models, let key, let name = String(validating: key, as: UTF8.self) else { return false }
    return !name.isEmpty && !models.contains(name)
  }

  /// Neighbours become one report, so that a topic full of something else does not fill the memory.
  private mutating func skip(_ partition: TopicPartition, _ offsets: Range<Int64>, _ reason: String) {
    if case .skipped(let last)? = changes.last, last.partition == partition,
      last.offsets.upperBound == offsets.lowerBound
    {
      changes.removeLast()
      changes.append(
        .skipped(
          SkippedRecord(
            partition: partition, offsets: last.offsets.lowerBound..<offsets.upperBound, reason: last.reason)))
    } else {
      changes.append(.skipped(SkippedRecord(partition: partition, offsets: offsets, reason: reason)))
    }
  }

  private mutating func decide(_ model: String, _ fetch: ArtifactFetch) throws(LogError) {
    guard var trail = trails[model] else { return }
    var found: [ModelChange] = trail.refusals.reversed().map { .refused($0) }
    var chosen: ModelRecord?
    for record in trail.candidates {
      switch try fetch.artifact(of: record) {
      case .verified(let verified):
        let scorer = LocalScorer(name: record.model, version: record.version, model: verified)
        found.append(.champion(ServedModel(record: record, scorer: scorer)))
        chosen = record
      case .external(let bytes):
        found.append(.external(ExternalModel(record: record, artifact: bytes)))
        chosen = record
      case .refused(let reason):
        found.append(.refused(RefusedModel(record, because: reason)))
      }
      if chosen != nil { break }
    }
    changes += found
    trail.decide(chosen)
    trails[model] = trail
  }
}
