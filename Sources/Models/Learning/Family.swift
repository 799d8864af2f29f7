import Bytes

/// A kind of learner and its constants.
///
/// The same constants serve every stream. They were measured, and others near them do about as well, so that nobody has
/// to choose a learning rate.
public struct Family: Hashable, Sendable {
  /// The name under which configurations, artifacts and events know this family.
  public let name: String
  let constants: MixtureConstants

  /// The default: fourteen linear experts and a small network, mixed in two levels.
  public static let mixture = Family("mixture")

  /// The fourteen linear experts alone: three times as fast, and as good where straight and piecewise linear effects of
  /// single columns are all there is.
  public static let linearMixture = Family("linear-mixture") { $0.hasNetwork = false }

  /// One linear, logistic or softmax model, as the task has it, learned by a diagonal Kalman filter of process noise 1e-4.
  public static let linear = Family("linear", { $0.isOneExpert() })

  /// The same by the name that it has for two classes, and for several.
  public static let logistic = Family("logistic", { $0.isOneExpert() })
  public static let softmax = Family("softmax", { $0.isOneExpert() })

  /// A Poisson regression: of counts, by a logarithmic link and the Poisson deviance, learned by the same filter.
  public static let poisson = Family("poisson") {
    $0.isOneExpert()
    $0.link = .logarithm
  }

  /// The network alone.
  public static let network = Family("network") {
    $0.processNoises = []
    $0.hasLeader = false
    $0.hasHats = false
  }

  /// A multi-layer perceptron of 64 and 32 rectified units, learned by Adam.
  public static let mlp = Family("mlp") {
    $0.processNoises = []
    $0.hasLeader = false
    $0.hasHats = false
    $0.hasNetwork = false
    $0.hidden = [64, 32]
  }

  /// Rows that are scored before they are learned when many are learned at once.
  public var blockLength: Int { constants.blockLength }

  /// What `Model` learns by unless told otherwise.
  public static let standard = mixture

  public static let all = [mixture, linearMixture, linear, logistic, softmax, poisson, network, mlp]

  /// Those for a task.
  public static func all(for task: Task) -> [Family] {
    all.filter { family in (try? family.check(task)) != nil }
  }

  public init?(named name: String) {
    guard let family = Family.all.first(where: { $0.name == name }) else { return nil }
    self = family
  }

  /// Constants that `change` leaves in range.
  init(_ name: String, _ change: (inout MixtureConstants) -> Void = { _ in }) {
    var constants = MixtureConstants()
    change(&constants)
    self.init(name: name, constants: constants)
  }

  private init(name: String, constants: MixtureConstants) {
    self.name = name
    self.constants = constants
  }

  /// Whether the family learns counts: numbers from 0 on.
  public var learnsCounts: Bool { constants.link == .logarithm }

  /// Throws an error of code `schema` where the family is not one for the task.
  public func check(_ task: Task) throws(ModelError) {
    let wanted: String? =
      switch (name, task) {
      case ("logistic", .binary), ("softmax", .multiclass), ("poisson", .regression): nil
      case ("logistic", _): "binary"
      case ("softmax", _): "multiclass"
      case ("poisson", _): "regression"
      default: nil
      }
    guard let wanted else { return }
    throw ModelError(.schema, "the family \(name) is for the task \(wanted), and this one is \(task.name)")
  }

  /// The target in the form that the task learns from, as `Task.target` gives it; of counts, no negative one.
  public func target(_ value: Value, of task: Task) throws(ModelError) -> Target {
    let target = try task.target(value)
    if learnsCounts, case .number(let count) = target, count < 0 {
      throw ModelError(.target, "a count must be 0 or more, not \(count)")
    }
    return target
  }

  func makeLearner(schema: Schema, seed: UInt64) -> any Learner {
    Mixture(schema: schema, constants: constants, seed: seed)
  }
}

extension MixtureConstants {
  fileprivate mutating func isOneExpert() {
    processNoises = [1e-4]
    hasLeader = false
    hasHats = false
    hasNetwork = false
  }
}

extension Family {
  func encode(into writer: inout ByteWriter, format: UInt16) {
    writer.append(name)
    constants.encode(into: &writer, format: format)
  }

  init(from reader: inout ByteReader, format: UInt16) throws(ByteError) {
    let name = try reader.string()
    guard (1...ModelLimits.nameLength).contains(name.utf8.count) else { throw reader.failure("a family without name") }
    self.init(name: name, constants: try MixtureConstants(from: &reader, format: format))
  }

  func decodeLearner(from reader: inout ByteReader, schema: Schema, seed: UInt64) throws(ByteError) -> any Learner {
    try Mixture(from: &reader, schema: schema, constants: constants, seed: seed)
  }
}
