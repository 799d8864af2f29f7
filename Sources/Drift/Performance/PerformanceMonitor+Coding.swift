public import Bytes
import Sketches

extension PerformanceMonitor {
  private static let format: UInt8 = 2

  public func encode(into writer: inout ByteWriter) {
    writer.append(Self.format)
    writer.append(panes) { $1.encode(into: &$0) }
    writer.append(versions.sorted { $0.key < $1.key }) { writer, entry in
      writer.append(signed: Int64(entry.key))
      entry.value.validation.encode(into: &writer)
      entry.value.served.encode(into: &writer)
    }
    for detector in detectors { detector.encode(into: &writer) }
    writer.append(forgotten) { $0.append(signed: $1) }
    writer.append(began) { $0.append(signed: $1) }
    writer.append(count: rows)
    writer.append(carried) { $0.append($1) }
  }

  /// The state that `encode` wrote, under a measure and a configuration that come from elsewhere.
  /// - Throws: `ByteError` for another format, too many panes, panes out of order, or figures that no stream gives.
  public init(
    measure: LossMeasure, configuration: PerformanceConfiguration, from reader: inout ByteReader
  ) throws(ByteError) {
    self.init(measure: measure, configuration: configuration)
    let format = try reader.byte()
    guard format == Self.format else {
      throw reader.failure("a performance monitor of format \(format), where \(Self.format) is known")
    }
    panes = try reader.array { reader throws(ByteError) in try JudgedPane(from: &reader) }
    guard panes.count <= SketchLimits.panes else { throw reader.failure("a monitor of \(panes.count) panes") }
    guard zip(panes, panes.dropFirst()).allSatisfy({ $0.start <= $1.start }) else {
      throw reader.failure("judged panes out of order")
    }
    for _ in 0..<(try reader.count(ofAtLeast: 3)) {
      let version = Int(try reader.signed())
      var risk = VersionRisk(validation: try Moments(from: &reader))
      risk.served = try Moments(from: &reader)
      guard risk.validation.count > 0 else { throw reader.failure("a version without validation rows") }
      guard versions.updateValue(risk, forKey: version) == nil else {
        throw reader.failure("a version validated twice")
      }
    }
    for index in detectors.indices { detectors[index] = try RiseDetector(from: &reader) }
    forgotten = try reader.optional { reader throws(ByteError) in try reader.signed() }
    began = try reader.optional { reader throws(ByteError) in try reader.signed() }
    rows = try reader.index()
    guard rows <= Self.mostRows else { throw reader.failure("a monitor of \(rows) rows") }
    carried = try reader.optional { reader throws(ByteError) in try reader.double() }
    guard carried.map({ (1...LossDependence.largest).contains($0) }) ?? true else {
      throw reader.failure("a dependence that no rows have")
    }
  }
}
