import Drift

/// A detector of one column's change that takes value by value.
protocol Rival {
  /// Whether it alarms after this value.
  mutating func alarms(after value: Double) -> Bool
}

/// The rivals of one kind of stream by name; each is made from a column's reference rows.
func rivals(of kind: StreamKind) -> [(name: String, make: ([Double]) -> any Rival)] {
  let always: [(name: String, make: ([Double]) -> any Rival)] = [
    ("window PSI > 0.2", { PSIWindow($0) }), ("always alarm", { _ in Constant(alarms: true) }),
    ("never alarm", { _ in Constant(alarms: false) }),
  ]
  if kind.isCategory { return always }
  return [
    ("ADWIN", { _ in Mean(.adwin) }), ("Page-Hinkley", { _ in Mean(.pageHinkley) }),
    ("window KS p < .01", { KSWindow($0) }),
  ] + always
}

private struct Constant: Rival {
  let alarms: Bool
  mutating func alarms(after value: Double) -> Bool { alarms }
}

private struct Mean: Rival {
  private var detector: MeanDetector
  init(_ method: MeanDetector.Method) { detector = MeanDetector(method) }

  mutating func alarms(after value: Double) -> Bool {
    detector.update(value)
    return detector.driftDetected
  }
}

/// The newest 1,000 values.
private struct Window {
  static let size = 1_000
  private(set) var values: [Double] = []
  private(set) var seen = 0

  /// - Returns: the value that leaves.
  mutating func push(_ value: Double) -> Double? {
    defer { seen += 1 }
    guard values.count == Self.size else {
      values.append(value)
      return nil
    }
    let slot = seen % Self.size
    defer { values[slot] = value }
    return values[slot]
  }

  var isFull: Bool { values.count == Self.size }
}

/// Population stability index over ten quantile bins (or the categories), looked at every 16 events.
private struct PSIWindow: Rival {
  private let edges: [Double]
  private let reference: [Double]
  private var counts: [Double]
  private var window = Window()

  init(_ rows: [Double]) {
    let sorted = rows.sorted()
    edges = Set((1..<10).map { sorted[sorted.count * $0 / 10] }).sorted()
    var counts = [Double](repeating: 0, count: edges.count + 1)
    for row in sorted { counts[Self.bin(row, edges)] += 1 }
    reference = counts.map { max($0 / Double(rows.count), 1e-4) }
    self.counts = counts.map { _ in 0 }
  }

  private static func bin(_ value: Double, _ edges: [Double]) -> Int {
    edges.firstIndex { value <= $0 } ?? edges.count
  }

  mutating func alarms(after value: Double) -> Bool {
    guard !value.isNaN else { return false }
    if let old = window.push(value) { counts[Self.bin(old, edges)] -= 1 }
    counts[Self.bin(value, edges)] += 1
    guard window.isFull, window.seen % 16 == 0 else { return false }
    var psi = 0.0
    for bin in counts.indices {
      let share = max(counts[bin] / Double(Window.size), 1e-4)
      psi += (share - reference[bin]) * logarithm(share / reference[bin])
    }
    return psi > 0.2
  }
}

/// The two-sample Kolmogorov–Smirnov test at p < .01 of a window against the reference, every 100 events.
private struct KSWindow: Rival {
  private let reference: [Double]
  private let critical: Double
  private var window = Window()

  init(_ rows: [Double]) {
    reference = rows.sorted()
    let (n, m) = (Double(rows.count), Double(Window.size))
    critical = 1.628 * ((n + m) / (n * m)).squareRoot()
  }

  mutating func alarms(after value: Double) -> Bool {
    guard !value.isNaN else { return false }
    _ = window.push(value)
    guard window.isFull, window.seen % 100 == 0 else { return false }
    let sorted = window.values.sorted()
    var largest = 0.0
    var below = 0
    var position = 0
    while position < sorted.count {
      let value = sorted[position]
      below = count(reference, from: below) { $0 < value }
      largest = max(largest, gap(position, below))
      while position < sorted.count, sorted[position] == value { position += 1 }
      below = count(reference, from: below) { $0 <= value }
      largest = max(largest, gap(position, below))
    }
    return largest > critical
  }

  private func gap(_ here: Int, _ there: Int) -> Double {
    (Double(here) / Double(Window.size) - Double(there) / Double(reference.count)).magnitude
  }

  /// How many lead the ascending array, `from` of them known to.
  private func count(_ sorted: [Double], from: Int, _ leads: (Double) -> Bool) -> Int {
    var low = from
    var high = sorted.count
    while low < high {
      let middle = (low + high) / 2
      if leads(sorted[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
