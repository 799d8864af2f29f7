import Events

extension ServingEvent {
  /// Refuses what no reader could use, before it takes a place in the log.
  func check(keyedBy key: ProducerConfiguration.Key) throws(ClientError) {
    guard (Limits.earliestTime...Limits.latestTime).contains(time) else {
      throw refusal("its time, \(time) ms since 1970, lies outside the years 1 to 9999")
    }
    switch self {
    case .prediction(let event): try check(event, keyedBy: key)
    case .label(let event): try check(event, keyedBy: key)
    case .features(let event):
      try require("entity", event.entity, atMost: Limits.idBytes)
      try check(event.features)
    }
  }

  private func check(_ event: Prediction, keyedBy key: ProducerConfiguration.Key) throws(ClientError) {
    try require("id", event.id, atMost: Limits.idBytes)
    try require("model", event.model, atMost: Limits.nameBytes)
    try checkEntity(event.entity, keyedBy: key)
    if let version = event.version, version < 1 { throw refusal("version \(version) is not 1 or more") }
    if event.version == nil, event.score != nil {
      throw refusal("there is a score, but not the version that gave it: name the version")
    }
    try check(event.features)
    try check(event.segments)
    switch event.score {
    case nil: break
    case .number(let value): try require("the prediction", value)
    case .category(let name): try require("the predicted class", name, atMost: Limits.textBytes)
    case .probabilities(let values):
      if values.isEmpty { throw refusal("the prediction has no class probabilities: give one per class") }
      try limit("class probabilities", values.count, to: Limits.probabilities)
      for value in values { try require("a class probability", value) }
    }
  }

  private func check(_ event: Label, keyedBy key: ProducerConfiguration.Key) throws(ClientError) {
    try require("prediction", event.prediction, atMost: Limits.idBytes)
    try require("model", event.model, atMost: Limits.nameBytes)
    try checkEntity(event.entity, keyedBy: key)
    switch event.value {
    case .number(let value): try require("the label", value)
    case .category(let name): try require("the label", name, atMost: Limits.textBytes)
    }
  }

  private func check(_ features: [Feature]) throws(ClientError) {
    try limit("features", features.count, to: Limits.features)
    for feature in features {
      try require("a feature's name", feature.name, atMost: Limits.nameBytes)
      switch feature.value {
      case .number(let value): try require("feature \(feature.name)", value)
      case .category(let text): try limit("bytes of feature \(feature.name)", text.utf8.count, to: Limits.textBytes)
      case .missing: break
      }
    }
    try checkDistinct("feature", features.lazy.map(\.name))
  }

  private func check(_ segments: [Segment]) throws(ClientError) {
    try limit("segments", segments.count, to: Limits.segments)
    for segment in segments {
      try require("a segment's name", segment.name, atMost: Limits.nameBytes)
      try limit("bytes of segment \(segment.name)", segment.value.utf8.count, to: Limits.textBytes)
    }
    try checkDistinct("segment", segments.lazy.map(\.name))
  }
}

extension ServingEvent {
  private func checkEntity(_ entity: String?, keyedBy key: ProducerConfiguration.Key) throws(ClientError) {
    if let entity {
      try require("entity", entity, atMost: Limits.idBytes)
    } else if key == .entity {
      throw refusal("there is no entity, but the producer is keyed by it: name one")
    }
  }

  private func checkDistinct(_ what: String, _ names: some Collection<String>) throws(ClientError) {
    var seen = Set<String>(minimumCapacity: names.count)
    for name in names where !seen.insert(name).inserted {
      throw refusal("\(what) \(name) is given twice")
    }
  }

  private func require(_ what: String, _ text: String, atMost bytes: Int) throws(ClientError) {
    if text.isEmpty { throw refusal("\(what) is empty") }
    try limit("bytes of \(what)", text.utf8.count, to: bytes)
  }

  private func require(_ what: @autoclosure () -> String, _ value: Double) throws(ClientError) {
    if !value.isFinite { throw refusal("\(what()) is \(value): give a finite number, or leave it out") }
  }

  private func limit(_ what: @autoclosure () -> String, _ count: Int, to most: Int) throws(ClientError) {
    if count > most { throw refusal("\(what()): \(count), but at most \(most) can be read") }
  }

  private func refusal(_ reason: String) -> ClientError {
    ClientError(.invalidEvent, "\(topic.rawValue) event \"\(id.prefix(100))\" refused: \(reason)")
  }
}
