import Log

/// Reads through a log, or the newest records of each partition, and tells what cannot be read.
struct RecordExamination {
  /// A log up to this size is read without being asked: that takes a second or two.
  static let briefBytes: Int64 = 256 << 20
  /// Records of each partition of a cluster that are read without being asked.
  static let briefRecords: Int64 = 1_000
  /// Damaged places that are told one by one.
  private static let shown = 20

  let log: any Log
  let topics: [TopicSpec]
  /// How many of each partition are read from the end; nil for all.
  let newest: Int64?

  private var damage: [LogError] = []
  private var records = 0

  init(_ log: any Log, _ topics: [TopicSpec], newest: Int64? = nil) {
    self.log = log
    self.topics = topics
    self.newest = newest
  }

  mutating func findings() -> [Finding] {
    do throws(LogError) {
      let reader = try log.makeReader()
      defer { reader.close() }
      for topic in topics.sorted(by: { $0.name < $1.name }) {
        for partition in 0..<topic.partitions { read(TopicPartition(topic.name, partition), reader) }
      }
    } catch {
      damage.append(error)
    }
    guard !damage.isEmpty else {
      let found = newest.map { "the newest \(Figures.grouped(records)) can be read (up to \($0) of each partition)" }
      return [Finding("records", .ok, found ?? "all \(Figures.grouped(records)) can be read")]
    }
    var findings = damage.prefix(Self.shown).map { error in
      Finding(
        "records", .failed, error.message,
        // What a cluster does not give has its remedy in the message.
        error.code != .damaged
          ? nil
          : error.offsets == nil
            ? "keep a copy of the file, and restore one from before"
            : "keep a copy of the file; the engine passes over these records and writes a dead letter for them")
    }
    if damage.count > Self.shown {
      findings.append(Finding("records", .failed, "\(damage.count - Self.shown) further places cannot be read"))
    }
    return findings
  }

  private mutating func read(_ place: TopicPartition, _ reader: any LogReader) {
    do throws(LogError) {
      let bounds = try reader.bounds(of: place)
      var position = max(bounds.lowerBound, newest.map { bounds.upperBound - $0 } ?? .min)
      while true {
        do throws(LogError) {
          let fetch = try reader.read(place, from: position, limit: ReadLimit())
          records += fetch.records.count
          guard fetch.next > position else { return }
          position = fetch.next
        } catch {
          position = try next(after: error, position, place, reader)
        }
      }
    } catch {
      damage.append(error)
    }
  }

  /// Where to read on behind a damaged place, or behind what retention has taken meanwhile.
  private mutating func next(
    after error: LogError, _ position: Int64, _ place: TopicPartition, _ reader: any LogReader
  ) throws(LogError) -> Int64 {
    if error.code == .damaged, let offsets = error.offsets, offsets.upperBound > position {
      damage.append(error)
      return offsets.upperBound
    }
    let start = try reader.bounds(of: place).lowerBound
    guard error.code == .offsetOutOfRange, start > position else { throw error }
    return start
  }
}
