import Drift
import Events
import Sketches

extension ModelMonitor {
  /// Takes the panes among a tick's records by start and version, source partitions in order: what partitions counted of
  /// one pane is one pane.
  /// - Returns: whether any of them moved a window.
  mutating func take(
    _ records: [SummaryRecord], refused: inout [(record: SummaryRecord, reason: String)]
  ) -> Bool {
    var panes: [PaneSummary] = []
    for record in records {
      switch record {
      case .pane(let pane): panes.append(pane)
      case .judged(let pane): unsettled.append(pane)
      case .progress: break
      }
    }
    var moved = false
    for group in panes.byPane {
      watch(group)
      guard let version = group.first?.version, let place = place(of: version) else {
        refused += group.map { (.pane($0), unwatched($0.version)) }
        continue
      }
      let accepted = versions[place].push(group)
      for (pane, isTaken) in zip(group, accepted) {
        if isTaken {
          moved = true
          expect(pane)
        } else {
          refused.append((.pane(pane), "does not fit its version's reference and window"))
        }
      }
    }
    return moved
  }

  private mutating func watch(_ group: [PaneSummary]) {
    guard let number = group.first?.version, place(of: number) == nil,
      let facts = group.lazy.compactMap(\.facts).first,
      let version = VersionMonitor(number, facts: facts, configuration: configuration.monitor)
    else { return }
    versions.insert(version, at: versions.firstIndex { $0.number > number } ?? versions.endIndex)
    guard versions.count > Self.keptVersions else { return }
    // The one whose rows ended first, as a rollback may have brought an old number back.
    let others = versions.indices.filter { versions[$0].number != number }
    let oldest = others.min { versions[$0].windowEnd < versions[$1].windowEnd }
    if let oldest { versions.remove(at: oldest) }
  }

  private func unwatched(_ version: Int) -> String {
    let known = versions.first.map(\.number).map { "; the oldest one watched is \($0)" } ?? ""
    return "is of version \(version), which is not watched\(known)"
  }

  /// Notes what the scores of a pane promise.
  private mutating func expect(_ pane: PaneSummary) {
    guard let place = place(of: pane.version), let calibration = versions[place].reference.calibration,
      let scores = pane.prediction
    else { return }
    for index in estimates.indices {
      guard let sum = calibration.expectedSum(estimates[index].measure, counts: scores.bins) else { continue }
      estimates[index].add(
        version: pane.version, start: pane.start, end: pane.end, rows: scores.count, expected: sum)
    }
  }

  /// Takes the judged panes that are complete in every source partition: in order of time, as requests came, and not in
  /// that of their labels.
  mutating func takeJudged(
    until resolved: Milliseconds, refused: inout [(record: SummaryRecord, reason: String)]
  ) {
    let settled = unsettled.filter { $0.end <= resolved }
    unsettled.removeAll { $0.end <= resolved }
    for group in settled.byPane {
      guard let first = group.first else { continue }
      guard group.allSatisfy(\.isPlausible) else {
        refused += group.map { (.judged($0), "holds figures that no pane has") }
        continue
      }
      if !take(group, version: first.version, start: first.start, end: first.end) {
        refused += group.map { (.judged($0), "is older than what has been judged already") }
      }
      if let place = place(of: first.version) { versions[place].push(judged: group) }
    }
  }

  /// Takes what the source partitions judged of one pane as one pane: into how many the stream is parted must not show.
  private mutating func take(
    _ group: [JudgedSummary], version: Int, start: Milliseconds, end: Milliseconds
  ) -> Bool {
    for part in group { labels = labels.addingReportingOverflow(part.rows).partialValue }
    let reference = place(of: version).map { versions[$0].reference }
    var isTaken = true
    for index in performance.indices {
      let isError = performance[index].measure == .error
      let loss = group.reduce(into: Moments()) { $0.merge(Moments(isError ? $1.error : $1.loss)) }
      let judged = JudgedPane(version: version, start: start, end: end, loss: loss)
      let validation = isError ? reference?.error : reference?.loss
      if !performance[index].push(judged, validation: validation) { isTaken = false }
      for place in estimates.indices where isTaken && estimates[place].measure == performance[index].measure {
        estimates[place].judge(judged)
      }
    }
    return isTaken
  }
}

/// What one source partition counted of one pane of one version.
private protocol PanePart {
  var start: Milliseconds { get }
  var version: Int { get }
  var partition: Int { get }
}

extension JudgedSummary {
  /// Whether counts and moments are such as rows can have: sums of many panes must not overflow.
  fileprivate var isPlausible: Bool {
    ([rows, expired] + lossBins).allSatisfy { (0...SketchLimits.count).contains($0) }
      && [loss, error, label].allSatisfy { Moments($0).isValid }
  }
}

extension PaneSummary: PanePart {}
extension JudgedSummary: PanePart {}

extension Array where Element: PanePart {
  /// The parts of each pane together, partitions in order; panes by start, then version.
  fileprivate var byPane: [[Element]] {
    if count <= 1 { return isEmpty ? [] : [self] }
    let sorted = enumerated().sorted { left, right in
      (left.element.start, left.element.version, left.element.partition, left.offset)
        < (right.element.start, right.element.version, right.element.partition, right.offset)
    }
    var groups: [[Element]] = []
    for (_, part) in sorted {
      if let last = groups.last?.first, last.start == part.start, last.version == part.version {
        groups[groups.count - 1].append(part)
      } else {
        groups.append([part])
      }
    }
    return groups
  }
}
