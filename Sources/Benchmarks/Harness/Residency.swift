import Foundation

/// What the process holds in memory.
enum Residency {
  /// Nil where the system does not tell.
  static var kilobytes: Double? {
    let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status?.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return line?.split(separator: " ").dropFirst().first.flatMap { Double($0) }
  }
}
