public import Bytes

/// Reads prediction events for the columns of registered schemas: the numbers go into a row, the texts stay where they
/// are. Nothing is allocated for an event in a usual form.
///
/// The usual forms are JSON whose texts hold no escapes, with keys in any order (one that repeats is quickest) and
/// blanks or none, and the binary form of `BinaryEvent`. All other events take the long way through
/// `Prediction.decode`: the outcome is the same, value for value and error for error.
public struct EventScanner: Sendable {
  /// The numbers of the last event in the columns of its schema, and `Cell`'s values. Wide enough for any schema.
  public internal(set) var row: [Double] = []
  /// The last event that took the long way.
  public internal(set) var whole: Prediction?
  /// The score of the last event that had one other than a number.
  public internal(set) var otherScore: Score?
  var schemas: [SchemaScan] = []
  private var keys = SchemaKeys()
  var fields = PredictionField.names
  /// The schema that the last event had.
  var current = 0
  /// Holds one event, a newline and the margin that `ScanCursor` needs.
  private var buffer: [UInt8] = []

  public init() {
    // Stands for whatever fits no other.
    schemas.append(SchemaScan(EventSchema(columns: [])))
  }

  /// The columns of a model's version, and the number by which `ScannedPrediction.schema` names them.
  ///
  /// - Parameter old: a number given before, which is the new schema's from here on; the version that had it is
  ///   forgotten. Nil to keep all.
  public mutating func register(_ schema: EventSchema, model: String, version: Int, replacing old: Int? = nil) -> Int {
    let number = old.flatMap { schemas.indices.dropFirst().contains($0) ? $0 : nil } ?? schemas.count
    if number == schemas.count { schemas.append(SchemaScan(schema)) } else { schemas[number] = SchemaScan(schema) }
    keys.set(number, model: model, version: version)
    current = number
    if row.count < schema.columns.count { row = [Double](repeating: 0, count: schema.columns.count) }
    return current
  }

  /// Reads the event that fills `bytes`. Time is linear in their number; never traps.
  public mutating func scan(_ bytes: ByteSlice) throws(EventError) -> ScannedPrediction {
    if bytes.first == BinaryEvent.magic { return try scanBinary(bytes) }
    guard bytes.count <= Limits.recordBytes else { return try scanWhole(bytes) }
    let needed = bytes.count + ScanCursor.margin
    if buffer.count < needed { buffer = [UInt8](repeating: 0, count: max(needed, 2 * buffer.count)) }
    buffer.withUnsafeMutableBytes { buffer in
      bytes.withUnsafeBytes { buffer.copyMemory(from: $0) }
      buffer[bytes.count] = UInt8(ascii: "\n")
    }
    var scanned = ScannedPrediction()
    let isUsual = buffer.withUnsafeBytes { buffer in
      var cursor = ScanCursor(buffer, next: 0)
      return scan(&cursor, &scanned) && cursor.next == bytes.count
    }
    return isUsual ? scanned : try scanWhole(bytes)
  }

  /// Reads the events of a text with one on each line; blank lines are stepped over, and no event goes on behind its
  /// line's end.
  ///
  /// - Parameter body: told of each event, its bytes, and the scanner whose `row` holds its numbers.
  public mutating func scanLines(
    _ bytes: [UInt8], _ body: (inout EventScanner, Range<Int>, Result<ScannedPrediction, EventError>) -> Void
  ) {
    let newline = UInt8(ascii: "\n")
    // Lines that begin before this one are followed by enough bytes.
    let direct = bytes.dropLast(ScanCursor.margin).lastIndex(of: newline) ?? 0
    var next = 0
    bytes.withUnsafeBytes { buffer in
      while next < direct {
        var cursor = ScanCursor(buffer, next: next)
        cursor.skipBlanks()
        var end = cursor.next
        if cursor.byte != newline {
          var scanned = ScannedPrediction()
          if scan(&cursor, &scanned) {
            end = cursor.next
            body(&self, next..<end, .success(scanned.moved(by: next)))
          } else {
            end = bytes[cursor.next...].firstIndex(of: newline) ?? bytes.count
            body(&self, next..<end, line(bytes[next..<end]))
          }
        }
        next = end + 1
      }
    }
    for line in bytes[min(next, bytes.count)...].split(separator: newline) {
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }) { continue }
      body(&self, line.indices, self.line(line))
    }
  }

  private mutating func line(_ bytes: ByteSlice) -> Result<ScannedPrediction, EventError> {
    do { return .success(try scan(bytes)) } catch { return .failure(error) }
  }

  /// The long way.
  mutating func scanWhole(_ bytes: ByteSlice) throws(EventError) -> ScannedPrediction {
    var prediction = try Prediction.decode(bytes)
    var scanned = ScannedPrediction()
    scanned.form = .whole
    scanned.version = prediction.version ?? 0
    scanned.time = prediction.time
    switch prediction.score {
    case nil: break
    case .number(let number): (scanned.scoreForm, scanned.number) = (.number, number)
    case .category, .probabilities: (scanned.scoreForm, otherScore) = (.other, prediction.score)
    }
    scanned.schema = prediction.model.withUTF8 { find(UnsafeRawBufferPointer($0), scanned.version) }
    if scanned.schema > 0 { scanned.hasUnlisted = schemas[scanned.schema].fill(&row, from: prediction.features) }
    whole = prediction
    return scanned
  }

  /// The id of the event that was read last, from these bytes.
  public func id(of scanned: ScannedPrediction, in bytes: ByteSlice) -> String {
    if scanned.form == .whole, let whole { whole.id } else { Self.text(scanned.id, of: bytes) }
  }

  /// The name of its model.
  public func model(of scanned: ScannedPrediction, in bytes: ByteSlice) -> String {
    if scanned.form == .whole, let whole { whole.model } else { Self.text(scanned.model, of: bytes) }
  }

  private static func text(_ range: Range<Int>, of bytes: ByteSlice) -> String {
    String(decoding: bytes[bytes.startIndex + range.lowerBound..<bytes.startIndex + range.upperBound], as: UTF8.self)
  }

  /// The cells that an event with these features has in the columns of a registered schema, into the front of `row`.
  /// Says whether one of them is `Cell.unlisted`.
  public func fill(_ row: inout [Double], from features: [Feature], schema: Int) -> Bool {
    schemas[schema].fill(&row, from: features)
  }

  /// The row of an event without features.
  mutating func clearRow(of schema: Int) {
    for column in 0..<schemas[schema].width { row[column] = Cell.missing }
  }

  /// The schema of a model's version, 0 where there is none.
  @inline(__always)
  func find(_ model: UnsafeRawBufferPointer, _ version: Int) -> Int {
    keys.find(model, version, last: current)
  }
}
