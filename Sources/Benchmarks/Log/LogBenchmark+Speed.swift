import Bytes
import EventLog
import Foundation
import GRDB
import Log

/// One producer, then one reader, against the same work on a table with a row per record.
struct LogSpeed {
  let folder: URL
  let seconds: Double
  private let partition = TopicPartition("events", 0)

  init(folder: URL, seconds: Double) {
    self.folder = folder
    self.seconds = seconds
  }

  func run(into table: inout Table) throws {
    let log = try EmbeddedLog(path: folder.appending(path: "speed.db").path)
    try log.create(TopicSpec(name: partition.topic, partitions: 1))
    let peer = try RowPerRecord(path: folder.appending(path: "rows.db").path)
    let appends = try measure { try append(to: log) }
    let peerAppends = try measure { try peer.append(seconds: seconds) }
    table.add(Self.row("log appends, transactions of 100", appends, target: 400_000, peer: peerAppends))
    let reads = try best(of: 3) { try read(log) }
    let peerReads = try best(of: 3) { try peer.read() }
    table.add(Self.row("log reads", reads, target: 3_000_000, peer: peerReads))
  }

  private static func row(_ name: String, _ perSecond: Double, target: Double, peer: Double) -> Row {
    Row(
      figure: Figure(name, .perSecond("records"), targets: [.value(target)]), ours: perSecond,
      peer: .measured(name: "row per record", version: "(GRDB)", value: peer))
  }

  private func append(to log: EmbeddedLog) throws -> Int {
    let producer = try log.makeProducer(id: "benchmark")
    defer { producer.close() }
    let records = BenchmarkRecords()
    let end = ContinuousClock.now + .seconds(seconds)
    var count = 0
    while ContinuousClock.now < end {
      try producer.append([AppendBatch(partition, records.batch(at: Int64(count)))])
      count += BenchmarkRecords.batch
    }
    return count
  }

  private func read(_ log: EmbeddedLog) throws -> Int {
    let reader = try log.makeReader()
    defer { reader.close() }
    var (position, count, bytes): (Int64, Int, Int) = (0, 0, 0)
    while true {
      let fetch = try reader.read(partition, from: position, limit: ReadLimit())
      if fetch.records.isEmpty { break }
      for stored in fetch.records { bytes += stored.record.value?.count ?? 0 }
      count += fetch.records.count
      position = fetch.next
    }
    precondition(bytes > count * 200)
    return count
  }

  private func best(of rounds: Int, _ body: () throws -> Int) rethrows -> Double {
    var best = 0.0
    for _ in 0..<rounds { best = max(best, try measure(body)) }
    return best
  }
}

/// The peer: what one writes first with SQLite and GRDB.
struct RowPerRecord {
  private let queue: DatabaseQueue

  init(path: String) throws {
    var configuration = Configuration()
    configuration.journalMode = .wal
    queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.write { db in
      try db.execute(
        sql: """
          CREATE TABLE record(
            tp INTEGER NOT NULL, off INTEGER NOT NULL, ts INTEGER NOT NULL, key BLOB, headers BLOB, value BLOB,
            PRIMARY KEY(tp, off)) WITHOUT ROWID
          """)
    }
  }

  func append(seconds: Double) throws -> Int {
    let records = BenchmarkRecords()
    let end = ContinuousClock.now + .seconds(seconds)
    var count = 0
    while ContinuousClock.now < end {
      let batch = records.batch(at: Int64(count))
      try queue.write { db in
        let insert = try db.cachedStatement(sql: "INSERT INTO record VALUES(0, ?, ?, ?, ?, ?)")
        for (index, record) in batch.enumerated() {
          try insert.execute(arguments: [
            count + index, record.timestamp, record.key.map { Data($0) }, Data(record.headers[0].value),
            record.value.map { Data($0) },
          ])
        }
      }
      count += batch.count
    }
    return count
  }

  func read() throws -> Int {
    var (count, bytes) = (0, 0)
    while true {
      let records = try queue.read { db in
        let sql = "SELECT off, ts, key, headers, value FROM record WHERE tp = 0 AND off >= ? ORDER BY off LIMIT 10000"
        let rows = try GRDB.Row.fetchCursor(db, sql: sql, arguments: [count])
        var records: [StoredRecord] = []
        while let row = try rows.next() {
          let (key, header, value): (Data?, Data, Data?) = (row[2], row[3], row[4])
          let record = Record(
            timestamp: row[1], key: key.map { Array($0)[...] }, value: value.map { Array($0)[...] },
            headers: [Header("ce_id", Array(header)[...])])
          records.append(StoredRecord(offset: row[0], record: record))
        }
        return records
      }
      if records.isEmpty { break }
      for stored in records { bytes += stored.record.value?.count ?? 0 }
      count += records.count
    }
    precondition(bytes > count * 200)
    return count
  }
}
