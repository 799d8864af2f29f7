import Bytes
import Engine
import Events
import Log

/// Puts rows that were labelled before Leeway came into `examples`, unscored, and asks for the first version.
struct DemoHistory {
  let table: DemoTable
  let model: String
  let configuration: EngineConfiguration

  /// - Parameter rows: the oldest of the table.
  func write(_ rows: Range<Int>, to log: any Log) throws {
    let names = configuration.names
    let producer = try log.makeProducer(id: "demo-history")
    defer { producer.close() }
    var records = Array(repeating: [Record](), count: configuration.inputPartitions)
    for index in rows {
      let row = table.rows[index]
      let id = Array(DemoServing.id(of: index).utf8)
      let partition = Murmur2.partition(of: id, among: records.count)
      let example = Example(
        seq: Int64(records[partition].count), id: DemoServing.id(of: index), model: model, version: nil,
        time: row.time, labelTime: row.labelTime ?? row.time, features: row.features, score: nil, label: row.label)
      records[partition].append(
        Record(timestamp: row.time, key: id[...], value: ExampleRecord.example(example).encoded()[...]))
    }
    let end = table.rows[rows.upperBound].time
    let ranges = records.indices.map { PartitionRows(partition: $0, first: 0, end: Int64(records[$0].count)) }
    for partition in records.indices {
      let resolved = ExampleRecord.resolved(Resolved(upTo: end, nextSeq: Int64(records[partition].count)))
      records[partition].append(Record(timestamp: end, value: resolved.encoded()[...]))
    }
    try producer.append(
      records.enumerated().map { AppendBatch(TopicPartition(names[.examples], $0.offset), $0.element) })
    let trigger = Trigger(
      id: "\(model)/manual-first/1", model: model, time: end, rule: "manual", cause: "manual-first", attempt: 1,
      reason: "the first \(rows.count) rows train version 1", rows: RowSet(before: end, partitions: ranges))
    let place = TopicPartition(
      names[.triggers], Murmur2.partition(of: model.utf8, among: configuration.modelPartitions))
    try producer.append([
      AppendBatch(place, [Record(timestamp: end, key: Array(model.utf8)[...], value: trigger.encoded()[...])])
    ])
  }
}
