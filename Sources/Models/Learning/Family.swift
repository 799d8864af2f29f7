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

  /// One linear, logistic or softmax model, learned by a diagonal Kalman filter of process noise 1e-4.
  public static let linear = Family("linear") {
    $0.processNoises = [1e-4]
    $0.hasLeader = false
    $0.hasHats = false
    $0.hasNetwork = false
  }

  /// The network alone.
  public static let network = Family("network") {
    $0.processNoises = []
    $0.hasLeader = false
    $0.hasHats = false
  }

  /// Rows that are scored before they are learned when many are learned at once.
  public var blockLength: Int { constants.blockLength }

  /// What `Model` learns by unless told otherwise.
  public static let standard = mixture

  public static let all = [mixture, linearMixture, linear, network]

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

  func makeLearner(schema: Schema, seed: UInt64) -> any Learner {
    Mixture(schema: schema, constants: constants, seed: seed)
  }
}

extension Family {
  func encode(into writer: inout ByteWriter) {
    writer.append(name)
    constants.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(ByteError) {
    let name = try reader.string()
    guard (1...ModelLimits.nameLength).contains(name.utf8.count) else { throw reader.failure("a family without name") }
    self.init(name: name, constants: try MixtureConstants(from: &reader))
  }

  func decodeLearner(from reader: inout ByteReader, schema: Schema, seed: UInt64) throws(ByteError) -> any Learner {
    try Mixture(from: &reader, schema: schema, constants: constants, seed: seed)
  }
}
