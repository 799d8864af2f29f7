import Bytes

/// How much a row counts in learning, by its class.
///
/// A model that weighs classes predicts as if they were as frequent as their weights make them: its probabilities are not
/// those of the stream any more.
public struct ClassWeights: Hashable, Sendable {
  /// What is asked for.
  public enum Rule: Hashable, Sendable {
    /// Every row counts alike.
    case none
    /// A class counts n/(k·nᶜ), with n rows learned, k classes and nᶜ rows of this one: all classes together as much as
    /// any other.
    case balanced
    /// By class; one that is not named counts 1.
    case fixed([String: Double])
  }

  /// The least weight that can be asked for, and the largest that counts.
  public static let range = 1e-3...1e3

  /// By class; empty unless fixed.
  private let fixed: [Float]
  /// Rows learned by class; empty unless balanced.
  private var counts: [Int]

  /// Every row counts alike.
  static let none = ClassWeights(fixed: [], counts: [])

  public var isNone: Bool { fixed.isEmpty && counts.isEmpty }

  private init(fixed: [Float], counts: [Int]) {
    self.fixed = fixed
    self.counts = counts
  }

  /// Throws an error of code `schema` where the task has no classes, or not these, or a weight is out of `range`.
  public init(_ rule: Rule, task: Task) throws(ModelError) {
    switch rule {
    case .none: self = .none
    case .balanced: self.init(fixed: [], counts: [Int](repeating: 0, count: try Self.classes(of: task).count))
    case .fixed(let weights):
      let classes = try Self.classes(of: task)
      if let other = weights.keys.filter({ !classes.contains($0) }).min() {
        throw ModelError(.schema, "a weight for \"\(other)\", which is no class; the classes are \(classes)")
      }
      for (name, weight) in weights.sorted(by: { $0.key < $1.key }) where !Self.range.contains(weight) {
        throw ModelError(
          .schema,
          "a weight of \(weight) for the class \(name); it has to be from \(Self.range.lowerBound) to "
            + "\(Self.range.upperBound)")
      }
      self.init(fixed: classes.map { Float(weights[$0] ?? 1) }, counts: [])
    }
  }

  private static func classes(of task: Task) throws(ModelError) -> [String] {
    switch task {
    case .regression: throw ModelError(.schema, "a regression has no classes to weigh")
    case .binary: ["0", "1"]
    case .multiclass(let classes): classes
    }
  }

  /// Whether the weights come of this rule already.
  func follows(_ rule: Rule, task: Task) -> Bool {
    guard let other = try? ClassWeights(rule, task: task) else { return false }
    return other.fixed == fixed && other.counts.count == counts.count
  }

  /// Counts a row that is about to be learned.
  @inline(__always)
  mutating func count(_ label: Double) {
    guard !counts.isEmpty else { return }
    counts[Int(label)] += 1
  }

  /// What a row with this label counts for; one whose class was counted, where they are balanced.
  @inline(__always)
  func weight(of label: Float) -> Float { isNone ? 1 : weight(ofClass: Int(label)) }

  private func weight(ofClass index: Int) -> Float {
    guard fixed.isEmpty else { return fixed[index] }
    let share = Double(max(counts[index], 1)) * Double(counts.count) / Double(max(counts.reduce(0, +), 1))
    return Float(min(1 / share, Self.range.upperBound))
  }
}

extension ClassWeights {
  func encode(into writer: inout ByteWriter) {
    writer.append(UInt8(isNone ? 0 : fixed.isEmpty ? 1 : 2))
    for weight in fixed { writer.append(weight) }
    for count in counts { writer.append(count: count) }
  }

  init(from reader: inout ByteReader, task: Task) throws(ByteError) {
    let kind = try reader.byte()
    let classes = task == .regression ? 0 : max(task.outputs, 2)
    switch kind {
    case 0: self = .none
    case 1 where classes > 0:
      var counts: [Int] = []
      for _ in 0..<classes { counts.append(try reader.index(upTo: 1 << 40)) }
      self.init(fixed: [], counts: counts)
    case 2 where classes > 0:
      self.init(
        fixed: try reader.floats(classes, in: Float(Self.range.lowerBound)...Float(Self.range.upperBound)), counts: [])
    default: throw reader.failure("class weights numbered \(kind)")
    }
  }
}
