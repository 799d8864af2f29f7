import Bytes
import Events

extension Join {
  private static let mostNumbered: Int64 = 1 << 60

  /// Entries in order of entry, so that the same state gives the same bytes.
  func encode(into writer: inout ByteWriter, _ models: ModelNames) {
    writer.append(signed: nextOrder)
    writer.append(signed: nextSeq)
    let open = (0..<entries.count).filter { if case .gone = entries[$0].state { false } else { true } }
    writer.append(open.sorted { entries[$0].order < entries[$1].order }) { writer, place in
      let entry = entries[place]
      writer.append(models[entry.key.model])
      writer.append(ids[entry.id])
      writer.append(signed: entry.order)
      writer.append(signed: entry.deadline)
      switch entry.state {
      case .settled, .gone: writer.append(UInt8(0))
      case .waiting(let time, let version, let kept):
        writer.append(UInt8(1))
        writer.append(
          kept.event {
            Prediction(
              id: String(decoding: ids[entry.id], as: UTF8.self), model: models[entry.key.model],
              version: version > 0 ? version : nil, time: time, features: [])
          })
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
      guard id.count <= Limits.idBytes else { throw reader.failure("an id of \(id.count) bytes") }
      let key = Key(model: model, id: id[...])
      let order = try reader.signed()
      let deadline = try reader.signed()
      let state = try State(from: &reader)
      let place = find(key, id[...])
      enter(
        Entry(
          key: key, id: place.map { entries[$0].id } ?? add(id), state: state, deadline: deadline, order: order),
        at: place)
    }
  }
}

extension Join.State {
  fileprivate init(from reader: inout ByteReader) throws(ByteError) {
    switch try reader.byte() {
    case 0: self = .settled
    case 1:
      let event = Array(try reader.slice())
      let version = try reader.index()
      self = .waiting(time: try reader.signed(), version: version, .event(event))
    case 2: self = .early(time: try reader.signed(), value: try LabelValue(from: &reader))
    default: throw reader.failure("an unknown state of an id")
    }
  }
}

extension Join.Kept {
  /// The event, or one that tells as much as is left of it.
  ///
  /// - Parameter rest: all of that but the score.
  fileprivate func event(_ rest: () -> Prediction) -> [UInt8] {
    if case .event(let bytes) = self { return bytes }
    var prediction = rest()
    prediction.score = score
    return prediction.encoded()
  }

  /// Nil for an event, which has to be read for its score.
  var score: Score? {
    switch self {
    case .event: nil
    case .number(let number): .number(number)
    case .score(let score): score
    }
  }
}
