import Foundation

/// The rows of one run. Times on a shared machine swing, ratios within one run hardly do: read those.
struct Table {
  /// Timed rounds of every comparison.
  let repetitions: Int
  /// A folder for data that peers read, deleted after the run.
  let folder: URL
  private(set) var rows: [Row] = []
  /// Benchmarks that could not finish, with the reason.
  private(set) var failures: [(benchmark: String, reason: String)] = []

  init(repetitions: Int, folder: URL) {
    self.repetitions = repetitions
    self.folder = folder
  }

  mutating func add(_ row: Row) {
    rows.append(row)
    Self.tell("  \(row.figure.name): \(Row.number(row.ours)) \(row.figure.unit.label)")
  }

  mutating func run(_ benchmark: any Benchmark) {
    Self.tell(benchmark.name)
    do {
      try benchmark.run(into: &self)
    } catch {
      failures.append((benchmark.name, "\(error)"))
    }
  }

  /// How far the run is, beside its result.
  private static func tell(_ line: String) { FileHandle.standardError.write(Data("\(line)\n".utf8)) }
}

extension Table {
  private static let headings = ["figure", "unit", "leeway", "peer", "peer's name", "ratio", "target", "met"]
  private static let leftAligned: Set<Int> = [0, 1, 4, 6, 7]

  /// Aligned columns, then the peers that were missing and the benchmarks that failed.
  var text: String {
    let lines = [Self.headings] + rows.map(\.cells)
    let widths = Self.headings.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    var text = lines.map { cells in
      cells.enumerated().map { column, cell in
        let blanks = String(repeating: " ", count: widths[column] - cell.count)
        return Self.leftAligned.contains(column) ? cell + blanks : blanks + cell
      }.joined(separator: "  ").trimmingTail
    }
    for row in rows {
      if case .missing(let name, let reason) = row.peer { text.append("\(row.figure.name): no \(name): \(reason)") }
    }
    for failure in failures { text.append("\(failure.benchmark) did not finish: \(failure.reason)") }
    return text.joined(separator: "\n")
  }
}

extension Row {
  fileprivate var cells: [String] {
    let (peerValue, peerName): (String, String) =
      switch peer {
      case .none: ("", "")
      case .missing(let name, _): ("-", "\(name) (missing)")
      case .measured(let name, let version, let value):
        (Self.number(value), version.isEmpty ? name : "\(name) \(version)")
      }
    let sign = figure.unit.moreIsBetter ? ">=" : "<="
    let targets = figure.targets.map { target in
      switch target {
      case .ratio(let bound): "ratio \(sign) \(Self.number(bound))"
      case .value(let bound): "\(sign) \(Self.number(bound))"
      }
    }
    return [
      figure.name, figure.unit.label, Self.number(ours), peerValue, peerName, ratio.map(Self.number) ?? "",
      targets.joined(separator: ", "), met.map { $0 ? "yes" : "NO" } ?? "",
    ]
  }

  /// Three significant digits, thousands in full.
  static func number(_ value: Double) -> String {
    guard value.isFinite else { return "\(value)" }
    let decimals = value == 0 ? 0 : max(0, min(6, 2 - Int(log10(value.magnitude).rounded(.down))))
    return String(format: "%.\(decimals)f", value)
  }
}

extension String {
  fileprivate var trimmingTail: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
