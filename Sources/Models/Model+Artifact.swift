public import Bytes

// An artifact: magic, format version, schema, family, rows learned, target scale, encoder, experts, mixer, CRC-32C of
// all before it. Integers are LEB128, numbers IEEE 754 doubles, little-endian.
extension Model {
  private static let magic: [UInt8] = Array("LWMODEL\u{1a}".utf8)
  /// The artifact format that this build writes and reads.
  public static let formatVersion: UInt16 = 1

  /// The whole model, optimiser state included: a model decoded from these bytes learns on bit for bit as this one
  /// would. The same model gives the same bytes.
  public func encoded() -> [UInt8] {
    var writer = ByteWriter(reserving: 1_024 + 8 * encoder.width * (1 + 2 * experts.lanes))
    writer.append(raw: Model.magic)
    writer.append(fixed: Model.formatVersion)
    schema.encode(into: &writer)
    family.encode(into: &writer)
    writer.append(count: rowsLearned)
    target.encode(into: &writer)
    encoder.encode(into: &writer)
    experts.encode(into: &writer)
    mixer.encode(into: &writer)
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
      guard version == Model.formatVersion else {
        throw ModelError(
          .version, "artifact format \(version); this build reads \(Model.formatVersion): use the build that wrote it")
      }
      var end = ByteReader(bytes.suffix(4))
      guard try end.fixed(UInt32.self) == CRC32C.checksum(bytes.dropLast(4)) else {
        throw ModelError(.damaged, "the artifact's checksum is wrong: fetch it again")
      }
      self = try Model(from: &reader)
    } catch let error as ByteError {
      throw ModelError(.damaged, "the artifact cannot be read: \(error)")
    } catch let error as ModelError {
      throw error
    } catch {
      throw ModelError(.damaged, "the artifact cannot be read")
    }
  }

  private init(from reader: inout ByteReader) throws(ByteError) {
    schema = try Schema.decode(from: &reader)
    family = try Family.decode(from: &reader)
    labels = Labels(schema.task)
    rowsLearned = try reader.index()
    guard rowsLearned <= 1 << 53 else { throw reader.failure("\(rowsLearned) rows learned") }
    target = try Moments(from: &reader)
    encoder = try Encoder(from: &reader, schema: schema, family: family)
    experts = try KalmanExperts(
      from: &reader, task: schema.task, family: family, width: encoder.width, rows: rowsLearned)
    mixer = try Mixer(from: &reader, task: schema.task, family: family)
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
      writer.append(column.kind == .categorical)
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
      return Column(name: name, kind: try reader.bool() ? .categorical : .numeric)
    }
    do {
      return try Schema(task: task, columns: columns)
    } catch {
      throw reader.failure(error.message)
    }
  }
}
