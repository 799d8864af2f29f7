import Bytes
import Engine
import Events
import Foundation
import Log

/// Hands a person's request to the engine, and waits for what it makes of it.
final class RequestDelivery {
  enum Outcome {
    /// The changes of status that it led to.
    case done([ModelRecord])
    /// Nothing was changed, and why.
    case refused(DeadLetter)
    /// Nobody has answered yet.
    case open
  }

  private static let pause = 0.05

  private let log: any Log
  private let configuration: EngineConfiguration
  private let reader: any LogReader

  init(_ log: any Log, _ configuration: EngineConfiguration) throws {
    (self.log, self.configuration) = (log, configuration)
    reader = try log.makeReader()
  }

  deinit { reader.close() }

  /// - Parameter seconds: how long to wait at most; 0 waits not at all.
  /// - Returns: where the request stands, and what came of it.
  func deliver(_ request: RunRequest, within seconds: Double) throws -> (
    place: TopicPartition, offset: Int64, outcome: Outcome
  ) {
    let batch = request.batch(configuration)
    var changes = Tail(place(.models, key: request.model))
    var letters = Tail(place(.deadletters, key: "\(Topic.runs.rawValue)/\(batch.partition.partition)"))
    changes.next = try reader.bounds(of: changes.place).upperBound
    letters.next = try reader.bounds(of: letters.place).upperBound
    let producer = try log.makeProducer(id: nil)
    defer { producer.close() }
    let offset = try producer.append([batch]).first ?? 0
    let end = SteadyClock.seconds + seconds
    while true {
      let outcome = try look(&changes, &letters, for: request, at: batch.partition.partition, offset)
      if case .open = outcome, SteadyClock.seconds < end {
        Thread.sleep(forTimeInterval: Self.pause)
        continue
      }
      return (batch.partition, offset, outcome)
    }
  }

  private struct Tail {
    let place: TopicPartition
    var next: Int64 = 0

    init(_ place: TopicPartition) { self.place = place }
  }

  private func place(_ topic: Topic, key: String) -> TopicPartition {
    let partition = Murmur2.partition(of: Array(key.utf8), among: configuration.partitions(of: topic))
    return TopicPartition(configuration.names[topic], partition)
  }

  private func look(
    _ changes: inout Tail, _ letters: inout Tail, for request: RunRequest, at partition: Int, _ offset: Int64
  ) throws -> Outcome {
    var told: [ModelRecord] = []
    changes.next = try reader.each(of: changes.place, from: changes.next) { stored in
      guard let value = stored.record.value, let record = try? ModelRecord.decode(value) else { return }
      if record.request == request.id { told.append(record) }
    }
    if !told.isEmpty { return .done(told) }
    var refusal: DeadLetter?
    letters.next = try reader.each(of: letters.place, from: letters.next) { stored in
      guard let value = stored.record.value, let letter = try? DeadLetter.decode(value) else { return }
      if letter.topic == Topic.runs.rawValue, letter.partition == partition, letter.offset == offset {
        refusal = letter
      }
    }
    return refusal.map(Outcome.refused) ?? .open
  }
}
