import Bytes
import TestSupport
import Testing

@testable import Models

@Suite struct ArtifactTests {
  private func trained(_ task: Task, rows: Int = 60, family: Family = .small) throws -> Model {
    let schema = try Schema(task: task, columns: fewColumns)
    var model = Model(schema: schema, family: family)
    model.learn(fewRows(rows, seed: 40, schema: schema))
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
    let family = Family("golden") {
      $0.processNoises = [1e-4]
      $0.hasNetwork = false
      $0.levelLimit = 2
    }
    var model = Model(schema: schema, family: family, seed: 7)
    for (x, color, label) in [(0.5, "red", 1.0), (-2, "blue", 0), (1, "green", 1), (1.5, "red", 0)] {
      model.learn(schema.row(.number(x), .category(color)), .number(label))
    }
    model.learn(schema.row(.missing, .missing), .number(1))
    #expect(hexadecimal(model.encoded()) == Golden.binary)
    for text in [Golden.binary, Golden.first] {
      let golden = try #require(bytes(hexadecimal: text))
      #expect(try Model(decoding: golden[...]).encoded() == golden)
    }
  }

  /// Format 3: another link, class weights, a perceptron. Of the last only what is read is promised: what it learns
  /// depends on the machine's BLAS, but not what it says.
  @Test func goldenBytesOfFormat3() throws {
    let columns = [Column(name: "x", kind: .numeric), Column(name: "color", kind: .categorical)]
    let schema = try Schema(task: .regression, columns: columns)
    var counts = Model(schema: schema, family: .poisson, seed: 7)
    for (x, color, count) in [(0.5, "red", 3.0), (-2, "blue", 0), (1, "green", 5), (1.5, "red", 2)] {
      counts.learn(schema.row(.number(x), .category(color)), .number(count))
    }
    #expect(hexadecimal(counts.encoded()) == Golden.counts)
    let classes = try Schema(task: .binary, columns: columns)
    var weighed = Model(schema: classes, family: .linear, seed: 7)
    try weighed.weigh(.balanced)
    for (x, color, label) in [(0.5, "red", 1.0), (-2, "blue", 0), (1, "green", 1)] {
      weighed.learn(classes.row(.number(x), .category(color)), .number(label))
    }
    #expect(hexadecimal(weighed.encoded()) == Golden.weighed)
    let golden = try #require(bytes(hexadecimal: Golden.perceptron))
    let perceptron = try Model(decoding: golden[...])
    #expect(perceptron.encoded() == golden)
    let said = perceptron.predict(classes.row(.number(0.75), .category("red"))).number
    #expect(abs(said - Golden.perceptronScore) < 1e-12)
  }

  /// The default family's bytes of a thousand rows of every kind of column, the same in every build and on every machine.
  @Test(arguments: zip(everyTask, Golden.checksums))
  func goldenChecksums(task: Task, checksum: UInt32) throws {
    let schema = try Schema(task: task, columns: mixedColumns)
    var model = Model(schema: schema)
    model.learn(mixedRows(1_000, seed: 44, schema: schema))
    #expect(CRC32C.checksum(model.encoded().dropLast(4)) == checksum)
  }

  /// Found by mutation: the first number would have made a sum of squares negative, and the model's outputs no numbers.
  @Test func statisticsOfNoValueAreZero() throws {
    let untrained = Model(
      schema: try Schema(task: .regression, columns: [Column(name: "x", kind: .numeric)]),
      family: .linearMixture)
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

  /// Far more slots and classes than bytes: a network alone has weights for neither.
  @Test func networkOfManySlotsAndClassesIsReadBack() throws {
    let classes = (0..<256).map { "class-\($0)" }
    let schema = try Schema(task: .multiclass(classes: classes), columns: columns(.categorical, .hashed))
    var model = Model(schema: schema, family: .network)
    let rows = (0..<40).map { index in
      (schema.row(.category("level-\(index)"), .category("level-\(index)")), Target.category(classes[index]))
    }
    #expect(model.learn(rows) == 40)
    let bytes = model.encoded()
    #expect(bytes.count < 1_025 * 256)
    #expect(try Model(decoding: bytes[...]).encoded() == bytes)
  }

  @Test func artifactsAreReadFromTheMiddleOfABuffer() throws {
    let bytes = try trained(.binary).encoded()
    let buffer = [1, 2, 3] + bytes + [4, 5]
    #expect(try Model(decoding: buffer[3..<3 + bytes.count]).encoded() == bytes)
  }

  @Test(arguments: everyTask)
  func everyTruncationIsRefused(task: Task) throws {
    let bytes = try trained(task, rows: 12).encoded()
    for length in stride(from: 0, to: bytes.count, by: 1 + bytes.count / 1_500) {
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
    for _ in 0..<2_000 {
      var damaged = bytes
      damaged[random.below(bytes.count)] ^= 1 << UInt8(random.below(8))
      #expect(isRefused(damaged))
    }
  }

  /// Mutations behind a right checksum: each is refused or gives a model that works.
  @Test(arguments: everyTask, [Family.small, .perceptron, .poisson])
  func hostileBytesNeverCrash(task: Task, family: Family) throws {
    var random = SplitMix64(seed: 42)
    let bytes = try trained(task, rows: 20, family: family).encoded()
    var accepted = 0
    for round in 0..<1_000 {
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
    let head = Array("LWMODEL\u{1a}".utf8) + [2, 0]
    for _ in 0..<20_000 {
      let tail = (0..<random.below(200)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      #expect(isRefused(tail))
      #expect(isRefused(resealed(head + tail + [0, 0, 0, 0])))
    }
  }

  @Test func otherFormatIsNamed() throws {
    var bytes = try trained(.binary).encoded()
    bytes[8] = 1
    let error = #expect(throws: ModelError.self) { try Model(decoding: resealed(bytes)[...]) }
    #expect(error?.code == .version)
    #expect(error?.message.contains("format 1") == true && error?.message.contains("train a new model") == true)
  }
}
