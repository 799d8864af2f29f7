import ArgumentParser
import Backtest
import Events

/// Which policies are tried beside those of files.
struct BaselineOptions: ParsableArguments {
  enum Baseline: String, CaseIterable, ExpressibleByArgument {
    case never, rows, hours, always, oracle
  }

  @Option(
    help: """
      Policies to measure by, separated by commas: never, rows, hours, always, oracle, or none (default: never, rows, \
      always; hours with --every-hours, oracle with --changes).
      """)
  var baselines: [NameList] = []

  @Option(help: "The baseline `rows` trains with every so many labels.")
  var everyRows = 1_000

  @Option(help: "The baseline `hours` trains after every so many hours of event time.")
  var everyHours: Double?

  @Option(help: "Rows at which the world is known to have changed, separated by commas.")
  var changes: [NameList] = []

  func validate() throws {
    guard everyRows >= 1 else { throw ValidationError("--every-rows must be at least 1") }
    if let everyHours, !(everyHours >= 0.001 && everyHours <= 876_000) {
      throw ValidationError("--every-hours must be 0.001 to 876000")
    }
    _ = try rows()
    let wanted = try wanted()
    if wanted.contains(.oracle), changes.isEmpty { throw ValidationError("the baseline oracle needs --changes") }
    if wanted.contains(.hours), everyHours == nil { throw ValidationError("the baseline hours needs --every-hours") }
  }

  /// The changes, in order.
  func rows() throws -> [Int] {
    let rows = try changes.names.map { text in
      guard let row = Int(text), row >= 0 else { throw ValidationError("--changes: \"\(text)\" is no row") }
      return row
    }
    return Array(Set(rows)).sorted()
  }

  private func wanted(isServed: Bool = true) throws -> [Baseline] {
    if baselines.isEmpty {
      guard isServed else { return [] }
      return [.never, .rows] + (everyHours == nil ? [] : [.hours]) + [.always] + (changes.isEmpty ? [] : [.oracle])
    }
    let names = baselines.names
    if names == ["none"] { return [] }
    let wanted = try names.map { name in
      guard let baseline = Baseline(rawValue: name) else {
        throw ValidationError(
          "--baselines: no baseline \(name); there are \(Baseline.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      return baseline
    }
    return Baseline.allCases.filter(wanted.contains)
  }

  /// - Parameters:
  ///   - base: what they are made of.
  ///   - isServed: whether a policy's own versions serve; where not, its loss is the recording's and only what is asked for
  ///     is made.
  func policies(of base: Policy, isServed: Bool) throws -> [Policy] {
    let changes = try rows()
    return try wanted(isServed: isServed).map { baseline in
      switch baseline {
      case .never: base.never
      case .rows: base.every(labels: everyRows)
      case .hours:
        base.every(
          milliseconds: Milliseconds(((everyHours ?? 1) * 3_600_000).rounded()),
          called: "every \(Figures.short(everyHours ?? 1)) hours")
      case .always: base.always
      case .oracle: base.oracle(changes: changes)
      }
    }
  }
}
