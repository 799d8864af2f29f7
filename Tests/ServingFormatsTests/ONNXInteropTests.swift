import Foundation
import Models
import ServingFormats
import Testing

enum Interop {
  static let folder = ProcessInfo.processInfo.environment["LEEWAY_INTEROP"].map { URL(fileURLWithPath: $0) }
}

/// Leaves models and Leeway's own scores for `Tests/interop/serving.py`, which has onnxruntime score the same rows, in the
/// folder that `LEEWAY_INTEROP` names; `Tests/interop/run.sh` runs both sides.
@Suite("ONNX: interop", .enabled(if: Interop.folder != nil))
struct ONNXInteropTests {
  /// Raw values and scores, all as texts: JSON has no number for some of them.
  private struct Rows: Encodable {
    var columns: [String: [String]] = [:]
    var scores: [[String]] = []
  }

  private static func text(_ value: Value, _ kind: Column.Kind) -> String {
    switch value {
    case .number(let number): "\(number)"
    case .category(let text): text
    case .missing: kind == .categorical ? "" : "nan"
    }
  }

  private static func leave(_ model: Model, _ rows: [[Value]], _ name: String) throws {
    let folder = try #require(Interop.folder)
    let identity = ONNX.Identity(name: name, version: 1, checksum: "", producerVersion: "test")
    try Data(ONNX.encode(model, as: identity)).write(to: folder.appending(path: "\(name).onnx"))
    var left = Rows()
    for (place, column) in model.schema.columns.enumerated() {
      left.columns[column.name] = rows.map { text($0[place], column.kind) }
    }
    left.scores = model.predict(rows.map { model.schema.row($0) }).map { output in
      switch output {
      case .number(let number): ["\(number)"]
      case .probabilities(let all): all.map { "\($0)" }
      }
    }
    try JSONEncoder().encode(left).write(to: folder.appending(path: "\(name).json"))
  }

  @Test("Models of every family and task are left for the runtime, with familiar rows, new ones and hostile ones")
  func leave() throws {
    for (task, family) in everyTask.flatMap({ task in Family.all(for: task).map { (task, $0) } }) {
      for learned in [0, 40, 2_500] {
        let model = try oddModel(family, task, rows: learned, levels: 1_500)
        let rows = oddValues(300, seed: 11) + oddValues(300, seed: 12, levels: 3_000) + hostileValues()
        try Self.leave(model, rows, "\(family.name)-\(task.name)-\(learned)")
      }
    }
  }

  @Test("A model of names alone, of times alone and of one number, and one of many classes")
  func narrow() throws {
    let classes = (0..<40).map { "class \($0)" }
    for kind in [Column.Kind.numeric, .categorical, .time] {
      let schema = try Schema(task: .multiclass(classes: classes), columns: [Column(name: "x", kind: kind)])
      let place = kind == .numeric ? 1 : kind == .time ? 3 : 0
      let values = (oddValues(400, seed: 13) + hostileValues()).map { [$0[place]] }
      var model = Model(schema: schema)
      model.learn(values.enumerated().map { (schema.row($1), .category(classes[$0 % 40])) })
      try Self.leave(model, values, "narrow-\(kind.rawValue)")
    }
  }
}
