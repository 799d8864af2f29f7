public import Bytes
import Control
import Events

extension TrainStage {
  public func encodeState(into writer: inout ByteWriter) {
    writer.append(models) { writer, model in
      writer.append(model.configuration.name)
      var state = ByteWriter()
      model.registry.encode(into: &state)
      model.queue.encode(into: &state)
      state.append(model.firstFresh.sorted { $0.key < $1.key }) { writer, item in
        writer.append(count: item.key)
        writer.append(signed: item.value)
      }
      writer.append(state.bytes)
    }
  }

  /// Models that the configuration no longer has are forgotten; new ones start empty.
  public mutating func restoreState(from reader: inout ByteReader) throws(ByteError) {
    for _ in 0..<(try reader.count()) {
      let name = try reader.string()
      let bytes = try reader.slice()
      guard let index = models.firstIndex(where: { $0.configuration.name == name }) else { continue }
      var state = ByteReader(bytes)
      models[index].registry = try Registry(from: &state)
      models[index].queue = try RunQueue(from: &state)
      models[index].firstFresh = [:]
      for _ in 0..<(try state.count()) { models[index].firstFresh[try state.index()] = try state.signed() }
    }
  }
}
