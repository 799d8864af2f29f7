import Control
import Models

extension GateSection {
  enum Key: String, ConfigurationKey {
    case measure, tolerance, gain, alpha, rows, provisional, segments, fairness, calibration, golden
    case shadowRows = "shadow_rows"
    case rollbackAlpha = "rollback_alpha"
    case artifactBytes = "artifact_bytes"
    case scoringTime = "scoring_time"
  }

  enum SegmentKey: String, ConfigurationKey {
    case tolerance, rows, protected
    case protectedRows = "protected_rows"
  }

  mutating func read(_ section: ConfigurationSection<Key>) throws(CommandError) {
    if let value = section[.measure] {
      measure = try value.text() == "standard" ? nil : try value.choice(GateMeasure.self)
    }
    try section.fraction(.tolerance, &tolerance, in: 0...1)
    try section.fraction(.gain, &gain, in: 0...1)
    try section.number(.alpha, &alpha, in: 1e-12...1)
    try section.integer(.rows, &rows, in: 1...1_000_000_000)
    try section.integer(.shadowRows, &shadowRows, in: 0...1_000_000_000)
    try section.optionalFraction(.provisional, &provisional, in: 0...1)
    try section.number(.rollbackAlpha, &rollbackAlpha, in: 1e-12...1)
    try section.optionalFraction(.calibration, &calibration, in: 0...1)
    if let value = section[.golden] { golden = value.isOff ? nil : try GoldenSection(ConfigurationSection(value)) }
    if let value = section[.artifactBytes] { artifactBytes = value.isOff ? nil : try value.size(in: 1...1 << 40) }
    if let value = section[.scoringTime] { scoringTime = value.isOff ? nil : try value.nanoseconds() }
    if let inner = try section.section(.segments, keys: SegmentKey.self) { try segments.read(inner) }
    guard let list = section[.fairness] else { return }
    fairness = []
    for item in try list.list() { fairness.append(try FairnessRule(ConfigurationSection(item))) }
  }

  /// - Throws: where the gate asks for what the task does not have.
  func check(_ task: Task, _ section: ConfigurationSection<ModelSection.Key>) throws(CommandError) {
    guard let measure, !measure.fits(task) else { return }
    let fitting = GateMeasure.allCases.filter { $0.fits(task) }.map(\.rawValue).joined(separator: ", ")
    throw section.place(of: .gate).error(
      "a \(task.name) model cannot be judged by \(measure.rawValue)", remedy: "expected standard, or one of \(fitting)")
  }
}

extension GateSection.SegmentRule {
  fileprivate mutating func read(_ section: ConfigurationSection<GateSection.SegmentKey>) throws(CommandError) {
    try section.fraction(.tolerance, &tolerance, in: 0...100)
    try section.integer(.rows, &rows, in: 1...1_000_000_000)
    try section.integer(.protectedRows, &protectedRows, in: 1...1_000_000_000)
    try section.names(.protected, &protected)
    for name in protected where GateSection.segment(name) == nil {
      throw section.place(of: .protected).error(
        "\"\(name)\" is no value of a segment", remedy: "expected name=value, such as channel=web")
    }
  }
}

extension FairnessRule {
  fileprivate enum Key: String, ConfigurationKey { case segment, group, other, rate, limit, prove }

  fileprivate init(_ section: ConfigurationSection<Key>) throws(CommandError) {
    func text(_ key: Key) throws(CommandError) -> String {
      guard let value = section[key] else { throw section.node.error("a rule of fairness needs \"\(key.rawValue)\"") }
      return try value.text()
    }
    guard let rate = section[.rate] else { throw section.node.error("a rule of fairness needs \"rate\"") }
    self.init(
      segment: try text(.segment), group: try text(.group), other: try text(.other),
      rate: try rate.choice(FairnessRate.self))
    try section.optionalFraction(.limit, &limit, in: 0...1)
    try section.flag(.prove, &mustBeProven)
  }
}
