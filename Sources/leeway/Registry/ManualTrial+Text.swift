import Control
import Events
import Foundation

extension ManualTrial {
  /// Lines for people.
  var text: [String] {
    [verdict, ""] + sides.lines + [""] + evidence + segments + fairness + notes
  }

  private var verdict: String {
    let sentence =
      switch record.outcome {
      case .promote: "is promoted"
      case .provisional: "serves provisionally"
      case .reject: "is rejected"
      case .shadow: "is undecided, and would go on in shadow"
      case .person: "is undecided, and waits for a person"
      }
    return "\(challenger.name) \(sentence): \(record.reason)"
  }

  private var sides: TextTable {
    var table = TextTable(header: ["", "CHAMPION", "CHALLENGER"])
    table.append(["model", champion.name, challenger.name])
    table.append([
      "mean loss (\(record.measure))", Figures.metric(record.champion),
      Figures.metric(record.rows > 0 ? record.challenger : nil),
    ])
    if let calibration = record.calibration {
      table.append(["calibration error", Self.shown(calibration.champion), Self.shown(calibration.challenger)])
    }
    if let golden = record.golden {
      table.append([
        "mean loss on \(Figures.grouped(golden.rows)) golden rows", Figures.metric(golden.champion),
        Figures.metric(golden.challenger),
      ])
    }
    table.append(["artifact bytes", Figures.grouped(champion.artifactBytes), Figures.grouped(challenger.artifactBytes)])
    table.append(["to score a row", Self.nanoseconds(scoringTimes.0), Self.nanoseconds(scoringTimes.1)])
    return table
  }

  private var evidence: [String] {
    let rows = (Figures.grouped(record.rows), Figures.grouped(record.minimumRows))
    var lines = ["\(rows.0) rows judged, at least \(rows.1) are wanted"]
    if let difference = record.difference, record.rows > 0 {
      let confidence = Figures.short(100 * (1 - difference.alpha))
      lines.append("difference: \(Self.shown(difference)), with confidence \(confidence) % at every look")
    }
    for (name, evidence) in [
      ("not worse by \(share(record.promotion?.tolerance))", record.promotion),
      ("not better by \(share(record.rejection.map { -$0.tolerance }))", record.rejection),
    ] {
      guard let evidence else { continue }
      let standing = String(format: "%.2f of %.2f", evidence.logEvidence, evidence.logThreshold)
      let needed = evidence.rowsNeeded.map { "about \(Figures.grouped($0)) rows in all would prove it" }
      let outlook = evidence.isProof ? "proven" : needed ?? "more rows like these would not prove it"
      lines.append("evidence that it is \(name): \(standing) (logarithms); \(outlook)")
    }
    return lines
  }

  private var segments: [String] {
    guard !record.segments.isEmpty else { return [] }
    var table = TextTable(header: ["SEGMENT", "ROWS", "CHAMPION", "CHALLENGER", "VERDICT"])
    for part in record.segments {
      table.append([
        "\(part.segment.name)=\(part.segment.value)\(part.isProtected ? " (protected)" : "")",
        Figures.grouped(part.rows), Figures.metric(part.champion), Figures.metric(part.challenger),
        "\(part.verdict.rawValue)\(part.alert ? ", alert" : "")",
      ])
    }
    return [""] + table.lines
  }

  private var fairness: [String] {
    guard !record.fairness.isEmpty else { return [] }
    var table = TextTable(header: ["FAIRNESS", "GAP", "CHAMPION", "LIMIT", "VERDICT"])
    for gap in record.fairness {
      table.append([
        "\(gap.rate) of \(gap.segment): \(gap.group) less \(gap.other)", Self.shown(gap.gap), Self.shown(gap.champion),
        gap.limit.map { "±\(Figures.short($0))" } ?? "–", gap.verdict.rawValue,
      ])
    }
    return [""] + table.lines
  }

  private var notes: [String] {
    var notes: [String] = []
    if let cap {
      notes.append(
        "the first \(Figures.grouped(cap.rows)) rows only say what a large error is: losses are shares of "
          + "\(Figures.short(cap.error)), where they are cut off")
    }
    if unlabelledRows > 0 { notes.append("\(Figures.grouped(unlabelledRows)) rows without a label were left out") }
    if record.unfollowedRows > 0 {
      notes.append("\(Figures.grouped(record.unfollowedRows)) rows are of further segments, which were not followed")
    }
    return notes.isEmpty ? [] : [""] + notes
  }

  private func share(_ value: Double?) -> String { value.map { "\(Figures.short(100 * $0)) %" } ?? "–" }

  private static func nanoseconds(_ time: Double?) -> String {
    time.map { "\(Figures.grouped(Int($0.rounded()))) ns" } ?? "–"
  }

  private static func shown(_ interval: IntervalRecord) -> String {
    guard interval.low.isFinite, interval.high.isFinite else { return Figures.metric(interval.value) }
    return "\(Figures.metric(interval.value)) (\(Figures.metric(interval.low)) to \(Figures.metric(interval.high)))"
  }
}
