import Bytes
import HeapModule
import Events

extension Join {
  /// Entries in order of entry, so that the same state gives the same bytes.
  func encode(into writer: inout ByteWriter) {
    writer.append(signed: nextOrder)
    writer.append(signed: nextSeq)
    writer.append(entries.sorted { $0.value.order < $1.value.order }) { writer, item in
      writer.append(item.key.model)
      writer.append(item.key.id)
      writer.append(signed: item.value.order)
      writer.append(signed: item.value.deadline)
      switch item.value.state {
      case .settled: writer.append(UInt8(0))
      case .waiting(let prediction):
        writer.append(UInt8(1))
        prediction.encode(into: &writer)
      case .early(let time, let value):
        writer.append(UInt8(2))
        writer.append(signed: time)
        value.encode(into: &writer)
      }
    }
  }

  mutating func restore(from reader: inout ByteReader) throws(ByteError) {
    nextOrder = try reader.signed()
    nextSeq = try reader.signed()
    entries = [:]
    deadlines = Heap()
    waiting = Heap()
    for _ in 0..<(try reader.count()) {
      let key = Key(model: try reader.string(), id: try reader.string())
      let order = try reader.signed()
      let deadline = try reader.signed()
      let state = try State(from: &reader)
      entries[key] = Entry(state: state, deadline: deadline, order: order)
      deadlines.insert(Timer(time: deadline, order: order, key: key))
      if case .waiting(let prediction) = state {
        waiting.insert(Timer(time: prediction.time, order: order, key: key))
      }
    }
  }
}

extension Join.State {
  fileprivate init(from reader: inout ByteReader) throws(ByteError) {
    switch try reader.byte() {
    case 0: self = .settled
    case 1: self = .waiting(try Prediction(from: &reader))
    case 2: self = .early(time: try reader.signed(), value: try LabelValue(from: &reader))
    default: throw reader.failure("an unknown state of an id")
    }
  }
}
