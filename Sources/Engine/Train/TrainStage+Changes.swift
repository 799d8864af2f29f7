import Bytes
import Events
public import Log

// Changes of versions' statuses, written as a chain: each names the SHA-256 of the model's record before it.

extension TrainStage {
  /// Writes a change, with who decided it and which record of the model was before.
  mutating func publish(_ change: ModelRecord, _ index: Int, into outputs: inout Outputs) {
    var change = change
    change.who = change.who ?? ModelRecord.engine
    change.previous = models[index].lineage.newestRecord
    let bytes = change.encoded()
    let written = models[index].lineage.written
    let isWritten = written.map { outputs.numbered <= $0.number } ?? false
    models[index].lineage.newestRecord = isWritten ? written?.checksum : artifactChecksum(bytes)
    outputs.emit(encoded: bytes, kind: "model", to: .models, key: change.model, time: change.time)
  }

  /// A replay from the beginning may be by another build or configuration, and then its records are not those of the
  /// topic, byte for byte: the chain goes on behind what stands there.
  public mutating func recall(_ reader: any LogReader, _ configuration: EngineConfiguration) throws {
    for index in models.indices {
      let name = models[index].configuration.name
      let place = TopicPartition(
        configuration.names[.models], Murmur2.partition(of: name.utf8, among: configuration.modelPartitions))
      var newest: WrittenRecord?
      // A champion that was signed anew stands there twice, under its old number.
      models[index].lineage.written = try reader.last(in: place) { record in
        guard let number = Outputs.number(of: record, stage: Self.name, partition: partition),
          number > newest?.number ?? -1, let value = record.value,
          let told = try? ModelRecord.decode(value), told.model == name
        else { return newest }
        newest = WrittenRecord(number: number, checksum: artifactChecksum(Array(value)))
        return newest
      }
    }
  }
}
