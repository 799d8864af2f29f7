/// The evidence over a file's rows in bounded memory: however long the file and however many its alarms, no peak is lost.
struct EvidenceLine {
  /// The evidence at one row, or the highest of a stretch that ends with it; an alarm is raised where it reaches 1.
  struct Score: Hashable {
    let row: Int
    let evidence: Double
  }

  /// Points that are kept at most.
  static let mostPoints = 2_000

  /// One for each reference, but that references closer than points can tell apart share one.
  private(set) var segments: [[Score]] = []
  private var points = 0
  /// Rows that one point stands for: those of equal row / stride.
  private var stride = 1
  private var isNew = true

  /// A new reference: what follows is not joined with what was before.
  mutating func begin() {
    isNew = true
  }

  /// - Parameter row: beyond all rows before.
  mutating func add(row: Int, evidence: Double) {
    place(row: row, evidence: evidence)
    guard points > Self.mostPoints else { return }
    while points > Self.mostPoints / 2 { thin() }
  }

  private mutating func place(row: Int, evidence: Double) {
    defer { isNew = false }
    let last = segments.count - 1
    if last >= 0, let point = segments[last].last, point.row / stride == row / stride {
      segments[last][segments[last].count - 1] = Score(row: row, evidence: max(point.evidence, evidence))
      return
    }
    if isNew { segments.append([]) }
    segments[segments.count - 1].append(Score(row: row, evidence: evidence))
    points += 1
  }

  private mutating func thin() {
    stride *= 2
    let fine = segments
    segments = []
    points = 0
    for scores in fine {
      begin()
      for score in scores { place(row: score.row, evidence: score.evidence) }
    }
  }
}
