import Foundation
import Log

/// Appends batches to the log; belongs to the producer's thread.
///
/// A batch keeps its sequence numbers over all its tries, so a try that did reach the log without our hearing of it
/// is acknowledged, not appended, when it comes again.
struct Delivery {
  private let producer: any LogProducer
  private let retry: RetryPolicy
  private var sequences: [TopicPartition: Int64] = [:]

  init(producer: any LogProducer, retry: RetryPolicy) {
    self.producer = producer
    self.retry = retry
  }

  func close() {
    producer.close()
  }

  /// - Returns: what did not reach the log.
  mutating func deliver(_ batch: SendBatch) -> [EventFailure] {
    deliver(batch.events[...], first: batch.first)
  }

  private mutating func deliver(_ events: ArraySlice<PreparedEvent>, first: Int64) -> [EventFailure] {
    let groups = Self.group(events)
    guard let error = append(groups) else { return [] }
    if error.code == .tooLarge, events.count > 1 {
      let half = events.startIndex + events.count / 2
      return deliver(events[..<half], first: first)
        + deliver(events[half...], first: first + Int64(half - events.startIndex))
    }
    let reason = ClientError("append to the log failed", error)
    return events.enumerated().map { index, event in
      EventFailure(number: first + Int64(index), topic: event.topic, id: event.id, error: reason)
    }
  }

  /// Tries until the log has the groups, or an error says that more tries would not help.
  private mutating func append(_ groups: [Group]) -> LogError? {
    var retries = 0
    while true {
      do throws(LogError) {
        let batches = try number(groups)
        try producer.append(batches)
        for group in groups { sequences[group.partition, default: 0] += Int64(group.records.count) }
        return nil
      } catch {
        guard error.retriable || error.code == .sequenceGap, retries < retry.retries else {
          return settle(groups) ? nil : error
        }
        // The log knows of fewer records than we: it was replaced by another, so this batch is not in it either.
        if error.code == .sequenceGap { forget(groups) }
        Thread.sleep(forTimeInterval: retry.pause(beforeRetry: retries).seconds)
        retries += 1
      }
    }
  }

  private mutating func number(_ groups: [Group]) throws(LogError) -> [AppendBatch] {
    var batches: [AppendBatch] = []
    for group in groups {
      let sequence: Int64
      if let known = sequences[group.partition] {
        sequence = known
      } else {
        sequence = try producer.nextSequence(in: group.partition)
        sequences[group.partition] = sequence
      }
      batches.append(AppendBatch(group.partition, group.records, sequence: sequence))
    }
    return batches
  }

  /// After the last try: asks the log whether it holds the groups after all, so that what is reported as failed is
  /// not in the log. All groups are there or none.
  private mutating func settle(_ groups: [Group]) -> Bool {
    defer { forget(groups) }
    return groups.allSatisfy { group in
      guard let sequence = sequences[group.partition],
        let expected = try? producer.nextSequence(in: group.partition)
      else { return false }
      return expected == sequence + Int64(group.records.count)
    }
  }

  private mutating func forget(_ groups: [Group]) {
    for group in groups { sequences[group.partition] = nil }
  }
}

extension Delivery {
  private struct Group {
    let partition: TopicPartition
    var records: [Record] = []
  }

  /// Events by partition, in order of partition, each in the order in which they were sent.
  private static func group(_ events: ArraySlice<PreparedEvent>) -> [Group] {
    var places: [TopicPartition: Int] = [:]
    var groups: [Group] = []
    for event in events {
      if let place = places[event.partition] {
        groups[place].records.append(event.record)
      } else {
        places[event.partition] = groups.count
        groups.append(Group(partition: event.partition, records: [event.record]))
      }
    }
    return groups.sorted { $0.partition < $1.partition }
  }
}
