public import Bytes
import DequeModule

extension EstimateMonitor {
  private static let format: UInt8 = 1

  public func encode(into writer: inout ByteWriter) {
    writer.append(Self.format)
    writer.append(Array(panes)) { writer, pane in
      writer.append(signed: Int64(pane.version))
      writer.append(signed: pane.start)
      writer.append(signed: pane.end)
      writer.append(count: pane.rows)
      writer.append(pane.expected)
      writer.append(count: pane.judgedRows)
      writer.append(pane.actual)
    }
    writer.append(judgedStart) { $0.append(signed: $1) }
    writer.append(judgedEnd) { $0.append(signed: $1) }
  }

  /// The state that `encode` wrote, under a measure and a window that come from elsewhere.
  /// - Throws: `ByteError` for another format, panes out of order or too many, or figures that no stream gives.
  public init(
    measure: LossMeasure, windowLength: Int64, from reader: inout ByteReader
  ) throws(ByteError) {
    self.init(measure: measure, windowLength: windowLength)
    let format = try reader.byte()
    guard format == Self.format else {
      throw reader.failure("estimates of format \(format), where \(Self.format) is known")
    }
    panes = Deque(try reader.array { reader throws(ByteError) in try Pane(from: &reader) })
    guard panes.count <= Self.mostPanes else { throw reader.failure("estimates of \(panes.count) panes") }
    guard zip(panes, panes.dropFirst()).allSatisfy({ ($0.start, $0.version) < ($1.start, $1.version) }) else {
      throw reader.failure("estimates out of order")
    }
    judgedStart = try reader.optional { reader throws(ByteError) in try reader.signed() }
    judgedEnd = try reader.optional { reader throws(ByteError) in try reader.signed() }
  }
}

extension EstimateMonitor.Pane {
  init(from reader: inout ByteReader) throws(ByteError) {
    version = Int(try reader.signed())
    start = try reader.signed()
    end = try reader.signed()
    rows = try reader.index()
    expected = try reader.double()
    judgedRows = try reader.index()
    actual = try reader.double()
    guard start < end, rows > 0, rows <= PerformanceMonitor.mostRows, judgedRows <= PerformanceMonitor.mostRows,
      expected.isFinite, expected >= 0, actual.isFinite, actual >= 0
    else { throw reader.failure("an estimate that no stream gives") }
  }
}
