import Bytes
import Control
import Events
public import Log

// A topic that is deleted and created again begins at offset 0 without what the stages' states rest on. One whose retention
// has taken its first records begins further on.

extension JoinStage {
  /// The examples that it has numbered.
  public func lostHistory(
    _ reader: any LogReader, _ configuration: EngineConfiguration
  ) throws -> TopicPartition? {
    let place = TopicPartition(configuration.names[.examples], partition)
    guard join.nextSeq > 0, try reader.bounds(of: place).lowerBound == 0 else { return nil }
    let examples = ExampleReader(reader: reader, names: configuration.names)
    return try examples.firstFreeNumber(in: partition) < join.nextSeq ? place : nil
  }
}

extension TrainStage {
  /// The versions that it has judged.
  public func lostHistory(
    _ reader: any LogReader, _ configuration: EngineConfiguration
  ) throws -> TopicPartition? {
    for model in models where !model.registry.versions.isEmpty {
      let name = model.configuration.name
      let number = Murmur2.partition(of: name.utf8, among: configuration.modelPartitions)
      let place = TopicPartition(configuration.names[.models], number)
      guard try reader.bounds(of: place).lowerBound == 0 else { continue }
      let known = try reader.last(in: place) { record -> Bool? in
        guard let value = record.value, let told = try? ModelRecord.decode(value), told.model == name else {
          return nil
        }
        return model.registry.version(told.version) != nil ? true : nil
      }
      if known == nil { return place }
    }
    return nil
  }
}
