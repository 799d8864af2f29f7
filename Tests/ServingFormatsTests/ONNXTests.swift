import Bytes
import Models
import TestSupport
import Testing

@testable import ServingFormats

@Suite("ONNX")
struct ONNXTests {
  private static let identity = ONNX.Identity(name: "m", version: 3, checksum: "5f", producerVersion: "1.2")

  private func file(_ model: Model) throws -> [UInt8] { try ONNX.encode(model, as: Self.identity) }

  /// The bytes that the reference implementation (the package onnx of PyPI) gives the same model.
  @Test("A small graph has the bytes of the reference implementation")
  func smallGraph() throws {
    var graph = Graph(name: "small", taken: ["k"])
    graph.input("k", .text)
    let level = graph.lookUp("k", [("", 300), ("é", 2)], other: -1, as: "level")
    let half = graph.node("ConstantOfShape", level, as: "half", [("value", .tensor(Graph.Tensor(0.5 as Float)))])
    let wide = graph.node("Cast", half, as: "wide", [("to", .integer(11))])
    let two = graph.constant([2, -0.25], [1, 2], as: "two")
    graph.output("score", .double, width: 2, from: graph.node("Mul", wide, two, as: "product"))
    let header = ModelHeader(
      producer: "leeway", producerVersion: "1.2", domain: "leeway", version: 7, description: "What it says.",
      properties: [("name", "small")])
    let golden = """
      080812066c65657761791a03312e3222066c65657761792807320d5768617420697420736179732e3aef030a8a010a016b12
      0c6c65657761792f6c6576656c1a0c6c65657761792f6c6576656c220c4c6162656c456e636f6465722a1d0a0d6465666175
      6c745f696e74363418ffffffffffffffffff01a001022a170a0c6b6579735f737472696e67734a004a02c3a9a001082a170a
      0d76616c7565735f696e7436347340ac024002a001073a0a61692e6f6e6e782e6d6c0a510a0c6c65657761792f6c6576656c
      120b6c65657761792f68616c661a0b6c65657761792f68616c66220f436f6e7374616e744f6653686170652a160a0576616c
      75652a0a080110014a040000003fa001040a380a0b6c65657761792f68616c66120b6c65657761792f776964651a0b6c6565
      7761792f776964652204436173742a090a02746f180ba001020a3e0a0b6c65657761792f776964650a0a6c65657761792f74
      776f120e6c65657761792f70726f647563741a0e6c65657761792f70726f6475637422034d756c0a300a0e6c65657761792f
      70726f64756374120573636f72651a0d6c65657761792f6f757470757422084964656e746974791205736d616c6c2a240801
      0802100b420a6c65657761792f74776f4a100000000000000040000000000000d0bf5a170a016b12120a100808120c0a0612
      04726f77730a020801621b0a0573636f726512120a10080b120c0a061204726f77730a02080242040a001011420e0a0a6169
      2e6f6e6e782e6d6c1003720d0a046e616d651205736d616c6c
      """
    #expect(hexadecimal(graph.encoded(header)) == String(golden.filter { !$0.isWhitespace }))
  }

  @Test("The same model gives the same file, a decoded one too, and one more row another", arguments: everyTask)
  func deterministic(task: Task) throws {
    for family in Family.all(for: task) {
      var model = try oddModel(family, task, rows: 120)
      let bytes = try file(model)
      #expect(try file(model) == bytes)
      let encoded = model.encoded()
      #expect(try file(Model(decoding: encoded[...])) == bytes)
      let values = oddValues(1, seed: 12)[0]
      model.learn(model.schema.row(values), target(values, task))
      #expect(try file(model) != bytes)
    }
  }

  @Test("Every family's graph is whole: names defined once and before use, tensors as long as they say, finite")
  func structure() throws {
    for (task, family) in everyTask.flatMap({ task in Family.all(for: task).map { (task, $0) } }) {
      for rows in [0, 1, 150] {
        let model = try oddModel(family, task, rows: rows)
        let file = try ModelFile(file(model))
        #expect(file.inputs == model.schema.columns.map(\.name) && file.output == "score_")
        for tensor in file.tensors where !["leeway/hats/grid", "leeway/hats/points"].contains(tensor.name) {
          let isFinite = tensor.values.allSatisfy(\.isFinite)
          #expect(isFinite, "\(tensor.name)")
        }
      }
    }
  }

  @Test("The file says what it is: producer, versions, properties, the classes in order")
  func header() throws {
    let model = try oddModel(.linear, everyTask[2], rows: 20)
    let message = try ModelFile(file(model)).message
    #expect(message.integers(1) == [8] && message.integers(5) == [3])
    #expect(message.texts(2) == ["leeway"] && message.texts(3) == ["1.2"])
    let operators = try message.messages(8).map { ($0.texts(1), $0.integers(2)) }
    #expect(operators.map(\.0) == [[""], ["ai.onnx.ml"]] && operators.map(\.1) == [[17], [3]])
    let properties = try message.messages(14).map { ($0.texts(1) + $0.texts(2)) }
    #expect(
      properties == [
        ["name", "m"], ["version", "3"], ["artifact_sha256", "5f"], ["family", "linear"], ["task", "multiclass"],
        ["rows_learned", "20"], ["classes", #"["a","b","c d"]"#],
      ])
  }

  @Test("No name of a column meets one of the graph's own")
  func names() throws {
    let names = ["score", "score_", "leeway/numbers", "_leeway/base", "leeway/output", "shape", "rows"]
    let schema = try Schema(task: .binary, columns: names.map { Column(name: $0, kind: .numeric) })
    let file = try ModelFile(file(Model(schema: schema)))
    #expect(file.inputs == names && file.output == "score__")
    let long = String(repeating: "é", count: 128)
    _ = try ModelFile(self.file(Model(schema: Schema(task: .binary, columns: [Column(name: long, kind: .time)]))))
  }

  @Test("What ONNX cannot express is refused by the column's name")
  func refused() throws {
    for (column, code) in [
      (Column(name: "user", kind: .hashed), FormatError.Code.column), (Column(name: "a\0b", kind: .numeric), .name),
    ] {
      let schema = try Schema(task: .binary, columns: [Column(name: "x", kind: .numeric), column])
      let error = #expect(throws: FormatError.self) { try file(Model(schema: schema)) }
      #expect(error?.code == code && error?.message.contains(code == .column ? "user" : #"a\0b"#) == true)
    }
  }

  @Test("Of thousands of levels each that has a weight has a key, the empty text is missing, and no other key is there")
  func levels() throws {
    let schema = try Schema(task: .binary, columns: [Column(name: "k", kind: .categorical)])
    var model = Model(schema: schema, family: .linear)
    model.learn((0..<3_000).map { (schema.row([.category($0 == 7 ? "" : "n\($0)")]), .number(Double($0 % 2))) })
    let graph = try #require(try Message(file(model)).messages(7).first)
    let node = try #require(try graph.messages(1).first { $0.texts(4) == ["LabelEncoder"] })
    let attributes = try node.messages(5)
    let keys = attributes.flatMap { $0.texts(9) }
    // A thousand levels of a column have weights of their own; the empty one is among the first thousand.
    #expect(keys == [""] + (0..<1_000).filter { $0 != 7 }.map { "n\($0)" })
    #expect(attributes.flatMap { $0.integers(8) } == [2] + (3..<1_003).filter { $0 != 10 })
    #expect(attributes.flatMap { $0.integers(3) } == [1])
  }

  @Test("Models of mutated artifacts, however odd, give whole files")
  func hostileArtifacts() throws {
    var random = SplitMix64(seed: 21)
    var accepted = 0
    let bytes = try oddModel(.mixture, .binary, rows: 60, levels: 4).encoded()
    for _ in 0..<300 {
      var damaged = Array(bytes.dropLast(4))
      for _ in 0...random.below(3) {
        damaged[10 + random.below(damaged.count - 10)] = UInt8(truncatingIfNeeded: random.next())
      }
      var writer = ByteWriter()
      writer.append(raw: damaged)
      writer.append(fixed: CRC32C.checksum(damaged))
      let sealed = writer.bytes
      guard let model = try? Model(decoding: sealed[...]), let file = try? file(model) else { continue }
      accepted += 1
      _ = try ModelFile(file)
    }
    #expect(accepted > 50)
  }
}
