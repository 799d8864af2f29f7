import Control
import Models

extension ModelSection {
  enum Key: String, ConfigurationKey {
    case name, task, classes, categorical, numeric, hashed, calendar, drop, family, trainer, monitor, train, gate
  }

  init(
    _ section: ConfigurationSection<Key>, monitor: MonitorSection, train: TrainSection, gate: GateSection
  ) throws(CommandError) {
    self.init(name: "", monitor: monitor, train: train, gate: gate)
    guard let nameNode = section[.name] else { throw section.node.error("a model needs the key \"name\"") }
    name = try nameNode.text("a name")
    guard (1...256).contains(name.utf8.count) else { throw nameNode.error(expected: "a name of 1 to 256 bytes") }
    try section.choice(.task, &task)
    try section.names(.classes, &classes)
    try section.names(.categorical, &categorical)
    try section.names(.numeric, &numeric)
    try section.names(.hashed, &hashed)
    try section.names(.calendar, &calendar)
    try section.names(.drop, &drop)
    try section.choice(.family, &family)
    if let inner = section[.trainer], !inner.isOff {
      trainer = try TrainerSection(ConfigurationSection(inner))
      if let family = section[.family] {
        throw family.error("a model with a trainer has no built-in family", remedy: "remove the key, or `trainer`")
      }
    }
    if let inner = try section.section(.monitor, keys: MonitorSection.Key.self) { try self.monitor.read(inner) }
    if let inner = try section.section(.train, keys: TrainSection.Key.self) { try self.train.read(inner) }
    if let inner = try section.section(.gate, keys: GateSection.Key.self) { try self.gate.read(inner) }
    try check(section)
    try checkLearning(section)
    try self.gate.check(engineTask, section)
  }

  private func check(_ section: ConfigurationSection<Key>) throws(CommandError) {
    if task == .multiclass, classes.count < 2 {
      throw section.place(of: .classes).error(
        "a multiclass model needs the names of its classes", remedy: "expected a list of two or more, such as [a, b, c]"
      )
    }
    if task != .multiclass, !classes.isEmpty {
      throw section.place(of: .classes).error(
        "a \(task.rawValue) model has no list of classes", remedy: "remove it, or set task: multiclass")
    }
    let lists: [(key: Key, names: [String])] = [
      (.categorical, categorical), (.numeric, numeric), (.hashed, hashed), (.calendar, calendar), (.drop, drop),
    ]
    for (index, first) in lists.enumerated() {
      for second in lists[(index + 1)...] {
        guard let both = first.names.first(where: second.names.contains) else { continue }
        throw section.place(of: second.key).error(
          "\"\(both)\" stands under \(second.key.rawValue) and under \(first.key.rawValue)",
          remedy: "remove it from one of them")
      }
    }
  }
}

extension ModelSection {
  private func checkLearning(_ section: ConfigurationSection<Key>) throws(CommandError) {
    do throws(ModelError) { try family.learner.check(engineTask) } catch {
      throw section.place(of: .family).error(error.message)
    }
    do throws(ModelError) { _ = try ClassWeights(train.classWeights.rule, task: engineTask) } catch {
      throw section.place(of: .train).error(error.message, remedy: "say train: {class_weights: off} for this model")
    }
    guard trainer != nil else { return }
    for (key, names) in [(Key.hashed, hashed), (.calendar, calendar)] where !names.isEmpty {
      throw section.place(of: key).error("a trainer outside is given columns as they are", remedy: "remove the key")
    }
    if train.classWeights != .none {
      throw section.place(of: .train).error(
        "a trainer outside weighs classes itself", remedy: "say train: {class_weights: off} for this model")
    }
  }
}

extension TrainSection {
  enum Key: String, ConfigurationKey {
    case holdout, quotas, priority, seed, epochs, patience
    case classWeights = "class_weights"
    case referenceRows = "reference_rows"
    case minimumRows = "minimum_rows"
  }

  enum QuotaKey: String, ConfigurationKey {
    case seconds, rows, memory
    case runsPerDay = "runs_per_day"
  }

  mutating func read(_ section: ConfigurationSection<Key>) throws(CommandError) {
    try section.fraction(.holdout, &holdout, in: 0.01...0.9)
    try section.integer(.referenceRows, &referenceRows, in: 1...10_000_000)
    try section.integer(.minimumRows, &minimumRows, in: 2...1_000_000_000)
    try section.integer(.priority, &priority, in: -1_000...1_000)
    try section.integer(.seed, &seed, in: 0...Int.max)
    try section.integer(.epochs, &epochs, in: 0...1_000)
    try section.integer(.patience, &patience, in: 1...1_000)
    if let node = section[.classWeights] { classWeights = try ClassWeighting(node) }
    guard let quotas = try section.section(.quotas, keys: QuotaKey.self) else { return }
    try quotas.integer(.seconds, &quotaSeconds, in: 1...864_000)
    try quotas.integer(.rows, &quotaRows, in: 2...1_000_000_000)
    if let node = quotas[.memory] { quotaMemory = try node.size(in: 1 << 20...1 << 50) }
    try quotas.optionalInteger(.runsPerDay, &quotaRunsPerDay, in: 1...RunAllowance.most)
  }
}
