import Foundation

/// What the process holds in memory.
enum Residency {
  /// Nil where the system does not tell.
  static var kilobytes: Double? { value("VmRSS:") }

  /// How much more the process holds at most while `body` is at work than before; nil where the system does not tell.
  static func peak(of body: () throws -> Void) throws -> Double? {
    giveBackFreed()
    // Starts the peak anew.
    try? Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
    let before = kilobytes
    try body()
    guard let before, let peak = value("VmHWM:") else { return nil }
    return max(peak - before, 0)
  }

  /// Else what was freed before would be taken first, and not be seen. Only glibc can be asked to.
  private static func giveBackFreed() {
    guard let trim = dlsym(dlopen(nil, RTLD_NOW), "malloc_trim") else { return }
    _ = unsafeBitCast(trim, to: (@convention(c) (Int) -> Int32).self)(0)
  }

  private static func value(_ name: String) -> Double? {
    let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status?.split(separator: "\n").first { $0.hasPrefix(name) }
    return line?.split(separator: " ").dropFirst().first.flatMap { Double($0) }
  }
}
