/// The evidence over a file's rows in bounded memory: however long the file, no peak is lost.
struct EvidenceLine {
  /// The evidence at one row, or the highest of a stretch that ends with it; an alarm is raised where it reaches 1.
  struct Score: Hashable {
    let row: Int
    let evidence: Double
  }

  /// Points that are kept at most.
  static let mostPoints = 2_000

  /// One for each reference.
  private(set) var segments: [[Score]] = []
  private var points = 0
  /// Scores that one point stands for.
  private var stride = 1
  /// Scores that the last point stands for already.
  private var filled = 0

  /// A new reference: what follows is not joined with what was before.
  mutating func begin() {
    segments.append([])
    filled = 0
  }

  mutating func add(row: Int, evidence: Double) {
    guard !segments.isEmpty else { return }
    let last = segments.count - 1
    if filled > 0, filled < stride, let point = segments[last].popLast() {
      segments[last].append(Score(row: row, evidence: max(point.evidence, evidence)))
      filled += 1
      return
    }
    segments[last].append(Score(row: row, evidence: evidence))
    points += 1
    filled = 1
    if points > Self.mostPoints { thin() }
  }

  private mutating func thin() {
    segments = segments.map { scores in
      Swift.stride(from: 0, to: scores.count, by: 2).map { index in
        let next = scores[min(index + 1, scores.count - 1)]
        return Score(row: next.row, evidence: max(scores[index].evidence, next.evidence))
      }
    }
    points = segments.reduce(0) { $0 + $1.count }
    stride *= 2
    filled = 0
  }
}
