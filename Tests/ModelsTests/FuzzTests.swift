import Bytes
import Models
import TestSupport
import Testing

@Suite("Hostile bytes in place of an artifact")
struct FuzzTests {
  /// Under a checksum that is right, as one who can write artifacts would make it.
  @Test func artifacts() throws {
    let corpus = try everyTask.flatMap { task in
      try [0, 3, 40].map { rows in
        let schema = try Schema(task: task, columns: fewColumns)
        var model = Model(schema: schema, family: .small)
        model.learn(fewRows(rows, seed: 70, schema: schema))
        return Array(model.encoded().dropLast(4))
      }
    }
    let others = try [Family.network, .linear, .perceptron, .poisson].flatMap { family in
      try everyTask.map { task in
        let schema = try Schema(task: task, columns: columns(.numeric, .categorical, .time))
        var model = Model(schema: schema, family: family)
        if task != .regression { try model.weigh(family == .linear ? .balanced : .none) }
        model.learn(fewRows(20, seed: 71, schema: schema))
        return Array(model.encoded().dropLast(4))
      }
    }
    let result = Fuzz.run("models artifacts", corpus + others, rounds: 2_000) { bytes in
      var writer = ByteWriter()
      writer.append(raw: bytes)
      writer.append(fixed: CRC32C.checksum(bytes))
      var model = try Model(decoding: writer.bytes[...])
      for values in [[Value.number(1), .number(-1e300), .category("level-1")], [.missing, .category("x")], []] {
        let row = model.schema.row(from: zip(model.schema.columns, values).map { (name: $0.name, value: $1) })
        #expect(model.predict(row).isFinite)
        for target in [Target.number(1), .category("b")] { model.learn(row, target) }
        #expect(model.predict(row).isFinite)
      }
      _ = model.encoded()
    }
    #expect(result.taken > 0, "no mutation reaches beyond the decoder")
  }
}
