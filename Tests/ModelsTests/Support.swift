import Bytes
import TestSupport

@testable import Models

func columns(_ kinds: Column.Kind...) -> [Column] {
  kinds.enumerated().map { Column(name: "c\($0)", kind: $1) }
}

extension Schema {
  func row(_ values: Value...) -> Row {
    row(from: zip(columns, values).map { (name: $0.name, value: $1) })
  }
}

extension Output {
  var number: Double {
    if case .number(let value) = self { value } else { .nan }
  }

  var all: [Double] {
    switch self {
    case .number(let value): [value]
    case .probabilities(let values): values
    }
  }

  var isFinite: Bool { all.allSatisfy { $0.isFinite } }
}

extension Task {
  static let three = Task.multiclass(classes: ["a", "b", "c"])
}

/// Bytes with a checksum that fits them.
func resealed(_ bytes: [UInt8]) -> [UInt8] {
  var writer = ByteWriter()
  writer.append(raw: bytes.dropLast(4))
  writer.append(fixed: CRC32C.checksum(bytes.dropLast(4)))
  return writer.bytes
}

/// Rows over two numeric and two categorical columns whose labels depend on all four.
func mixedRows(_ count: Int, seed: UInt64, schema: Schema) -> [(Row, Target)] {
  var random = SplitMix64(seed: seed)
  return (0..<count).map { _ in
    let x = random.normal()
    let y = 100 + 20 * random.normal()
    let level = random.below(6)
    let other = random.below(200)
    let row = schema.row(
      random.below(20) == 0 ? .missing : .number(x), .number(y), .category("level-\(level)"),
      random.below(30) == 0 ? .missing : .category("k\(other)"))
    let score = x - (y - 100) / 20 + (level < 2 ? 1.5 : -0.5) + 0.5 * random.normal()
    return (row, target(score, of: schema.task))
  }
}

private func target(_ score: Double, of task: Task) -> Target {
  switch task {
  case .regression: .number(1_000 + 50 * score)
  case .binary: .number(score > 0 ? 1 : 0)
  case .multiclass(let classes): .category(classes[min(classes.count - 1, max(0, Int((score + 2).rounded(.down))))])
  }
}

/// Rows over one numeric and one categorical column: artifacts of them are short.
func fewRows(_ count: Int, seed: UInt64, schema: Schema) -> [(Row, Target)] {
  var random = SplitMix64(seed: seed)
  return (0..<count).map { _ in
    let x = random.normal()
    return (schema.row(.number(x), .category("level-\(random.below(4))")), target(x, of: schema.task))
  }
}

let fewColumns = columns(.numeric, .categorical)
let mixedColumns = columns(.numeric, .numeric, .categorical, .categorical)
let everyTask: [Task] = [.regression, .binary, .three]

extension Family {
  /// Every part of the mixture, few of each.
  static let small = Family("small") {
    $0.processNoises = [1e-4, 1e-3]
    $0.levelLimit = 3
  }

  /// Of few units: artifacts of it are short.
  static let perceptron = Family("perceptron") {
    ($0.processNoises, $0.hidden, $0.levelLimit) = ([], [8, 8], 3)
    ($0.hasLeader, $0.hasHats, $0.hasNetwork) = (false, false, false)
  }
}
