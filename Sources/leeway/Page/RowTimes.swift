import Events

/// When rows came, for axes that count them: some of the rows with their times, however many there are.
struct RowTimes: Hashable, Sendable {
  private struct Point: Hashable, Sendable {
    let row: Int
    let time: Milliseconds
  }

  static let most = 512
  private static let day: Milliseconds = 86_400_000

  private var points: [Point] = []
  /// Rows between two points, at the least.
  private var spacing = 1

  /// Takes rows in their order; what goes back, in rows or in time, is left out.
  mutating func note(row: Int, time: Milliseconds) {
    if let last = points.last, row < last.row + spacing || time < last.time { return }
    points.append(Point(row: row, time: time))
    guard points.count > Self.most else { return }
    points = stride(from: 0, to: points.count, by: 2).map { points[$0] }
    spacing = max(spacing, (row - points[0].row) / (Self.most / 2))
  }

  /// In UTC, as exactly as the whole span asks for; nil where nothing is known.
  func text(ofRow row: Double) -> String? {
    guard let first = points.first, let last = points.last, let time = time(ofRow: row) else { return nil }
    let text = RFC3339.format(time)
    switch last.time - first.time {
    case (20 * Self.day)...: return String(text.prefix(10))
    case Self.day...: return String(text.dropFirst(5).prefix(11)).replacing("T", with: " ")
    default: return String(text.dropFirst(11).prefix(8))
    }
  }

  /// Along a line between the rows that are known, and on behind them.
  private func time(ofRow row: Double) -> Milliseconds? {
    guard points.count > 1 else { return nil }
    let next = min(max(points.firstIndex { Double($0.row) > row } ?? points.count, 1), points.count - 1)
    let (low, high) = (points[next - 1], points[next])
    let share = (row - Double(low.row)) / Double(high.row - low.row)
    return Milliseconds(exactly: (Double(low.time) + share * Double(high.time - low.time)).rounded())
  }
}
