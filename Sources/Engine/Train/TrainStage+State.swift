public import Bytes
import Control
import Events

extension TrainStage {
  public func encodeState(into writer: inout ByteWriter) {
    var states = absent
    for model in models { states[model.configuration.name] = model.encoded()[...] }
    writer.append(states.sorted { $0.key < $1.key }) { writer, state in
      writer.append(state.key)
      writer.append(state.value)
    }
  }

  /// What is known of models that the configuration no longer has is kept; new ones start empty.
  public mutating func restoreState(from reader: inout ByteReader) throws(ByteError) {
    for _ in 0..<(try reader.count()) {
      let name = try reader.string()
      let bytes = try reader.slice()
      if let index = models.firstIndex(where: { $0.configuration.name == name }) {
        var state = ByteReader(bytes)
        try models[index].restore(from: &state)
      } else {
        absent[name] = bytes
      }
    }
  }
}

extension TrainStage.ModelState {
  fileprivate func encoded() -> [UInt8] {
    var writer = ByteWriter()
    registry.encode(into: &writer)
    queue.encode(into: &writer)
    for version in [learner, fallback] { writer.append(version) { $0.append(count: $1) } }
    writer.append(contest) { $0.append($1) }
    writer.append(skipped) { $0.append(signed: $1) }
    writer.append(firstFresh.sorted { $0.key < $1.key }) { writer, item in
      writer.append(count: item.key)
      writer.append(signed: item.value)
    }
    lineage.encode(into: &writer)
    return writer.bytes
  }

  fileprivate mutating func restore(from reader: inout ByteReader) throws(ByteError) {
    registry = try Registry(from: &reader)
    queue = try RunQueue(from: &reader)
    learner = try reader.optional { reader throws(ByteError) in try reader.index() }
    fallback = try reader.optional { reader throws(ByteError) in try reader.index() }
    contest = try reader.optional { reader throws(ByteError) in try reader.string() }
    skipped = try reader.optional { reader throws(ByteError) in try reader.signed() }
    firstFresh = [:]
    for _ in 0..<(try reader.count()) { firstFresh[try reader.index()] = try reader.signed() }
    lineage = try Lineage(from: &reader)
  }
}
