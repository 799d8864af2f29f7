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
