import Bytes

extension BinaryEvent {
  /// Reads one event that fills `bytes`. Any bytes may be given; lengths are checked before anything is allocated.
  static func decode(_ bytes: ByteSlice) throws(EventError) -> Prediction {
    let header = try bytes.withUnsafeBufferPointer { bytes throws(EventError) in
      try BinaryHeader(UnsafeRawBufferPointer(bytes))
    }
    var prediction = Prediction(
      id: "", model: "", version: header.version == 0 ? nil : header.version, time: header.time, features: [])
    func text(_ range: Range<Int>) -> String {
      String(decoding: bytes[bytes.startIndex + range.lowerBound..<bytes.startIndex + range.upperBound], as: UTF8.self)
    }
    prediction.id = text(header.id)
    prediction.model = text(header.model)
    prediction.entity = header.entity.isEmpty ? nil : text(header.entity)
    if header.kind == 1 { prediction.score = .number(header.number) }
    var values = BinaryTextReader(bytes, headerBytes..<header.names.lowerBound)
    for name in try names(bytes, header) {
      let value = try values.double()
      prediction.features.append(Feature(name: name, value: value.isFinite ? .number(value) : .missing))
    }
    if !header.texts.isEmpty || header.kind >= 2 { try readTexts(bytes, header, into: &prediction) }
    return prediction
  }

  /// The features' names: as many as there are values, none of them twice.
  static func names(_ bytes: ByteSlice, _ header: BinaryHeader) throws(EventError) -> [String] {
    var reader = BinaryTextReader(bytes, header.names)
    var names: [String] = []
    var known: Set<String> = []
    for _ in 0..<header.features {
      let start = reader.position
      let name = try reader.text(size: Int(try reader.integer(UInt16.self)), atMost: Limits.nameBytes, at: "features")
      if name.isEmpty { throw EventError(.emptyName, at: start, "must have a name", path: "features") }
      guard known.insert(name).inserted else {
        throw EventError(.duplicateField, at: start, "stands twice", path: "features.\(name)")
      }
      names.append(name)
    }
    try reader.finish()
    return names
  }

  private static func readTexts(
    _ bytes: ByteSlice, _ header: BinaryHeader, into prediction: inout Prediction
  ) throws(EventError) {
    var reader = BinaryTextReader(bytes, header.texts)
    var last = -1
    for _ in 0..<(try reader.integer(UInt16.self)) {
      let place = Int(try reader.integer(UInt16.self))
      guard place > last, place < header.features else {
        throw EventError(.outOfRange, at: reader.position - 2, "a text at place \(place)", path: "features")
      }
      last = place
      prediction.features[place].value = .category(
        try reader.text(size: Int(try reader.integer(UInt32.self)), atMost: Limits.textBytes, at: "features"))
    }
    try readSegments(&reader, into: &prediction)
    switch header.kind {
    case 2:
      let count = Int(try reader.integer(UInt32.self))
      guard (1...Limits.probabilities).contains(count) else {
        let code = count == 0 ? EventError.Code.outOfRange : .tooLarge
        throw EventError(code, at: reader.position - 4, "\(count) probabilities", path: "prediction")
      }
      var values: [Double] = []
      for _ in 0..<count {
        values.append(try reader.double())
        guard values[values.count - 1].isFinite else {
          throw EventError(.notFinite, at: reader.position - 8, "a probability is not finite", path: "prediction")
        }
      }
      prediction.score = .probabilities(values)
    case 3:
      let size = Int(try reader.integer(UInt32.self))
      prediction.score = .category(try reader.text(size: size, atMost: Limits.textBytes, at: "prediction"))
    default: break
    }
    try reader.finish()
  }

  private static func readSegments(
    _ reader: inout BinaryTextReader, into prediction: inout Prediction
  ) throws(EventError) {
    let count = Int(try reader.integer(UInt16.self))
    guard count <= Limits.segments else {
      throw EventError(.tooLarge, at: reader.position - 2, "more than \(Limits.segments) names", path: "segments")
    }
    for _ in 0..<count {
      let start = reader.position
      let name = try reader.text(size: Int(try reader.integer(UInt16.self)), atMost: Limits.nameBytes, at: "segments")
      if name.isEmpty { throw EventError(.emptyName, at: start, "must have a name", path: "segments") }
      if prediction.segments.contains(where: { $0.name == name }) {
        throw EventError(.duplicateField, at: start, "stands twice", path: "segments.\(name)")
      }
      let size = Int(try reader.integer(UInt32.self))
      let value = try reader.text(size: size, atMost: Limits.textBytes, at: "segments.\(name)")
      prediction.segments.append(Segment(name: name, value: value))
    }
  }
}

/// Reads within a part of a binary event.
struct BinaryTextReader {
  private let bytes: ByteSlice
  private(set) var position: Int
  private let end: Int

  init(_ bytes: ByteSlice, _ part: Range<Int>) {
    self.bytes = bytes
    position = part.lowerBound
    end = part.upperBound
  }

  mutating func integer<T: FixedWidthInteger>(_ type: T.Type) throws(EventError) -> T {
    let size = MemoryLayout<T>.size
    guard end - position >= size else { throw short() }
    defer { position += size }
    return (0..<size).reversed().reduce(0) { $0 << 8 | T(bytes[bytes.startIndex + position + $1]) }
  }

  mutating func double() throws(EventError) -> Double { Double(bitPattern: try integer(UInt64.self)) }

  mutating func text(size: Int, atMost limit: Int, at path: String) throws(EventError) -> String {
    guard end - position >= size else { throw short() }
    guard size <= limit else {
      throw EventError(.tooLarge, at: position, "text of \(size) bytes, \(limit) at most", path: path)
    }
    let start = bytes.startIndex + position
    guard let text = String(validating: bytes[start..<start + size], as: UTF8.self) else {
      throw EventError(.invalidUTF8, at: position, "text that is not UTF-8", path: path)
    }
    position += size
    return text
  }

  /// Throws unless the part has been read to its end.
  func finish() throws(EventError) {
    guard position == end else {
      throw EventError(.wrongType, at: position, "\(end - position) bytes too many in a part of a binary event")
    }
  }

  private func short() -> EventError {
    EventError(.truncated, at: position, "a part of a binary event is shorter than its contents")
  }
}
