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
    let writer = try HistoryWriter(log: log, configuration: configuration, member: "demo")
    defer { writer.close() }
    for index in rows {
      let row = table.rows[index]
      guard let label = row.label else { continue }
      try writer.append(
        Example(
          seq: 0, id: DemoTable.id(of: index), model: model, time: row.time, labelTime: row.labelTime ?? row.time,
          features: row.features, label: label))
    }
    let end = table.rows[rows.upperBound].time
    let labelled = try writer.finish(upTo: end)
    let request = TriggerRequest(
      model: model, name: "first", reason: "the first \(rows.count) rows train version 1", rows: labelled)
    let producer = try log.makeProducer(id: nil)
    defer { producer.close() }
    try producer.append([request.batch(configuration)])
  }
}
