import Events

extension RandomRecords {
  /// Names differ, as the contract wants.
  private mutating func names(_ count: ClosedRange<Int>) -> [String] {
    list(count) { $0.name() }.enumerated().map { "\($0.offset)\($0.element)" }
  }

  mutating func features(_ count: ClosedRange<Int> = 0...6) -> [Feature] {
    names(count).map { name in
      switch int(0...3) {
      case 0: Feature(name: name, value: .missing)
      case 1: Feature(name: name, value: .category(text()))
      default: Feature(name: name, value: .number(number()))
      }
    }
  }

  mutating func segments() -> [Segment] { names(0...3).map { Segment(name: $0, value: text()) } }

  mutating func score() -> Score {
    switch int(0...2) {
    case 0: .number(number())
    case 1: .category(text())
    default: .probabilities(list(1...4) { $0.share() })
    }
  }

  mutating func labelValue() -> LabelValue { flag() ? .number(number()) : .category(text()) }

  mutating func prediction() -> Prediction {
    let score = maybe { $0.score() }
    return Prediction(
      id: name(), model: name(), version: score == nil ? maybe { $0.version() } : version(), time: time(),
      entity: maybe { $0.name() }, features: features(), score: score, segments: segments())
  }

  mutating func label() -> Label {
    Label(prediction: name(), model: name(), time: time(), value: labelValue(), entity: maybe { $0.name() })
  }

  mutating func featureUpdate() -> FeatureUpdate {
    FeatureUpdate(entity: name(), time: time(), features: features())
  }

  mutating func watermark() -> Watermark {
    let topics = ["predictions", "labels", "features"].prefix(int(1...3))
    return Watermark(
      partition: count(), time: time(), offsets: topics.map { TopicOffset(topic: $0, offset: Int64(count())) })
  }

  mutating func example() -> ExampleRecord {
    let score = maybe { $0.score() }
    return .example(
      Example(
        seq: exampleNumber(), id: name(), model: name(), version: score == nil ? maybe { $0.version() } : version(),
        time: time(), labelTime: time(), features: features(), score: score, label: labelValue(),
        segments: segments()))
  }

  mutating func expiry() -> ExampleRecord {
    .expired(Expiry(id: name(), model: name(), version: maybe { $0.version() }, time: time()))
  }

  mutating func resolved() -> ExampleRecord { .resolved(Resolved(upTo: bound(), nextSeq: exampleNumber())) }
}
