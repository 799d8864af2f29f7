import Foundation

/// Numbers as people read them.
enum Figures {
  /// About four significant digits.
  static func short(_ value: Double) -> String {
    if value == value.rounded(), value.magnitude < 1e9 { return String(Int64(value)) }
    return String(format: "%.4g", value)
  }

  /// Three decimals, or fewer for large numbers; a dash for none.
  static func metric(_ value: Double?) -> String {
    guard let value else { return "–" }
    return String(format: value.magnitude < 10 ? "%.3f" : value.magnitude < 1e9 ? "%.1f" : "%.4g", value)
  }

  /// Ascending numbers, runs of them shortened: 0–3, 7.
  static func ranges(_ numbers: [Int]) -> String {
    var runs: [ClosedRange<Int>] = []
    for number in numbers {
      if let last = runs.last, last.upperBound + 1 == number {
        runs[runs.count - 1] = last.lowerBound...number
      } else {
        runs.append(number...number)
      }
    }
    return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)–\($0.upperBound)" }.joined(separator: ", ")
  }

  /// Bytes in the largest unit that leaves one before the point.
  static func size(_ bytes: Int) -> String {
    var (value, unit) = (Double(bytes), 0)
    let units = ["bytes", "KB", "MB", "GB", "TB"]
    while value >= 1_000, unit < units.count - 1 { (value, unit) = (value / 1_000, unit + 1) }
    return unit == 0 ? "\(bytes) bytes" : String(format: value < 10 ? "%.2f " : "%.1f ", value) + units[unit]
  }

  static func grouped(_ count: Int) -> String {
    var digits = String(count)
    var groups: [String] = []
    while digits.count > 3 {
      groups.append(String(digits.suffix(3)))
      digits.removeLast(3)
    }
    return ([digits] + groups.reversed()).joined(separator: ",")
  }
}
