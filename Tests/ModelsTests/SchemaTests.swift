import Models
import TestSupport
import Testing

@Suite struct ValueTests {
  @Test(arguments: [
    ("3", Value.number(3)), (" 2.5 ", .number(2.5)), ("-1e3", .number(-1_000)), ("+.5", .number(0.5)),
    ("\t7\r", .number(7)), ("1e999", .missing), ("", .missing), ("  ", .missing), ("NA", .missing), ("nan", .missing),
    ("inf", .missing), ("0x10", .missing), ("1-2", .missing), ("-", .missing), (".", .missing), ("1 2", .missing),
    ("12,5", .missing),
  ])
  func numericColumnsReadDecimalText(text: String, value: Value) throws {
    let schema = try Schema(task: .regression, columns: columns(.numeric))
    #expect(schema.row(.category(text)).values == [value])
  }

  @Test(arguments: [
    (3.0, "3"), (-0.0, "0"), (0.5, "0.5"), (-7.25, "-7.25"), (1e20, "1e+20"), (0.1 + 0.2, "0.30000000000000004"),
    (9_007_199_254_740_991, "9007199254740991"),
  ])
  func numbersHaveShortestText(number: Double, text: String) {
    #expect(Value.text(of: number) == text)
    #expect(Double(text) == number)
  }
}

@Suite struct SchemaTests {
  typealias Features = [(name: String, value: Value)]

  @Test func inferenceKeepsOrderOfAppearanceAndSeesStringsAnywhere() throws {
    let rows: [Features] = [
      [("z", .number(1)), ("a", .missing)],
      [("b", .number(2)), ("a", .category("x")), ("gone", .category("y"))],
      [("code", .number(3))],
    ]
    let schema = try Schema.infer(task: .binary, rows: rows, categorical: ["code"], dropped: ["gone"])
    #expect(schema.columns.map(\.name) == ["z", "a", "b", "code"])
    #expect(schema.columns.map(\.kind) == [.numeric, .categorical, .numeric, .categorical])
  }

  @Test func inferenceRefusesWhatCannotBe() throws {
    let rows: [Features] = [[("a", .number(1))]]
    #expect(throws: ModelError.self) { try Schema.infer(task: .binary, rows: rows, categorical: ["b"]) }
    #expect(throws: ModelError.self) { try Schema.infer(task: .binary, rows: rows, numeric: ["b"]) }
    let texts: [[(name: String, value: Value)]] = [[("a", .number(1))], [("a", .category("x"))]]
    #expect(try Schema.infer(task: .binary, rows: texts).columns.map(\.kind) == [.categorical])
    let decreed = try Schema.infer(task: .binary, rows: texts, numeric: ["a"])
    #expect(decreed.columns.map(\.kind) == [.numeric])
    #expect(decreed.row(from: texts[1]) == decreed.row(from: []))
    #expect(throws: ModelError.self) { try Schema.infer(task: .binary, rows: rows, dropped: ["a"]) }
    #expect(throws: ModelError.self) { try Schema.infer(task: .binary, rows: [Features]()) }
  }

  @Test func badSchemasAreRefused() {
    let column = Column(name: "a", kind: .numeric)
    let hashed = (0..<64).map { Column(name: "\($0)", kind: .hashed) }
    let bad: [(Task, [Column])] = [
      (.binary, []), (.binary, [column, column]), (.binary, [Column(name: "", kind: .numeric)]),
      (.binary, [Column(name: String(repeating: "x", count: 257), kind: .numeric)]),
      (.binary, (0...4_096).map { Column(name: "\($0)", kind: .numeric) }),
      (.multiclass(classes: ["x"]), [column]), (.multiclass(classes: ["x", "x"]), [column]),
      (.multiclass(classes: (0...256).map(String.init)), [column]),
      // 64 · 1,025 slots of 64 classes; one class fewer fits.
      (.multiclass(classes: (0..<64).map(String.init)), hashed),
    ]
    #expect(throws: Never.self) {
      try Schema(task: .multiclass(classes: (0..<63).map(String.init)), columns: hashed)
    }
    for (task, columns) in bad {
      #expect(throws: ModelError.self) { try Schema(task: task, columns: columns) }
    }
  }

  @Test func rowsComeOutTheSameInAnyOrderOfNames() throws {
    let schema = try Schema(
      task: .regression, columns: (0..<7).map { Column(name: "c\($0)", kind: $0 < 4 ? .numeric : .categorical) })
    var features: Features = (0..<7).map { ("c\($0)", $0 < 4 ? .number(Double($0)) : .category("v\($0)")) }
    let expected = schema.row(from: features)
    #expect(expected.values == features.map(\.value))
    features.append(("unknown", .number(9)))
    var random = SplitMix64(seed: 3)
    for _ in 0..<200 {
      features.shuffle(using: &random)
      #expect(schema.row(from: features) == expected)
    }
  }

  @Test func absentNamesAreMissingAndTheLastOfRepeatedOnesCounts() throws {
    let schema = try Schema(task: .regression, columns: columns(.numeric, .numeric, .categorical))
    #expect(schema.row(from: Features()).values == [.missing, .missing, .missing])
    let row = schema.row(from: [("c1", .number(1)), ("c1", .number(2)), ("c0", .number(3))])
    #expect(row.values == [.number(3), .number(2), .missing])
  }

  @Test(arguments: [
    (Value.number(0.5), Value.number(0.5), Value.category("0.5")), (.number(3), .number(3), .category("3")),
    (.number(.nan), .missing, .missing), (.number(-.infinity), .missing, .missing),
    (.category("12"), .number(12), .category("12")), (.category("x"), .missing, .category("x")),
    (.category("1e400"), .missing, .category("1e400")), (.category(""), .missing, .category("")),
    (.missing, .missing, .missing),
  ])
  func valuesAreFittedToTheirColumn(value: Value, numeric: Value, categorical: Value) throws {
    let schema = try Schema(task: .regression, columns: columns(.numeric, .categorical))
    #expect(schema.row(value, value).values == [numeric, categorical])
  }
}

@Suite struct TaskTests {
  @Test(arguments: [
    (Task.regression, Value.number(2.5), Target.number(2.5)), (.regression, .category("-3"), .number(-3)),
    (.binary, .number(1), .number(1)), (.binary, .category("0"), .number(0)), (.binary, .category("true"), .number(1)),
    (.binary, .category("false"), .number(0)), (.three, .category("b"), .category("b")),
    (.multiclass(classes: ["1", "2"]), .number(2), .category("2")),
  ])
  func targetsAreTaken(task: Task, value: Value, target: Target) throws {
    #expect(try task.target(value) == target)
  }

  @Test(arguments: [
    (Task.regression, Value.missing), (.regression, .number(.nan)), (.regression, .number(.infinity)),
    (.regression, .category("x")), (.binary, .number(0.5)), (.binary, .number(.nan)), (.binary, .category("yes")),
    (.binary, .missing), (.three, .category("d")), (.three, .number(1)), (.three, .missing),
  ])
  func targetsAreRefused(task: Task, value: Value) throws {
    let error = #expect(throws: ModelError.self) { try task.target(value) }
    #expect(error?.code == .target)
  }

  @Test func classificationIsInferred() throws {
    #expect(try Task.classification(labels: [.number(0), .category("1"), .missing]) == .binary)
    #expect(try Task.classification(labels: [.number(1)]) == .binary)
    let task = try Task.classification(labels: [.number(2), .number(1), .category("b"), .category("a")])
    #expect(task == .multiclass(classes: ["1", "2", "a", "b"]))
    #expect(throws: ModelError.self) { try Task.classification(labels: [.category("a")]) }
    #expect(throws: ModelError.self) { try Task.classification(labels: [Value]()) }
    #expect(throws: ModelError.self) { try Task.classification(labels: (0..<1_000).map { .number(Double($0)) }) }
  }

  @Test func namesAreStable() {
    #expect(everyTask.map(\.name) == ["regression", "binary", "multiclass"])
  }
}
