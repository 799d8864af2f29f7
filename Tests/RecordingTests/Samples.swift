import Log
import TestSupport
import Testing

@testable import Recording

/// Records to put into recordings.
enum Samples {
  static let topics = [
    RecordedTopic(name: "predictions", partitions: 2),
    RecordedTopic(name: "labels", partitions: 2),
  ]

  /// Everything that tells one record from another, in few records.
  static let few: [(place: Int, stored: StoredRecord)] = [
    (2, StoredRecord(offset: 0, record: Record(timestamp: 1_762_345_678_901, key: bytes("p-1"), value: bytes("{}")))),
    (2, StoredRecord(offset: 1, record: Record(timestamp: 1_762_345_678_900, key: nil, value: bytes("")))),
    (
      0,
      StoredRecord(
        offset: 41,
        record: Record(
          timestamp: 0, key: bytes(""), value: nil,
          headers: [Header("ce_id", "1"), Header("", "x"), Header("ce_id", ""), Header("ü", "ü")]))
    ),
    (3, StoredRecord(offset: 7, record: Record(timestamp: .min, key: bytes("k"), value: bytes("v")))),
    (
      3,
      StoredRecord(offset: 9, record: Record(timestamp: .max, key: bytes("k"), value: nil, headers: [Header("a", "")]))
    ),
    (0, StoredRecord(offset: 42, record: Record(timestamp: -1, value: bytes("\u{0}")))),
  ]

  static func bytes(_ text: String) -> ArraySlice<UInt8> { Array(text.utf8)[...] }

  /// Many records, of several frames.
  static func many(_ count: Int, seed: UInt64, gaps: Bool = true) -> [(place: Int, stored: StoredRecord)] {
    var random = SplitMix64(seed: seed)
    var next: [Int64] = [0, 5, 0, 1 << 40]
    var time: Int64 = 1_762_345_678_901
    return (0..<count).map { index in
      let place = random.below(4)
      if gaps, random.below(9) == 0 { next[place] += Int64(1 + random.below(300)) }
      time += Int64(random.below(20)) - 3
      let size = random.below(50) == 0 ? random.below(5_000) : random.below(120)
      let text = "{\"id\":\"p-\(index)\",\"noise\":\(random.next() >> UInt64(random.below(60)))}"
      let headers = (0..<(random.below(6) == 0 ? random.below(4) : 0)).map {
        Header("name-\($0 + random.below(2))", "\(random.below(10))")
      }
      let record = Record(
        timestamp: time, key: random.below(8) == 0 ? nil : bytes("p-\(index)"),
        value: random.below(20) == 0 ? nil : bytes(text + String(repeating: " ", count: size)), headers: headers)
      defer { next[place] += 1 }
      return (place, StoredRecord(offset: next[place], record: record))
    }
  }

  /// The bytes of the file that holds them.
  static func recording(
    _ records: [(place: Int, stored: StoredRecord)], _ topics: [RecordedTopic] = topics
  ) throws -> [UInt8] {
    let folder = try TemporaryFolder()
    let writer = try RecordingWriter(path: folder.path("r.lwr"), topics: RecordedTopics(topics))
    for (place, stored) in records { try writer.append(stored, place: place) }
    try writer.finish()
    let file = try RecordingFile(folder.path("r.lwr"))
    return try file.read(at: 0, Int(file.count))
  }

  static func records(_ reader: RecordingReader) throws -> [(place: Int, stored: StoredRecord)] {
    var found: [(place: Int, stored: StoredRecord)] = []
    while let block = try reader.next() {
      try #require(block.runs.map(\.range.count).reduce(0, +) == block.records.count)
      for run in block.runs { found += block.records[run.range].map { (run.place, $0) } }
    }
    return found
  }
}
