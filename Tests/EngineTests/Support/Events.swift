import Bytes
import Events
import Log

@testable import Engine

// Short spellings of events and records.

func stored(_ offset: Int, _ value: [UInt8]?, at timestamp: Int64) -> StoredRecord {
  StoredRecord(offset: Int64(offset), record: Record(timestamp: timestamp, value: value.map { $0[...] }))
}

/// Records of one partition, offsets from 0, timestamps as events' times.
func stored<Event: EventRecord>(_ events: [Event], time: (Event) -> Milliseconds) -> [StoredRecord] {
  events.enumerated().map { stored($0, $1.encoded(), at: time($1)) }
}

func record(_ event: some EventRecord, at time: Milliseconds, key: String? = nil) -> Record {
  Record(timestamp: time, key: key.map { Array($0.utf8)[...] }, value: event.encoded()[...])
}

func text(_ value: String, at time: Milliseconds, key: String? = nil) -> Record {
  Record(timestamp: time, key: key.map { Array($0.utf8)[...] }, value: Array(value.utf8)[...])
}

extension Prediction {
  /// A row that no model scored.
  static func plain(
    _ id: String, model: String = "m", at time: Milliseconds, entity: String? = nil, features: [Feature] = []
  ) -> Prediction {
    Prediction(id: id, model: model, time: time, entity: entity, features: features)
  }
}

extension Label {
  static func plain(_ id: String, model: String = "m", at time: Milliseconds, _ value: Double = 1) -> Label {
    Label(prediction: id, model: model, time: time, value: .number(value))
  }
}

func key(_ text: String) -> ByteSlice { Array(text.utf8)[...] }

extension Record {
  func header(_ name: String) -> String? {
    headers.first { $0.name == name }.map { String(decoding: $0.value, as: UTF8.self) }
  }
}
