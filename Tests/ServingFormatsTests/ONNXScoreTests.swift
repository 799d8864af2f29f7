import Models
import Testing

@testable import ServingFormats

/// What a graph computes, by an evaluator that knows nothing of models, against what the model says.
@Suite("ONNX: scores")
struct ONNXScoreTests {
  private func expectAgreement(_ model: Model, _ rows: [[Value]], _ place: SourceLocation = #_sourceLocation) throws {
    let identity = ONNX.Identity(name: "m", version: nil, checksum: "", producerVersion: "")
    let evaluator = try Evaluator(ONNX.encode(model, as: identity))
    var inputs: [String: Tensor] = [:]
    for (index, column) in model.schema.columns.enumerated() {
      inputs[column.name] = tensor(rows.map { $0[index] }, column.kind)
    }
    let found = try evaluator(inputs)
    #expect(found.count == rows.count, sourceLocation: place)
    for (values, row) in zip(found, rows) {
      let expected =
        switch model.predict(model.schema.row(row)) {
        case .number(let number): [number]
        case .probabilities(let all): all
        }
      let isClose = zip(values, expected).allSatisfy { abs($0 - $1) <= 1e-13 * max(1, abs($1)) }
      #expect(isClose && values.count == expected.count, "\(row): \(values), \(expected)", sourceLocation: place)
    }
  }

  private func tensor(_ values: [Value], _ kind: Column.Kind) -> Tensor {
    if kind == .categorical {
      return Tensor(texts: values.map { if case .category(let text) = $0 { text } else { "" } })
    }
    return Tensor(numbers: values.map { if case .number(let number) = $0 { number } else { .nan } })
  }

  @Test("Every family and task, untrained, hardly trained and trained: familiar rows, new ones and hostile ones")
  func agreement() throws {
    for (task, family) in everyTask.flatMap({ task in Family.all(for: task).map { (task, $0) } }) {
      for learned in [0, 30, 250] {
        let model = try oddModel(family, task, rows: learned)
        try expectAgreement(model, oddValues(8, seed: 11) + oddValues(4, seed: 12, levels: 900) + hostileValues())
      }
    }
  }

  @Test("One column of each kind alone, with as many classes as one likes")
  func narrow() throws {
    let classes = (0..<20).map { "class \($0)" }
    for (kind, place) in [(Column.Kind.numeric, 1), (.categorical, 0), (.time, 3)] {
      let schema = try Schema(task: .multiclass(classes: classes), columns: [Column(name: "x", kind: kind)])
      let values = (oddValues(200, seed: 13) + hostileValues()).map { [$0[place]] }
      var model = Model(schema: schema)
      model.learn(values.enumerated().map { (schema.row($1), .category(classes[$0 % 20])) })
      try expectAgreement(model, Array(values.suffix(40)))
    }
  }

  @Test("Columns whose values are one, two or three, far apart or huge: with hats and without")
  func fewValues() throws {
    let sets: [[Double]] = [
      [7], [0, 1], [-1, 0, 1], [1e12, 1e12 + 1, -3], [1e100, -1e100, 0], [1e-12, 2e-12, 3e-12],
    ]
    let schema = try Schema(
      task: .regression, columns: sets.indices.map { Column(name: "c\($0)", kind: .numeric) })
    let rows = (0..<250).map { row in sets.map { Value.number($0[row % $0.count]) } }
    var model = Model(schema: schema, family: .linearMixture)
    model.learn(rows.enumerated().map { (schema.row($1), .number(Double($0 % 3))) })
    let between = sets.map { Value.number($0.reduce(0, +) / Double($0.count) * 0.9) }
    let hostile = hostileValues().map { values in sets.indices.map { _ in values[1] } }
    try expectAgreement(model, rows.suffix(6) + [between] + hostile)
  }
}
