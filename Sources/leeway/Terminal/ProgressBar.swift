import Foundation

/// A bar on the terminal's last line; nothing where standard error is no terminal.
final class ProgressBar {
  private static let width = 40
  private let total: Int
  private let isShown: Bool
  private var drawn = -1

  init(total: Int, quiet: Bool) {
    self.total = max(total, 1)
    isShown = !quiet && isatty(STDERR_FILENO) == 1
  }

  func update(_ done: Int, _ note: @autoclosure () -> String) {
    let permille = min(done * 1000 / total, 1000)
    guard isShown, permille != drawn else { return }
    drawn = permille
    let filled = permille * Self.width / 1000
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: Self.width - filled)
    put("\r\(bar) \(permille / 10) %  \(note())\u{1B}[K")
  }

  /// Makes room for a line that is printed above the bar.
  func clear() {
    guard isShown, drawn >= 0 else { return }
    drawn = -1
    put("\r\u{1B}[K")
  }

  private func put(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }
}
