import Backtest
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
  }
}
