import Bytes
import Events

extension Join {
  /// Entries in order of entry, so that the same state gives the same bytes.
  func encode(into writer: inout ByteWriter, _ models: ModelNames) {
    writer.append(signed: nextOrder)
    writer.append(signed: nextSeq)
    writer.append(entries.compactMap { $0 }.sorted { $0.order < $1.order }) { writer, entry in
      writer.append(models[entry.key.model])
      writer.append(entry.key.id)
      writer.append(signed: entry.order)
      writer.append(signed: entry.deadline)
      switch entry.state {
      case .settled: writer.append(UInt8(0))
      case .waiting(let prediction):
        writer.append(UInt8(1))
        writer.append(prediction.value)
        writer.append(count: prediction.version)
        writer.append(signed: prediction.time)
      case .early(let time, let value):
        writer.append(UInt8(2))
        writer.append(signed: time)
        value.encode(into: &writer)
      }
    }
  }

  mutating func restore(from reader: inout ByteReader, _ models: inout ModelNames) throws(ByteError) {
    clear()
    nextOrder = try reader.signed()
    nextSeq = try reader.signed()
    for _ in 0..<(try reader.count()) {
      let key = Key(model: models.number(of: try reader.string()), id: try reader.string())
      let order = try reader.signed()
      let deadline = try reader.signed()
      enter(Entry(key: key, state: try State(from: &reader), deadline: deadline, order: order), at: find(key))
    }
  }
}

extension Join.State {
  fileprivate init(from reader: inout ByteReader) throws(ByteError) {
    switch try reader.byte() {
    case 0: self = .settled
    case 1:
      self = .waiting(
        Join.Waiting(
          value: Array(try reader.slice()), version: try reader.index(), time: try reader.signed()))
    case 2: self = .early(time: try reader.signed(), value: try LabelValue(from: &reader))
    default: throw reader.failure("an unknown state of an id")
    }
  }
}
