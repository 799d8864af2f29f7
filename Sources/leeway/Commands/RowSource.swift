import Bytes
import Events
import Foundation
import LeewayClient

/// Rows that are read from outside, bad ones reported and left out.
protocol RowSource<Row> {
  associatedtype Row
  /// How many lines or rows were left out.
  var badLines: Int { get }
  mutating func next() throws(CommandError) -> Row?
  /// Counts the row that came last among the bad ones.
  mutating func reject(_ reason: String)
}

/// Why a line or a row of a table is left out.
struct RowProblem: Error {
  let reason: String
}

/// Reports bad lines on standard error: the first in words, all by number.
struct BadLines {
  private static let shown = 20
  let file: String
  private(set) var count = 0

  init(file: String) {
    self.file = file
  }

  mutating func add(line: Int, _ reason: String) {
    count += 1
    if count <= Self.shown { Terminal.complain("\(file):\(line): \(reason)") }
    if count == Self.shown { Terminal.complain("\(file): further bad lines are counted only") }
  }
}

/// One JSON object per line; blank lines are skipped.
struct LineRows<Row>: RowSource {
  private let decode: (ByteSlice) throws(RowProblem) -> Row
  private var lines: LineReader
  private var bad: BadLines

  init(_ source: any ByteSource, decode: @escaping (ByteSlice) throws(RowProblem) -> Row) {
    self.decode = decode
    lines = LineReader(source)
    bad = BadLines(file: source.name)
  }

  var badLines: Int { bad.count }

  mutating func reject(_ reason: String) {
    bad.add(line: lines.number, reason)
  }

  mutating func next() throws(CommandError) -> Row? {
    while let line = try lines.next() {
      switch line {
      case .tooLong: reject("a line of more than \(LineReader.maximumLineBytes) bytes")
      case .text(let bytes) where bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 }): continue
      case .text(let bytes):
        do throws(RowProblem) {
          return try decode(bytes)
        } catch {
          reject(error.reason)
        }
      }
    }
    return nil
  }
}

/// The rows of a CSV file.
struct TableRows<Row>: RowSource {
  private let make: (CSVRow) throws(RowProblem) -> Row
  private var reader: CSVReader
  private var row = CSVRow()
  private var bad: BadLines
  /// Of the reader's bad rows, how many have been reported.
  private var reported = 0

  init(_ reader: CSVReader, make: @escaping (CSVRow) throws(RowProblem) -> Row) {
    self.reader = reader
    self.make = make
    bad = BadLines(file: reader.name)
  }

  var badLines: Int { bad.count }

  mutating func reject(_ reason: String) {
    bad.add(line: row.line, reason)
  }

  mutating func next() throws(CommandError) -> Row? {
    while true {
      let isRow = try reader.next(&row)
      reportUnread()
      guard isRow else { return nil }
      do throws(RowProblem) {
        return try make(row)
      } catch {
        reject(error.reason)
      }
    }
  }

  private mutating func reportUnread() {
    while reported < reader.badRowCount {
      let known = reported < reader.badRows.count ? reader.badRows[reported] : nil
      bad.add(line: known?.line ?? row.line, known?.reason ?? "a row that cannot be read")
      reported += 1
    }
  }
}

extension ServedTopic {
  /// The event that a line of JSON holds.
  func event(_ bytes: ByteSlice) throws(RowProblem) -> ServingEvent {
    let event: ServingEvent
    do throws(EventError) {
      event =
        switch self {
        case .predictions: .prediction(try Prediction.decode(bytes))
        case .labels: .label(try Label.decode(bytes))
        case .features: .features(try FeatureUpdate.decode(bytes))
        }
    } catch {
      throw RowProblem(reason: error.description)
    }
    try RowProblem.check(event.time, of: "time")
    return event
  }
}
