/// What a row measures and what is asked of it.
struct Figure {
  /// What counts as better, and in what the numbers are read.
  enum Unit {
    /// Time per thing: less is better.
    case nanoseconds(per: String)
    case microseconds(per: String)
    /// A delay: less is better.
    case milliseconds
    /// Things per second: more is better.
    case perSecond(String)
    /// Memory: less is better.
    case kilobytes
    /// An error or a share: less is better.
    case percent
    /// How many times faster than the peer, without a unit of its own: more is better.
    case times

    var moreIsBetter: Bool {
      switch self {
      case .perSecond, .times: true
      case .nanoseconds, .microseconds, .milliseconds, .kilobytes, .percent: false
      }
    }

    var label: String {
      switch self {
      case .nanoseconds(let thing): "ns/\(thing)"
      case .microseconds(let thing): "us/\(thing)"
      case .milliseconds: "ms"
      case .perSecond(let things): "\(things)/s"
      case .kilobytes: "KB"
      case .percent: "%"
      case .times: "times"
      }
    }

    /// The figure of `items` things done in `seconds`; meant for times and rates only.
    func value(seconds: Double, items: Int) -> Double {
      switch self {
      case .nanoseconds: seconds * 1e9 / Double(items)
      case .microseconds: seconds * 1e6 / Double(items)
      case .perSecond: Double(items) / seconds
      case .milliseconds: seconds * 1e3 / Double(items)
      case .kilobytes, .percent, .times: seconds
      }
    }
  }

  /// A bound: at most where less is better, at least where more is.
  enum Target {
    /// On our figure divided by the peer's.
    case ratio(Double)
    /// On our figure.
    case value(Double)
  }

  let name: String
  let unit: Unit
  let targets: [Target]

  init(_ name: String, _ unit: Unit, targets: [Target] = []) {
    self.name = name
    self.unit = unit
    self.targets = targets
  }
}

/// A measured figure beside its peer's.
struct Row {
  enum PeerFigure {
    case none
    case missing(name: String, reason: String)
    case measured(name: String, version: String, value: Double)
  }

  let figure: Figure
  let ours: Double
  let peer: PeerFigure

  /// Our figure divided by the peer's; nil where there is none.
  var ratio: Double? {
    guard case .measured(_, _, let value) = peer, value != 0 else { return nil }
    return ours / value
  }

  /// Whether all targets are met; nil where there are none, or one on the ratio lacks its peer.
  var met: Bool? {
    guard !figure.targets.isEmpty else { return nil }
    var met = true
    for target in figure.targets {
      switch target {
      case .value(let bound): met = met && holds(ours, bound)
      case .ratio(let bound):
        guard let ratio else { return nil }
        met = met && holds(ratio, bound)
      }
    }
    return met
  }

  private func holds(_ value: Double, _ bound: Double) -> Bool {
    figure.unit.moreIsBetter ? value >= bound : value <= bound
  }
}
