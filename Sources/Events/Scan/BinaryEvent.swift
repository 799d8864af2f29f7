import Bytes

/// The compact form of a prediction: as much as a JSON event tells, in a tenth of the time to read.
///
/// A record of `predictions` may be in either form, the first byte tells which. All numbers are little-endian:
///
///     offset  0  u8   0xb1, which begins no JSON text
///             1  u8   format: 1
///             2  u8   kind of prediction: 0 none, 1 number, 2 probabilities, 3 class
///             3  u8   0
///             4  u32  version of the model, 0 for none
///             8  i64  time in milliseconds since 1970
///            16  f64  the prediction where its kind is 1, else 0
///            24  u16  number of features
///            26  u16  bytes of the id
///            28  u16  bytes of the model's name
///            30  u16  bytes of the entity, 0 for none
///            32  u32  bytes of the names
///            36  u32  bytes of the texts
///            40       the features' values, each an f64; one that is not finite is missing
///                     the features' names in the same order, each u16 length and UTF-8
///                     id, model and entity in UTF-8
///                     the texts
///
/// The texts may be left out (0 bytes) where there are none: u16 number of features with text, and for each, ascending,
/// u16 place among the features, u32 length and UTF-8; u16 number of segments, and for each u16 length and name, u32
/// length and value; then u32 number of probabilities and each an f64 for kind 2, u32 length and class for kind 3.
///
/// Names stand in every record, so that each can be read alone; a reader that has seen the same names before compares
/// them as one run of bytes.
public enum BinaryEvent {
  public static let magic: UInt8 = 0xb1
  static let format: UInt8 = 1
  public static let headerBytes = 40
  static let timePosition = 8

  /// Bytes of the event that begins with these `headerBytes`, as they say themselves: where its successor begins when
  /// events stand one behind the other.
  public static func size(header: ArraySlice<UInt8>) -> Int {
    header.withUnsafeBytes { header in
      let short = [26, 28, 30].reduce(8 * Int(header.integer(at: 24, UInt16.self))) {
        $0 + Int(header.integer(at: $1, UInt16.self))
      }
      return [32, 36].reduce(headerBytes + short) { $0 + Int(header.integer(at: $1, UInt32.self)) }
    }
  }

  /// Nil where the prediction goes beyond the limits of a record.
  public static func encode(_ prediction: Prediction) -> [UInt8]? {
    let names = sized(prediction.features.map(\.name))
    guard let names, let version = UInt32(exactly: prediction.version ?? 0),
      let id = UInt16(exactly: prediction.id.utf8.count), let model = UInt16(exactly: prediction.model.utf8.count),
      let entity = UInt16(exactly: prediction.entity?.utf8.count ?? 0),
      let count = UInt16(exactly: prediction.features.count), let texts = texts(of: prediction)
    else { return nil }
    var writer = ByteWriter(reserving: headerBytes + 24 * prediction.features.count + texts.count + 64)
    writer.append(magic)
    writer.append(format)
    writer.append(kind(of: prediction.score))
    writer.append(UInt8(0))
    writer.append(fixed: version)
    writer.append(fixed: prediction.time)
    if case .number(let number) = prediction.score { writer.append(number) } else { writer.append(0.0) }
    for size in [count, id, model, entity] { writer.append(fixed: size) }
    for part in [names, texts] { writer.append(fixed: UInt32(part.count)) }
    for feature in prediction.features {
      if case .number(let number) = feature.value { writer.append(number) } else { writer.append(Double.nan) }
    }
    writer.append(raw: names)
    for text in [prediction.id, prediction.model, prediction.entity ?? ""] { writer.append(raw: text.utf8) }
    writer.append(raw: texts)
    return writer.bytes.count <= Limits.recordBytes ? writer.bytes : nil
  }

  private static func kind(of score: Score?) -> UInt8 {
    switch score {
    case nil: 0
    case .number: 1
    case .probabilities: 2
    case .category: 3
    }
  }

  private static func sized(_ names: [String]) -> [UInt8]? {
    var writer = ByteWriter()
    for name in names {
      guard let size = UInt16(exactly: name.utf8.count) else { return nil }
      writer.append(fixed: size)
      writer.append(raw: name.utf8)
    }
    return UInt32(exactly: writer.bytes.count) == nil ? nil : writer.bytes
  }

  private static func texts(of prediction: Prediction) -> [UInt8]? {
    var writer = ByteWriter()
    func long(_ text: String) -> Bool {
      guard let size = UInt32(exactly: text.utf8.count) else { return false }
      writer.append(fixed: size)
      writer.append(raw: text.utf8)
      return true
    }
    var texts: [(place: UInt16, text: String)] = []
    for (place, feature) in prediction.features.enumerated() {
      if case .category(let text) = feature.value { texts.append((UInt16(truncatingIfNeeded: place), text)) }
    }
    switch prediction.score {
    case nil, .number: if texts.isEmpty, prediction.segments.isEmpty { return [] }
    case .probabilities, .category: break
    }
    writer.append(fixed: UInt16(texts.count))
    for (place, text) in texts {
      writer.append(fixed: place)
      guard long(text) else { return nil }
    }
    guard let segments = UInt16(exactly: prediction.segments.count) else { return nil }
    writer.append(fixed: segments)
    for segment in prediction.segments {
      guard let name = sized([segment.name]) else { return nil }
      writer.append(raw: name)
      guard long(segment.value) else { return nil }
    }
    switch prediction.score {
    case nil, .number: break
    case .category(let name): guard long(name) else { return nil }
    case .probabilities(let values):
      guard let count = UInt32(exactly: values.count) else { return nil }
      writer.append(fixed: count)
      for value in values { writer.append(value) }
    }
    return writer.bytes
  }
}

/// Where the parts of a binary event stand; each lies within the bytes.
struct BinaryHeader {
  let kind: UInt8
  let version: Int
  let time: Milliseconds
  let number: Double
  let features: Int
  /// The names, and where each of the other parts begins.
  let names: Range<Int>
  let id: Range<Int>
  let model: Range<Int>
  let entity: Range<Int>
  let texts: Range<Int>
  /// Whether all that follows the names is ASCII, so that no text needs a look of its own.
  let isASCII: Bool

  init(_ bytes: UnsafeRawBufferPointer) throws(EventError) {
    func fault(_ code: EventError.Code, at position: Int, _ reason: String) -> EventError {
      EventError(code, at: position, reason)
    }
    guard bytes.count >= BinaryEvent.headerBytes else {
      throw fault(.truncated, at: bytes.count, "a binary event ends in its header")
    }
    guard bytes[0] == BinaryEvent.magic, bytes[1] == BinaryEvent.format, bytes[3] == 0 else {
      throw fault(.unknownKind, at: 1, "a binary event of another format than \(BinaryEvent.format)")
    }
    kind = bytes[2]
    guard kind <= 3 else { throw fault(.unknownKind, at: 2, "a prediction of an unknown kind, \(kind)") }
    version = Int(bytes.integer(at: 4, UInt32.self))
    time = bytes.integer(at: 8, Int64.self)
    number = Double(bitPattern: bytes.integer(at: 16, UInt64.self))
    features = Int(bytes.integer(at: 24, UInt16.self))
    let namesStart = BinaryEvent.headerBytes + 8 * features
    names = namesStart..<namesStart + Int(bytes.integer(at: 32, UInt32.self))
    id = names.upperBound..<names.upperBound + Int(bytes.integer(at: 26, UInt16.self))
    model = id.upperBound..<id.upperBound + Int(bytes.integer(at: 28, UInt16.self))
    entity = model.upperBound..<model.upperBound + Int(bytes.integer(at: 30, UInt16.self))
    texts = entity.upperBound..<entity.upperBound + Int(bytes.integer(at: 36, UInt32.self))
    guard texts.upperBound <= bytes.count else {
      throw fault(.truncated, at: bytes.count, "a binary event of \(texts.upperBound) bytes is cut short")
    }
    guard texts.upperBound == bytes.count else {
      throw fault(.wrongType, at: texts.upperBound, "\(bytes.count - texts.upperBound) bytes behind a binary event")
    }
    isASCII = bytes.part(id.lowerBound..<texts.upperBound).isASCII
    try check(bytes)
  }

  private func check(_ bytes: UnsafeRawBufferPointer) throws(EventError) {
    guard bytes.count <= Limits.recordBytes else {
      throw EventError(.tooLarge, at: 0, "\(bytes.count) bytes, \(Limits.recordBytes) at most")
    }
    guard time >= Limits.earliestTime, time <= Limits.latestTime else {
      throw EventError(.badTime, at: 8, "\(time) ms is not between year 1 and year 9999", path: "time")
    }
    guard version > 0 || kind == 0 else { throw EventError(.missingField, at: 4, "is missing", path: "version") }
    guard kind != 1 || number.isFinite else {
      throw EventError(.notFinite, at: 16, "the prediction is not finite", path: "prediction")
    }
    guard features <= Limits.features else {
      throw EventError(.tooLarge, at: 24, "more than \(Limits.features) names", path: "features")
    }
    let isUsual =
      isASCII && (1...Limits.idBytes).contains(id.count) && (1...Limits.nameBytes).contains(model.count)
      && entity.count <= Limits.idBytes
    if !isUsual { try checkTexts(bytes) }
  }

  @inline(never)
  private func checkTexts(_ bytes: UnsafeRawBufferPointer) throws(EventError) {
    try Self.check(id, in: bytes, atMost: Limits.idBytes, "id")
    try Self.check(model, in: bytes, atMost: Limits.nameBytes, "model")
    if !entity.isEmpty { try Self.check(entity, in: bytes, atMost: Limits.idBytes, "entity") }
  }

  private static func check(
    _ range: Range<Int>, in bytes: UnsafeRawBufferPointer, atMost limit: Int, _ path: String
  ) throws(EventError) {
    guard !range.isEmpty else {
      throw EventError(.emptyID, at: range.lowerBound, "must not be empty", path: path)
    }
    guard range.count <= limit else {
      throw EventError(.tooLarge, at: range.lowerBound, "text of \(range.count) bytes, \(limit) at most", path: path)
    }
    guard bytes.part(range).isUTF8 else {
      throw EventError(.invalidUTF8, at: range.lowerBound, "text that is not UTF-8", path: path)
    }
  }
}

extension UnsafeRawBufferPointer {
  @inline(__always)
  fileprivate func integer<T: FixedWidthInteger>(at position: Int, _ type: T.Type) -> T {
    T(littleEndian: loadUnaligned(fromByteOffset: position, as: T.self))
  }
}
