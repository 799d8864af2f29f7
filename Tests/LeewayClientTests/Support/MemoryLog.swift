import Bytes
import Foundation
import Log

/// A log in memory, with faults on demand. Appends of several batches are all or nothing, and a producer's sequence
/// numbers are checked, as the port promises.
final class MemoryLog: Log, @unchecked Sendable {
  typealias Fault = (Int, [AppendBatch]) -> LogError?

  let condition = NSCondition()
  private var specs: [String: TopicSpec] = [:]
  fileprivate var partitions: [TopicPartition: [StoredRecord]] = [:]
  fileprivate var sequences: [String: [TopicPartition: Int64]] = [:]
  fileprivate var appends = 0
  fileprivate var isBlocked = false
  fileprivate var isStalled = false
  fileprivate var isDown: LogError?
  fileprivate var beforeAppend: Fault = { _, _ in nil }
  fileprivate var afterAppend: Fault = { _, _ in nil }
  fileprivate var damaged: [TopicPartition: Range<Int64>] = [:]
  fileprivate(set) var accepted: [[AppendBatch]] = []
  private(set) var openProducers = 0
  private(set) var openReaders = 0

  init(_ topics: [String: Int] = ["predictions": 3, "labels": 3, "features": 3, "models": 1, "artifacts": 1]) {
    for (name, count) in topics { specs[name] = TopicSpec(name: name, partitions: count) }
  }

  func locked<T, E: Error>(_ body: () throws(E) -> T) throws(E) -> T {
    condition.lock()
    defer {
      condition.broadcast()
      condition.unlock()
    }
    return try body()
  }

  func create(_ topic: TopicSpec) throws(LogError) {
    locked { specs[topic.name] = topic }
  }

  func topics() throws(LogError) -> [TopicSpec] {
    try locked { () throws(LogError) in
      if let isDown { throw isDown }
      return specs.values.sorted { $0.name < $1.name }
    }
  }

  func makeProducer(id: String?) throws(LogError) -> any LogProducer {
    try locked { () throws(LogError) in
      if let isDown { throw isDown }
      openProducers += 1
      return MemoryProducer(log: self, id: id ?? "producer-\(openProducers)")
    }
  }

  func makeReader() throws(LogError) -> any LogReader {
    try locked { () throws(LogError) in
      if let isDown { throw isDown }
      openReaders += 1
      return MemoryReader(log: self)
    }
  }

  func join(group: String, topics: [String], member: String) throws(LogError) -> any LogConsumer {
    throw LogError(.invalidArgument, "the log in memory has no consumer groups")
  }

  func maintain(now: Int64, workedOff: Int64) throws(LogError) {}

  fileprivate func closedProducer() { locked { openProducers -= 1 } }
  fileprivate func closedReader() { locked { openReaders -= 1 } }
}

// What tests look at and bring about.
extension MemoryLog {
  func records(_ topic: String, _ partition: Int) -> [Record] {
    locked { (partitions[TopicPartition(topic, partition)] ?? []).map(\.record) }
  }

  func records(_ topic: String) -> [Record] {
    locked {
      partitions.filter { $0.key.topic == topic }.sorted { $0.key < $1.key }.flatMap { $0.value.map(\.record) }
    }
  }

  func write(_ topic: String, partition: Int = 0, _ records: [Record]) {
    locked { add(records, to: TopicPartition(topic, partition)) }
  }

  var appendCalls: Int { locked { appends } }

  func block() { locked { isBlocked = true } }
  func unblock() { locked { isBlocked = false } }
  /// Readers that wait hear nothing, not even that their time is over.
  func stall(_ stalls: Bool) { locked { isStalled = stalls } }
  func takeDown(_ error: LogError?) { locked { isDown = error } }
  func damage(_ partition: TopicPartition, _ offsets: Range<Int64>) { locked { damaged[partition] = offsets } }

  /// Faults get the number of the append call, from 0, and its batches.
  func failBeforeAppend(_ fault: @escaping Fault) { locked { beforeAppend = fault } }
  func failAfterAppend(_ fault: @escaping Fault) { locked { afterAppend = fault } }

  fileprivate func add(_ records: [Record], to partition: TopicPartition) {
    let start = Int64(partitions[partition]?.count ?? 0)
    partitions[partition, default: []] += records.enumerated().map {
      StoredRecord(offset: start + Int64($0), record: $1)
    }
  }
}

private final class MemoryProducer: LogProducer {
  private let log: MemoryLog
  private let id: String

  init(log: MemoryLog, id: String) {
    self.log = log
    self.id = id
  }

  func append(_ batches: [AppendBatch]) throws(LogError) -> [Int64] {
    try log.locked { () throws(LogError) in
      let call = log.appends
      log.appends += 1
      while log.isBlocked { log.condition.wait() }
      if let error = log.isDown ?? log.beforeAppend(call, batches) { throw error }
      for batch in batches where (batch.sequence ?? 0) > expected(batch.partition) {
        throw LogError(.sequenceGap, "\(batch.partition) expects \(expected(batch.partition))")
      }
      for batch in batches where batch.sequence ?? expected(batch.partition) == expected(batch.partition) {
        log.add(batch.records, to: batch.partition)
        log.sequences[id, default: [:]][batch.partition, default: 0] += Int64(batch.records.count)
      }
      log.accepted.append(batches)
      if let error = log.afterAppend(call, batches) { throw error }
      return batches.map { _ in 0 }
    }
  }

  private func expected(_ partition: TopicPartition) -> Int64 {
    log.sequences[id]?[partition] ?? 0
  }

  func nextSequence(in partition: TopicPartition) throws(LogError) -> Int64 {
    try log.locked { () throws(LogError) in
      if let error = log.isDown { throw error }
      return expected(partition)
    }
  }

  func close() { log.closedProducer() }
}

private final class MemoryReader: LogReader {
  private let log: MemoryLog

  init(log: MemoryLog) {
    self.log = log
  }

  private func check() throws(LogError) {
    if let error = log.isDown { throw error }
  }

  func bounds(of partition: TopicPartition) throws(LogError) -> Range<Int64> {
    try log.locked { () throws(LogError) in
      try check()
      return 0..<Int64(log.partitions[partition]?.count ?? 0)
    }
  }

  func offset(in partition: TopicPartition, atOrAfter time: Int64) throws(LogError) -> Int64 {
    log.locked { Int64(log.partitions[partition]?.firstIndex { $0.record.timestamp >= time } ?? 0) }
  }

  func read(_ partition: TopicPartition, from offset: Int64, limit: ReadLimit) throws(LogError) -> Fetch {
    try log.locked { () throws(LogError) in
      try check()
      let all = log.partitions[partition] ?? []
      if let damaged = log.damaged[partition], damaged.contains(offset) {
        throw LogError(.damaged, "a batch of \(partition) is damaged", offsets: damaged)
      }
      let stop = log.damaged[partition].map { offset < $0.lowerBound ? Int($0.lowerBound) : all.count } ?? all.count
      // A few at a time, so that readers have to come back.
      let records = Array(all[min(Int(offset), stop)..<min(Int(offset) + 7, stop)])
      return Fetch(
        partition: partition, records: records, next: offset + Int64(records.count), end: Int64(all.count))
    }
  }

  func wait(for positions: [TopicPartition: Int64], milliseconds: Int) throws(LogError) -> Bool {
    try log.locked { () throws(LogError) in
      let limit = Date().addingTimeInterval(Double(milliseconds) / 1_000)
      while true {
        try check()
        while log.isStalled { log.condition.wait() }
        if positions.contains(where: { Int64(log.partitions[$0.key]?.count ?? 0) > $0.value }) { return true }
        if !log.condition.wait(until: limit) { return false }
      }
    }
  }

  func committed(group: String) throws(LogError) -> [TopicPartition: Int64] { [:] }

  func close() { log.closedReader() }
}
