public import Bytes
import Events
public import Models

extension ChallengerTrial {
  private static let format: UInt8 = 2

  public func encode(into writer: inout ByteWriter) {
    writer.append(Self.format)
    writer.append(measure.rawValue)
    writer.append(losses.cap)
    writer.append(knownDependence) { $0.append($1) }
    writer.append(isShadow)
    for count in [shadowRows, unscoredByChallenger, unscoredByChampion, passedOver, unfollowedRows] {
      writer.append(count: count)
    }
    losses.encodeMemory(into: &writer)
    for mean in [champion, challenger, difference] { mean.encode(into: &writer) }
    promotion.encode(into: &writer)
    rejection.encode(into: &writer)
    writer.append(segments.sorted { $0.key < $1.key }) { writer, entry in
      writer.append(entry.key.name)
      writer.append(entry.key.value)
      entry.value.encode(into: &writer)
    }
    writer.append(fairness) { $1.encode(into: &$0) }
    writer.append(calibration) { $1.encode(into: &$0) }
  }

  /// The state that `encode` wrote, under a configuration and for a task that come from elsewhere.
  ///
  /// - Throws: `ByteError` for another format, another configuration's comparison, or figures that no rows give.
  public init(_ configuration: GateConfiguration, task: Task, from reader: inout ByteReader) throws(ByteError) {
    let format = try reader.byte()
    guard format == Self.format else {
      throw reader.failure("a comparison of format \(format), where \(Self.format) is known")
    }
    let name = try reader.string()
    let cap = try reader.double()
    let known = try reader.optional { reader throws(ByteError) in try reader.double() }
    guard cap.isFinite, cap > 0, known.map({ (1...LossHistory.largest).contains($0) }) ?? true else {
      throw reader.failure("a comparison that no rows give")
    }
    self.init(configuration, task: task, cap: cap, knownDependence: known)
    guard name == measure.rawValue else {
      throw reader.failure("a comparison by \(name.prefix(40)), where \(measure.rawValue) is asked for")
    }
    isShadow = try reader.bool()
    shadowRows = try reader.index(upTo: GateLimits.rows)
    unscoredByChallenger = try reader.index(upTo: GateLimits.rows)
    unscoredByChampion = try reader.index(upTo: GateLimits.rows)
    passedOver = try reader.index(upTo: GateLimits.rows)
    unfollowedRows = try reader.index(upTo: GateLimits.rows)
    try restore(from: &reader)
    try restoreSegments(from: &reader)
    try restoreParts(from: &reader)
  }

  private mutating func restore(from reader: inout ByteReader) throws(ByteError) {
    try losses.restoreMemory(from: &reader)
    champion = try RunningMean(from: &reader)
    challenger = try RunningMean(from: &reader)
    difference = try RunningMean(from: &reader)
    promotion = try StaggeredTest(alpha: configuration.alpha, from: &reader)
    rejection = try PairedTest(from: &reader)
    guard [challenger.count, difference.count, promotion.rows, rejection.rows].allSatisfy({ $0 == rows }),
      shadowRows <= rows, isShadow || shadowRows == 0, promotion.priorDependence == knownDependence ?? 1,
      rejection.priorDependence == promotion.priorDependence, champion.mean >= 0, challenger.mean >= 0
    else { throw reader.failure("a comparison that no rows give") }
  }

  private mutating func restoreSegments(from reader: inout ByteReader) throws(ByteError) {
    let protected = Set(configuration.protected)
    var last: Segment?
    for _ in 0..<(try reader.count()) {
      let segment = Segment(name: try reader.string(), value: try reader.string())
      guard last.map({ $0 < segment }) ?? true else { throw reader.failure("segments out of order") }
      last = segment
      segments[segment] = try SegmentTrial(isProtected: protected.contains(segment), from: &reader)
    }
    guard segments.count <= max(GateLimits.segments, protected.count),
      segments.values.allSatisfy({ $0.champion.count <= rows })
    else { throw reader.failure("segments that no rows give") }
  }

  private mutating func restoreParts(from reader: inout ByteReader) throws(ByteError) {
    guard try reader.count() == fairness.count else {
      throw reader.failure("a comparison under other rules of fairness")
    }
    for rule in fairness.indices { fairness[rule] = try FairnessTrial(fairness[rule].rule, from: &reader) }
    guard try reader.count() == calibration.count else { throw reader.failure("a comparison of another task") }
    for model in calibration.indices {
      calibration[model] = try CalibrationTrial(from: &reader)
      guard calibration[model].rows <= rows else { throw reader.failure("a calibration that no rows give") }
    }
  }
}

/// By name, then value, in order of their bytes.
func < (left: Segment, right: Segment) -> Bool {
  left.name != right.name
    ? left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
    : left.value.utf8.lexicographicallyPrecedes(right.value.utf8)
}
