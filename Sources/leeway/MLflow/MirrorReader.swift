import Events
import LeewayClient
import Log

/// Reads what is mirrored from the log: all records of `runs` and `models` that are committed, from the first on.
final class MirrorReader {
  private let reader: any LogReader
  private let places: [(topic: Topic, place: TopicPartition)]
  private var positions: [TopicPartition: Int64] = [:]
  /// Where given, versions count that one of them has signed.
  private let keys: [TrustedKey]?

  /// - Parameter partitions: of each of the two topics.
  init(_ log: any Log, _ names: TopicNames, partitions: [Int], trusting keys: [TrustedKey]?) throws(LogError) {
    reader = try log.makeReader()
    // Runs first: a version names the run that made it.
    places = [Topic.runs, .models].flatMap { topic in
      partitions.map { (topic, TopicPartition(names[topic], $0)) }
    }
    self.keys = keys
  }

  deinit { reader.close() }

  /// Reads on to the end.
  ///
  /// - Parameter isStopping: whether nobody waits for it any more; asked after each fetch.
  func read(into book: inout MirrorBook, isStopping: () -> Bool = { false }) throws(LogError) {
    for (topic, place) in places {
      let bounds = try reader.bounds(of: place)
      var position = max(positions[place] ?? bounds.lowerBound, bounds.lowerBound)
      positions[place] = position
      while position < bounds.upperBound, !isStopping() {
        do throws(LogError) {
          let fetch = try reader.read(place, from: position, limit: ReadLimit())
          for stored in fetch.records { take(stored.record, topic, place, into: &book) }
          guard fetch.next > position else { break }
          position = fetch.next
        } catch {
          guard error.code == .damaged, let behind = error.offsets?.upperBound, behind > position else { throw error }
          position = behind
        }
        positions[place] = position
      }
    }
  }

  /// What cannot be read Train has made dead letters of.
  private func take(_ record: Record, _ topic: Topic, _ place: TopicPartition, into book: inout MirrorBook) {
    guard let value = record.value else { return }
    guard topic == .models else {
      if let run = try? RunRecord.decode(value) { book.take(run, time: record.timestamp) }
      return
    }
    if let keys, case .refused = ModelSignature.verify(record, topic: place.topic, keys: keys) { return }
    if let model = try? ModelRecord.decode(value) { book.take(model) }
  }

  /// Waits until there is more to read, at most `milliseconds`.
  ///
  /// - Returns: whether there is.
  func wait(milliseconds: Int) throws(LogError) -> Bool {
    try reader.wait(for: positions, milliseconds: milliseconds)
  }
}
