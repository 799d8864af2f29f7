import Bytes
import Models
import TestSupport
import Testing

@Suite struct ArtifactTests {
  private func trained(_ task: Task, rows: Int = 60) throws -> Model {
    let schema = try Schema(task: task, columns: mixedColumns)
    var model = Model(schema: schema, family: try Family(processNoises: [1e-4, 1e-3], levelLimit: 8))
    model.learn(mixedRows(rows, seed: 40, schema: schema))
    return model
  }

  private func isRefused(_ bytes: [UInt8]) -> Bool {
    do {
      _ = try Model(decoding: bytes[...])
      return false
    } catch {
      return error.code == .damaged || error.code == .version
    }
  }

  /// A decoded model, however odd, must score and learn without a crash or a number that is not finite.
  private func exercise(_ model: Model) {
    var model = model
    for values in [[Value.number(1), .number(-1e300), .category("level-1")], [.missing, .category("x")], []] {
      let row = model.schema.row(from: zip(model.schema.columns, values).map { (name: $0.name, value: $1) })
      #expect(model.predict(row).isFinite)
      for target in [Target.number(1), .category("b")] { model.learn(row, target) }
      #expect(model.predict(row).isFinite)
    }
  }

  @Test func goldenBytes() throws {
    let schema = try Schema(
      task: .binary, columns: [Column(name: "x", kind: .numeric), Column(name: "color", kind: .categorical)])
    var model = Model(schema: schema, family: try Family(processNoises: [1e-4, 0.5], levelLimit: 2))
    for (x, color, label) in [(0.5, "red", 1.0), (-2, "blue", 0), (1, "green", 1), (1.5, "red", 0)] {
      model.learn(schema.row(.number(x), .category(color)), .number(label))
    }
    model.learn(schema.row(.missing, .missing), .number(1))
    let hex = model.encoded().map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    #expect(hex == Golden.binary)
    let bytes = stride(from: 0, to: Golden.binary.count, by: 2).compactMap { offset in
      UInt8(Golden.binary.dropFirst(offset).prefix(2), radix: 16)
    }
    #expect(try Model(decoding: bytes[...]).encoded() == bytes)
  }

  /// Found by mutation: the first number would have made a sum of squares negative, and the model's outputs no numbers.
  @Test func statisticsOfNoValueAreZero() throws {
    let untrained = Model(
      schema: try Schema(task: .regression, columns: [Column(name: "x", kind: .numeric)]),
      family: try Family(processNoises: [1e-4]))
    let bytes = Array(untrained.encoded().dropLast(4))
    var refused = 0
    for start in 0...(bytes.count - 8) where bytes[start..<start + 8].allSatisfy({ $0 == 0 }) {
      var altered = bytes
      altered.replaceSubrange(start..<start + 8, with: withUnsafeBytes(of: 1e77.bitPattern.littleEndian) { Array($0) })
      var writer = ByteWriter()
      writer.append(raw: altered)
      writer.append(fixed: CRC32C.checksum(altered))
      guard var model = try? Model(decoding: writer.bytes[...]) else {
        refused += 1
        continue
      }
      let row = model.schema.row(from: [(name: "x", value: .number(1))])
      model.learn(row, .number(1))
      #expect(model.predict(row).isFinite)
    }
    #expect(refused > 0)
  }

  @Test func artifactsAreReadFromTheMiddleOfABuffer() throws {
    let bytes = try trained(.binary).encoded()
    let buffer = [1, 2, 3] + bytes + [4, 5]
    #expect(try Model(decoding: buffer[3..<3 + bytes.count]).encoded() == bytes)
  }

  @Test(arguments: everyTask)
  func everyTruncationIsRefused(task: Task) throws {
    let bytes = try trained(task).encoded()
    for length in 0..<bytes.count {
      #expect(isRefused(Array(bytes.prefix(length))))
      #expect(isRefused(resealed(Array(bytes.prefix(length)))))
    }
    #expect(isRefused(bytes + [0]))
    #expect(isRefused(resealed(bytes + [0])))
  }

  @Test(arguments: everyTask)
  func everyFlippedBitIsRefused(task: Task) throws {
    var random = SplitMix64(seed: 41)
    let bytes = try trained(task).encoded()
    for _ in 0..<10_000 {
      var damaged = bytes
      damaged[random.below(bytes.count)] ^= 1 << UInt8(random.below(8))
      #expect(isRefused(damaged))
    }
  }

  /// Mutations behind a right checksum: each is refused or gives a model that works.
  @Test(arguments: everyTask)
  func hostileBytesNeverCrash(task: Task) throws {
    var random = SplitMix64(seed: 42)
    let bytes = try trained(task).encoded()
    var accepted = 0
    for round in 0..<8_000 {
      var damaged = bytes
      for _ in 0...random.below(4) {
        // The front, where counts and names are, as often as the numbers behind it.
        let position = 10 + random.below(round.isMultiple(of: 2) ? 160 : bytes.count - 14)
        switch random.below(4) {
        case 0: damaged[position] = 0xff
        case 1: damaged[position] ^= 1 << UInt8(random.below(8))
        case 2: damaged[position] = UInt8(truncatingIfNeeded: random.next())
        default: damaged.remove(at: position)
        }
      }
      guard let model = try? Model(decoding: resealed(damaged)[...]) else { continue }
      accepted += 1
      exercise(model)
    }
    #expect(accepted > 100)
  }

  @Test func randomBytesAreRefused() {
    var random = SplitMix64(seed: 43)
    let head = Array("LWMODEL\u{1a}".utf8) + [1, 0]
    for _ in 0..<20_000 {
      let tail = (0..<random.below(200)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      #expect(isRefused(tail))
      #expect(isRefused(resealed(head + tail + [0, 0, 0, 0])))
    }
  }

  @Test func otherFormatIsNamed() throws {
    var bytes = try trained(.binary).encoded()
    bytes[8] = 2
    let error = #expect(throws: ModelError.self) { try Model(decoding: resealed(bytes)[...]) }
    #expect(error?.code == .version)
  }
}
