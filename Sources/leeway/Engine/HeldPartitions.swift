import Foundation
import Log

/// Partitions in which records wait for the end of a transaction, and for how long they have.
///
/// Transactions of Leeway's own end with the next commit; that of a worker that died ends before `patience` is over, where
/// `transaction.timeout.ms` is left as it is.
struct HeldPartitions {
  private struct Stand {
    let offset: Int64
    let since: Double
    var toldAt: Double?
  }

  /// Seconds that a transaction may take before anything is said of it.
  static let patience = 20.0
  /// Seconds after which it is said again.
  private static let repetition = 600.0

  private var stands: [TopicPartition: Stand] = [:]

  /// - Parameters:
  ///   - ends: of all partitions that are watched.
  ///   - seconds: by a clock that never goes back.
  /// - Returns: what there is to say, each time the same happens again after a long while only.
  mutating func look(at ends: [TopicPartition: PartitionEnd], seconds: Double) -> [String] {
    var news: [String] = []
    for (place, stand) in stands.sorted(by: { $0.key < $1.key }) {
      if let end = ends[place], end.isHeld, end.stable == stand.offset { continue }
      stands[place] = nil
      guard stand.toldAt != nil else { continue }
      news.append("\(place) can be read from offset \(stand.offset) on again: the transaction there is finished.")
    }
    for (place, end) in ends.sorted(by: { $0.key < $1.key }) where end.isHeld {
      var stand = stands[place] ?? Stand(offset: end.stable, since: seconds)
      if seconds - stand.since >= Self.patience, stand.toldAt.map({ seconds - $0 >= Self.repetition }) ?? true {
        stand.toldAt = seconds
        news.append("\(Self.describe(place, end)) It has not been for \(Int(seconds - stand.since)) s. \(Self.remedy)")
      }
      stands[place] = stand
    }
    return news
  }

  /// Those of `places` in which the same transaction is open for a second.
  static func lasting(
    _ places: [TopicPartition], _ reader: any LogReader
  ) throws(LogError) -> [(TopicPartition, PartitionEnd)] {
    var held = try reader.ends(of: places).filter(\.value.isHeld)
    for _ in 0..<5 where !held.isEmpty {
      Thread.sleep(forTimeInterval: 0.2)
      let now = try reader.ends(of: held.keys.sorted())
      held = held.filter { now[$0.key]?.stable == $0.value.stable && now[$0.key]?.isHeld == true }
    }
    return held.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  static func describe(_ place: TopicPartition, _ end: PartitionEnd) -> String {
    "\(place) cannot be read from offset \(end.stable) on, \(end.last - end.stable) offsets before its end: a transaction that "
      + "began there is not finished."
  }

  static let remedy =
    "What comes behind it waits and is not lost. End that transaction in the program that began it; the cluster does when its "
    + "transaction.timeout.ms is over, or by kafka-transactions.sh abort."
}
