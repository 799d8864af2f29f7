import Models
import Yams

/// `class_weights` of a configuration, and of a command's option.
enum ClassWeighting: Equatable {
  struct Weight: Equatable {
    let name: String
    let weight: Double
  }

  /// Written `off`.
  case none
  case balanced
  /// By class, in the order of the file: a dictionary would be described in another order by every process.
  case fixed([Weight])

  private static let expected = "off, balanced, or weights by class such as {a: 2, b: 1}"

  init(_ node: ConfigurationNode) throws(CommandError) {
    guard case .mapping(let mapping) = node.node else {
      if node.isOff {
        self = .none
        return
      }
      guard try node.text(Self.expected) == "balanced" else { throw node.error(expected: Self.expected) }
      self = .balanced
      return
    }
    var weights: [Weight] = []
    for (key, value) in mapping {
      let place = ConfigurationNode(node: key, file: node.file, path: node.path)
      let name = try place.text("the name of a class")
      let inner = ConfigurationNode(node: value, file: node.file, path: "\(node.path).\(name)")
      weights.append(Weight(name: name, weight: try inner.number(in: ClassWeights.range)))
    }
    guard !weights.isEmpty else { throw node.error(expected: Self.expected) }
    self = .fixed(weights)
  }

  /// `balanced`, or `a=2,b=1`; nil for any other text.
  init?(_ text: String) {
    if text == "balanced" {
      self = .balanced
      return
    }
    var weights: [Weight] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let sign = part.lastIndex(of: "="), sign > part.startIndex,
        let weight = Double(part[part.index(after: sign)...]), ClassWeights.range.contains(weight)
      else { return nil }
      let name = String(part[..<sign])
      guard !weights.contains(where: { $0.name == name }) else { return nil }
      weights.append(Weight(name: name, weight: weight))
    }
    self = .fixed(weights)
  }

  var rule: ClassWeights.Rule {
    switch self {
    case .none: .none
    case .balanced: .balanced
    case .fixed(let weights):
      .fixed(Dictionary(weights.map { ($0.name, $0.weight) }, uniquingKeysWith: { first, _ in first }))
    }
  }
}
