/// A chart of lines drawn with characters: time to the right, value upwards.
struct LineChart {
  struct Line {
    let mark: Character
    let name: String
    /// One value a column; `nil` leaves a gap.
    let values: [Double?]
  }

  let title: String
  let lines: [Line]
  var height = 12

  /// The drawing, top row first. Where lines meet, the first one given is drawn over the others.
  func drawn() -> [String] {
    let values = lines.flatMap { $0.values.compactMap { $0 } }.filter(\.isFinite)
    guard let low = values.min(), let high = values.max(), height > 2 else { return [] }
    let span = high > low ? high - low : 1
    let width = lines.map(\.values.count).max() ?? 0
    var grid = Array(repeating: Array(repeating: Character(" "), count: width), count: height)
    for line in lines.reversed() {
      for (column, value) in line.values.enumerated() {
        guard let value, value.isFinite else { continue }
        let step = Int(((value - low) / span * Double(height - 1)).rounded())
        grid[height - 1 - step][column] = line.mark
      }
    }
    let labels = [
      0: Figures.metric(high), height / 2: Figures.metric((low + high) / 2), height - 1: Figures.metric(low),
    ]
    let margin = labels.values.map(\.count).max() ?? 0
    let rows = grid.enumerated().map { index, row in
      let label = labels[index] ?? ""
      let line = String(repeating: " ", count: margin - label.count) + label + " ┤" + String(row)
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
    let legend = lines.map { "\($0.mark) \($0.name)" }.joined(separator: "    ")
    return [title] + rows + [
      String(repeating: " ", count: margin) + " └" + String(repeating: "─", count: width), legend,
    ]
  }
}
