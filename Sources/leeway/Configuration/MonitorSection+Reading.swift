import Drift

extension MonitorSection {
  enum Key: String, ConfigurationKey {
    case policy, every, window, season, joint, drift, performance, volume, schedule, freshness, cooldown
    case minimumRows = "minimum_rows"
  }

  enum VolumeKey: String, ConfigurationKey { case labels }
  enum ScheduleKey: String, ConfigurationKey { case every }
  enum FreshnessKey: String, ConfigurationKey { case maximumAge = "max_age" }

  fileprivate static let longest: Int64 = 36_525 * 86_400_000
  /// Panes that a window keeps in memory, per column, at most.
  static let maximumPanes: Int64 = 100_000

  mutating func read(_ section: ConfigurationSection<Key>) throws(CommandError) {
    try section.choice(.policy, &policy)
    try section.integer(.every, &every, in: 10...1_000_000_000)
    try section.duration(.window, &window, in: 1...Self.longest)
    try section.optionalDuration(.season, &season, in: 1_000...Self.longest)
    try section.flag(.joint, &joint)
    try section.integer(.minimumRows, &minimumRows, in: 1...1_000_000_000)
    try section.duration(.cooldown, &cooldown, in: 0...Self.longest)
    if let value = section[.drift] {
      drift = value.isOff ? nil : try DriftRule(ConfigurationSection(value), defaults: drift ?? DriftRule())
    }
    if let value = section[.performance] {
      let defaults = performance ?? PerformanceRule()
      performance = value.isOff ? nil : try PerformanceRule(ConfigurationSection(value), defaults: defaults)
    }
    if let inner = try section.section(.volume, keys: VolumeKey.self) {
      try inner.optionalInteger(.labels, &volumeLabels, in: 1...1_000_000_000)
    }
    if let inner = try section.section(.schedule, keys: ScheduleKey.self) {
      try inner.optionalDuration(.every, &scheduleEvery, in: 1...Self.longest)
    }
    if let inner = try section.section(.freshness, keys: FreshnessKey.self) {
      try inner.optionalDuration(.maximumAge, &freshnessMaximumAge, in: 1...Self.longest)
    }
  }

  /// - Throws: where the window is not a whole number of panes that fits into memory.
  func checkPanes(_ pane: Int64, _ place: ConfigurationNode) throws(CommandError) {
    let shown =
      "a window of \(Quantity.shown(milliseconds: window)) over panes of \(Quantity.shown(milliseconds: pane))"
    guard window % pane == 0 else {
      throw place.error(shown, remedy: "expected the window to be a whole number of panes")
    }
    guard window / pane <= Self.maximumPanes else {
      throw place.error(shown, remedy: "expected at most \(Self.maximumPanes) panes: lengthen time.pane")
    }
  }
}

extension DriftRule {
  enum Key: String, ConfigurationKey {
    case thresholds, alpha, spacing, requires
    case runLength = "run_length"
  }

  init(_ section: ConfigurationSection<Key>, defaults: Self) throws(CommandError) {
    self = defaults
    try section.number(.alpha, &alpha, in: 1e-12...0.5)
    try section.number(.runLength, &runLength, in: 100...1e12)
    try section.duration(.spacing, &spacing, in: 0...MonitorSection.longest)
    try section.choice(.requires, &requires)
    guard let written = try section.section(.thresholds, keys: Thresholds.Key.self) else { return }
    for key in Thresholds.Key.allCases {
      try written.optionalNumber(key, &thresholds[key.statistic], in: 0...key.largest)
    }
    if thresholds.sizes.isEmpty {
      throw written.node.error("every statistic is off", remedy: "to switch the rule off, write drift: off")
    }
  }
}

extension Thresholds {
  /// A statistic that panes can tell: the number of distinct values is not among them.
  struct Key: ConfigurationKey {
    static let allCases = Statistic.allCases.filter { $0 != .cardinality }.map(Key.init)

    let statistic: Statistic
    var rawValue: String { statistic.rawValue }

    private init(_ statistic: Statistic) {
      self.statistic = statistic
    }

    init?(rawValue: String) {
      guard let key = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
      self = key
    }

    /// No sensible threshold is larger.
    var largest: Double {
      switch statistic {
      case .jensenShannon, .hellinger, .totalVariation, .cramersV, .kolmogorovSmirnov, .missingRate, .outOfRangeRate,
        .newCategoryRate:
        1
      case .psi, .kullbackLeibler, .wassersteinNormalized, .energyDistance, .cardinality: 100
      case .wasserstein: 1e12
      }
    }
  }
}

extension PerformanceRule {
  enum Key: String, ConfigurationKey {
    case relative, absolute
    case runLength = "run_length"
    case minimumRows = "minimum_rows"
  }

  init(_ section: ConfigurationSection<Key>, defaults: Self) throws(CommandError) {
    self = defaults
    try section.fraction(.relative, &relative, in: 0...100)
    try section.number(.absolute, &absolute, in: 1e-9...1e12)
    try section.number(.runLength, &runLength, in: 100...1e12)
    try section.integer(.minimumRows, &minimumRows, in: 2...1_000_000_000)
  }
}
