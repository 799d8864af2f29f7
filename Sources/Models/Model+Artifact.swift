public import Bytes

// An artifact: magic, format version, schema, family, seed, rows learned, the learner's state, CRC-32C of all before it.
// Format 3 says more of the family, and before the rows learned how classes are weighed. What format 2 can say is written
// in format 2, so that older builds read it and the bytes stay the same.
// Integers are LEB128, statistics IEEE 754 doubles, weights and their moments singles, little-endian.
extension Model {
  private static let magic: [UInt8] = Array("LWMODEL\u{1a}".utf8)
  /// The artifact formats that this build writes and reads.
  public static let formatVersions: ClosedRange<UInt16> = 2...3

  private var format: UInt16 { family.constants.isNew || !learner.weights.isNone ? 3 : 2 }

  /// The whole model, optimiser state included: a model decoded from these bytes learns on bit for bit as this one
  /// would. The same model gives the same bytes.
  public func encoded() -> [UInt8] {
    var writer = ByteWriter(reserving: 1 << 17)
    writer.append(raw: Model.magic)
    writer.append(fixed: format)
    schema.encode(into: &writer)
    family.encode(into: &writer, format: format)
    writer.append(fixed: seed)
    if format >= 3 { learner.weights.encode(into: &writer) }
    writer.append(count: rowsLearned)
    learner.encode(into: &writer)
    writer.append(fixed: CRC32C.checksum(writer.bytes))
    return writer.bytes
  }

  /// Reads an artifact. Any bytes are safe: every count is checked against a limit and the bytes that are left, every
  /// number is finite and in its range.
  ///
  /// Throws an error of code `version` for another format, `damaged` for anything else that is not an artifact.
  public init(decoding bytes: ByteSlice) throws(ModelError) {
    let overhead = Model.magic.count + 6
    guard bytes.count >= overhead, bytes.prefix(Model.magic.count).elementsEqual(Model.magic) else {
      throw ModelError(.damaged, "these \(bytes.count) bytes are not a model artifact of Leeway's")
    }
    do {
      var reader = ByteReader(bytes.dropLast(4))
      _ = try reader.raw(Model.magic.count)
      let version = try reader.fixed(UInt16.self)
      guard Model.formatVersions.contains(version) else {
        throw ModelError(.version, Model.strange(version))
      }
      var end = ByteReader(bytes.suffix(4))
      guard try end.fixed(UInt32.self) == CRC32C.checksum(bytes.dropLast(4)) else {
        throw ModelError(.damaged, "the artifact's checksum is wrong: fetch it again")
      }
      self = try Model(from: &reader, format: version)
    } catch let error as ByteError {
      throw ModelError(.damaged, "the artifact cannot be read: \(error)")
    } catch let error as ModelError {
      throw error
    } catch {
      throw ModelError(.damaged, "the artifact cannot be read")
    }
  }

  private static func strange(_ version: UInt16) -> String {
    let remedy =
      version < formatVersions.lowerBound
      ? "score with the older build that wrote it, and train a new model, under a name of its own, with this one"
      : "use a build as new as the one that wrote it"
    return "the artifact is of format \(version), and this build reads formats \(formatVersions.lowerBound) to "
      + "\(formatVersions.upperBound): \(remedy)"
  }

  private init(from reader: inout ByteReader, format: UInt16) throws(ByteError) {
    schema = try Schema.decode(from: &reader)
    family = try Family(from: &reader, format: format)
    seed = try reader.fixed()
    let weights = format >= 3 ? try ClassWeights(from: &reader, task: schema.task) : .none
    guard format == 2 || family.constants.isNew || !weights.isNone else {
      throw reader.failure("format 3 where format 2 says all")
    }
    rowsLearned = try reader.index(upTo: 1 << 53)
    learner = try family.decodeLearner(from: &reader, schema: schema, seed: seed)
    learner.weights = weights
    try reader.expectEnd()
  }
}

extension Schema {
  func encode(into writer: inout ByteWriter) {
    switch task {
    case .regression: writer.append(0 as UInt8)
    case .binary: writer.append(1 as UInt8)
    case .multiclass(let classes):
      writer.append(2 as UInt8)
      writer.append(classes) { $0.append($1) }
    }
    writer.append(columns) { writer, column in
      writer.append(column.name)
      writer.append(column.kind.code)
    }
  }

  static func decode(from reader: inout ByteReader) throws(ByteError) -> Schema {
    let task: Task
    switch try reader.byte() {
    case 0: task = .regression
    case 1: task = .binary
    case 2:
      let classes = try reader.array { (reader: inout ByteReader) throws(ByteError) in try reader.string() }
      task = .multiclass(classes: classes)
    case let other: throw reader.failure("a task numbered \(other)")
    }
    let columns = try reader.array { (reader: inout ByteReader) throws(ByteError) in
      let name = try reader.string()
      guard let kind = Column.Kind(code: try reader.byte()) else { throw reader.failure("a column of no known kind") }
      return Column(name: name, kind: kind)
    }
    do {
      return try Schema(task: task, columns: columns)
    } catch {
      throw reader.failure(error.message)
    }
  }
}

extension Column.Kind {
  fileprivate var code: UInt8 {
    switch self {
    case .numeric: 0
    case .categorical: 1
    case .hashed: 2
    case .time: 3
    }
  }

  fileprivate init?(code: UInt8) {
    switch code {
    case 0: self = .numeric
    case 1: self = .categorical
    case 2: self = .hashed
    case 3: self = .time
    default: return nil
    }
  }
}
