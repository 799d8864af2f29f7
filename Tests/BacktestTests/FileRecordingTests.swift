import Backtest
import Bytes
import Events
import Log
import Recording
import TestSupport
import Testing

@Suite struct FileRecordingTests {
  @Test("A stretch of time is one of events: versions that were made before it are there, as with a log")
  func stretch() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("r.lwr")
    let topics: [Topic] = [.labels, .models, .predictions, .runs]
    let writer = try RecordingWriter(
      path: path, topics: RecordedTopics(topics.map { RecordedTopic(name: $0.rawValue, partitions: 1) }))
    for time in 0..<10 {
      for place in topics.indices {
        try writer.append(
          StoredRecord(offset: Int64(time), record: Record(timestamp: Int64(time), value: [UInt8(time)])), place: place)
      }
    }
    try writer.finish()
    let recording = try FileRecording(path, times: 6...8)
    var times: [Topic: [Int64]] = [:]
    try recording.read(Set(topics)) { run in times[run.topic, default: []] += run.records.map(\.record.timestamp) }
    #expect(times[.predictions] == [6, 7, 8] && times[.labels] == [6, 7, 8])
    #expect(times[.models] == Array(0..<10) && times[.runs] == Array(0..<10))
    let later = try FileRecording(path, times: 20...30)
    #expect(later.count(of: .predictions) == 0 && later.count(of: .models) == 10)
  }

  /// A file with these timestamps in one partition of predictions, and some of labels around them.
  private func file(_ times: [Int64], labels: [Int64], at path: String) throws {
    let topics: [Topic] = [.labels, .predictions]
    let writer = try RecordingWriter(
      path: path, topics: RecordedTopics(topics.map { RecordedTopic(name: $0.rawValue, partitions: 1) }))
    for (place, times) in [labels, times].enumerated() {
      for (offset, time) in times.enumerated() {
        try writer.append(
          StoredRecord(offset: Int64(offset), record: Record(timestamp: time, value: nil)), place: place)
      }
    }
    try writer.finish()
  }

  @Test("A stretch goes from the first record of its time to the first one behind it, and is counted exactly")
  func counted() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("r.lwr")
    let times: [Int64] = [1, 2, 6, 3, 7, 9, 8, 20]
    try file(times, labels: [0, 30], at: path)
    for first in Int64(0)...21 {
      for last in first...22 {
        let recording = try FileRecording(path, times: first...last)
        let start = times.firstIndex { $0 >= first } ?? times.count
        let end = times.firstIndex { $0 > last } ?? times.count
        var read: [Int64] = []
        try recording.read([.predictions]) { read += $0.records.map(\.offset) }
        #expect(read == (start..<end).map(Int64.init), "\(first)...\(last)")
        #expect(recording.count(of: .predictions) == end - start, "\(first)...\(last)")
        #expect(recording.count(of: .labels) == (first == 0 ? 1 : 0), "\(first)...\(last)")
      }
    }
    #expect(try FileRecording(path).count(of: .predictions) == times.count)
  }

  @Test("A file that is replaced between two readings is an error; the same one once more is none")
  func replaced() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("r.lwr")
    try file([1, 2, 3], labels: [4], at: path)
    let recording = try FileRecording(path)
    try file([1, 2, 3], labels: [4], at: path)
    try recording.read([.predictions]) { _ in }
    for other in [[1, 2], [1, 2, 4]] as [[Int64]] {
      try file(other, labels: [4], at: path)
      let error = #expect(throws: BacktestError.self) { try recording.read([.predictions]) { _ in } }
      #expect(error?.description.contains("has changed while it was read") == true)
    }
  }

  @Test("A label that came with its prediction finds it, wherever its topic stands among equal times")
  func sameTime() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("r.lwr")
    let topics = [Topic.labels, .predictions].map { RecordedTopic(name: $0.rawValue, partitions: 1) }
    let writer = try RecordingWriter(path: path, topics: RecordedTopics(topics))
    for row in 0..<40 {
      let time = Int64(row / 4) * 1_000
      let label = Label(prediction: "r\(row)", model: Stream.model, time: time, value: .number(1))
      let prediction = Prediction(id: "r\(row)", model: Stream.model, time: time, features: [])
      for (place, value) in [label.encoded(), prediction.encoded()].enumerated() {
        try writer.append(
          StoredRecord(offset: Int64(row), record: Record(timestamp: time, value: value[...])), place: place)
      }
    }
    try writer.finish()
    var waiting: Set<String> = []
    var found: [String] = []
    try RecordedEvents(FileRecording(path), model: Stream.model).read { event in
      switch event.event {
      case .prediction(let prediction): waiting.insert(prediction.id)
      case .label(let label): if waiting.remove(label.prediction) != nil { found.append(label.prediction) }
      case .unreadable(let reason): Issue.record("\(reason)")
      }
    }
    #expect(found == (0..<40).map { "r\($0)" })
  }

  @Test("A few records of many are what they are among all, key, headers and value")
  func sparse() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("r.lwr")
    let topics: [Topic] = [.predictions, .summaries]
    let writer = try RecordingWriter(
      path: path, topics: RecordedTopics(topics.map { RecordedTopic(name: $0.rawValue, partitions: 1) }))
    for time in 0..<2_000 {
      let key: ByteSlice? = time % 3 == 0 ? nil : Array("k\(time)".utf8)[...]
      let value: ByteSlice? = time % 900 == 0 ? nil : Array("value \(time)".utf8)[...]
      let record = Record(timestamp: Int64(time), key: key, value: value, headers: [Header("h", "\(time)")])
      try writer.append(StoredRecord(offset: Int64(time), record: record), place: time % 300 == 0 ? 1 : 0)
    }
    try writer.finish()
    let recording = try FileRecording(path)
    func summaries(reading wanted: Set<Topic>) throws -> [StoredRecord] {
      var records: [StoredRecord] = []
      try recording.read(wanted) { if $0.topic == .summaries { records += $0.records } }
      return records
    }
    let alone = try summaries(reading: [.summaries])
    let among = try summaries(reading: Set(topics))
    #expect(alone.count == 7 && alone == among)
  }
}
