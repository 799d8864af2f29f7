extension JSONScanner {
  @inline(__always)
  mutating func features() throws(EventError) -> [Feature] {
    try map(atMost: Limits.features, name: \.name) { (scanner, name) throws(EventError) in
      Feature(name: name, value: try scanner.featureValue())
    }
  }

  @inline(__always)
  mutating func featureValue() throws(EventError) -> FeatureValue {
    switch try peek() {
    case .number: return .number(try double(try numberToken()))
    case .text: return .category(try text(atMost: Limits.textBytes))
    case .bool: return .number(try bool() ? 1 : 0)
    case .null:
      try null()
      return .missing
    default: throw mismatch("a number, text, true, false or null")
    }
  }

  mutating func segments() throws(EventError) -> [Segment] {
    try map(atMost: Limits.segments, name: \.name) { (scanner, name) throws(EventError) in
      Segment(name: name, value: try scanner.text(atMost: Limits.textBytes))
    }
  }

  /// `null` is no score.
  mutating func score() throws(EventError) -> Score? {
    switch try peek() {
    case .number: return .number(try double(try numberToken()))
    case .text: return .category(try text(atMost: Limits.textBytes))
    case .array: return .probabilities(try probabilities())
    case .null:
      try null()
      return nil
    default: throw mismatch("a number, an array of probabilities, the name of a class or null")
    }
  }

  private mutating func probabilities() throws(EventError) -> [Double] {
    let start = next
    let numbers = try array(atMost: Limits.probabilities) { (scanner) throws(EventError) in try scanner.number() }
    if numbers.isEmpty { throw EventError(.outOfRange, at: start, "at least one probability is needed") }
    return numbers
  }

  mutating func labelValue() throws(EventError) -> LabelValue {
    switch try peek() {
    case .number: return .number(try double(try numberToken()))
    case .text: return .category(try text(atMost: Limits.textBytes))
    case .bool: return .number(try bool() ? 1 : 0)
    default: throw mismatch("a number, the name of a class, true or false")
    }
  }

  /// A version; `null` is none.
  @inline(__always)
  mutating func optionalVersion() throws(EventError) -> Int? {
    try skipNull() ? nil : try version()
  }

  /// An entity's id; `null` is none.
  @inline(__always)
  mutating func optionalEntity() throws(EventError) -> String? {
    try skipNull() ? nil : try identifier(atMost: Limits.idBytes)
  }
}

extension JSONWriter {
  mutating func features(_ features: [Feature]) {
    name("features")
    object { writer in
      for feature in features {
        writer.name(text: feature.name)
        switch feature.value {
        case .number(let number): writer.value(number)
        case .category(let text): writer.value(text)
        case .missing: writer.null()
        }
      }
    }
  }

  mutating func segments(_ segments: [Segment]) {
    if segments.isEmpty { return }
    name("segments")
    object { writer in
      for segment in segments {
        writer.name(text: segment.name)
        writer.value(segment.value)
      }
    }
  }

  /// A score with a number that is not finite is written as `null`: as if nothing had been scored.
  mutating func score(_ score: Score?) {
    guard let score else { return }
    name("prediction")
    switch score {
    case .number(let number): value(number)
    case .category(let text): value(text)
    case .probabilities(let numbers):
      if numbers.allSatisfy(\.isFinite) { array(numbers) { $0.value($1) } } else { null() }
    }
  }

  mutating func label(_ label: LabelValue) {
    name("label")
    switch label {
    case .number(let number): value(number)
    case .category(let text): value(text)
    }
  }
}
