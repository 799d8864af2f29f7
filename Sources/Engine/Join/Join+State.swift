import Bytes
import Events

extension Join {
  private static let mostNumbered: Int64 = 1 << 60

  /// Entries in order of entry, so that the same state gives the same bytes.
  func encode(into writer: inout ByteWriter, _ models: ModelNames) {
    writer.append(signed: nextOrder)
    writer.append(signed: nextSeq)
    let open = entries.indices.filter { if case .gone = entries[$0].state { false } else { true } }
    writer.append(open.sorted { entries[$0].order < entries[$1].order }) { writer, place in
      let entry = entries[place]
      writer.append(models[entry.key.model])
      writer.append(entry.id)
      writer.append(signed: entry.order)
      writer.append(signed: entry.deadline)
      switch entry.state {
      case .settled, .gone: writer.append(UInt8(0))
      case .waiting(let time, let version, _):
        writer.append(UInt8(1))
        writer.append(entry.event)
        writer.append(count: version)
        writer.append(signed: time)
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
    guard [nextOrder, nextSeq].allSatisfy((0...Self.mostNumbered).contains) else {
      throw reader.failure("numbers that no stream reaches")
    }
    for _ in 0..<(try reader.count()) {
      let model = models.number(of: try reader.string())
      let id = Array(try reader.string().utf8)
      let key = Key(model: model, id: id[...])
      let order = try reader.signed()
      let deadline = try reader.signed()
      let (state, event) = try Self.state(from: &reader)
      enter(
        Entry(key: key, bytes: Array(event) + id, state: state, deadline: deadline, order: order),
        at: find(key, id[...]))
    }
  }

  /// A state and, of a prediction that waits, its event.
  private static func state(from reader: inout ByteReader) throws(ByteError) -> (State, ByteSlice) {
    switch try reader.byte() {
    case 0: return (.settled, [])
    case 1:
      let event = try reader.slice()
      let version = try reader.index()
      return (.waiting(time: try reader.signed(), version: version, size: event.count), event)
    case 2: return (.early(time: try reader.signed(), value: try LabelValue(from: &reader)), [])
    default: throw reader.failure("an unknown state of an id")
    }
  }
}
