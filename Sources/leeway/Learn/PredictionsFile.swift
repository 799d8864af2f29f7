import Backtest
import Engine
import Events
import Foundation
import Models
import Recording

/// Row, label and score as CSV, written while the rows pass by; of several classes, the probability of each.
final class PredictionsFile {
  private static let buffer = 1 << 16

  private let file: UnfinishedFile
  /// A signal leaves nothing of it.
  private let signals: EndingSignals?
  private var lines: [UInt8] = []

  private let task: Task

  /// What stands at the path stays until all rows are written.
  /// - Parameter policies: whether a row is of a policy, whose name stands first then.
  init(_ path: String, task: Task, policies: Bool = false) throws(CommandError) {
    self.task = task
    file = try OutputFile.begin(path)
    signals = file.partial.map { partial in EndingSignals { unlink(partial) } }
    let scores =
      if case .multiclass(let classes) = task { classes.map { CSVText.cell("score_\($0)") } } else { ["score"] }
    lines += Array("\(policies ? "policy," : "")row,label,\(scores.joined(separator: ","))\n".utf8)
  }

  /// What a policy's version said of a row.
  func append(_ policy: String, _ row: Int, _ label: LabelValue, _ score: Score) throws {
    guard let output = Output(score) else { return }
    lines += Array("\(CSVText.cell(policy)),".utf8)
    try append(row, task.target(label.modelValue), output)
  }

  func append(_ row: Int, _ target: Target?, _ output: Output) throws(CommandError) {
    let label =
      switch target {
      case .number(let number)?: Value.text(of: number)
      case .category(let name)?: name.isEmpty ? "" : CSVText.cell(name)
      case nil: ""
      }
    let score =
      switch output {
      case .number(let number): "\(number)"
      case .probabilities(let all): all.map { "\($0)" }.joined(separator: ",")
      }
    lines += Array("\(row),\(label),\(score)\n".utf8)
    if lines.count >= Self.buffer { try flush() }
  }

  /// After the last row.
  func close() throws(CommandError) {
    try flush()
    do {
      try file.finish()
    } catch {
      throw CommandError(error.message)
    }
  }

  private func flush() throws(CommandError) {
    do {
      try file.append(lines)
    } catch {
      throw CommandError(error.message)
    }
    lines.removeAll(keepingCapacity: true)
  }
}
