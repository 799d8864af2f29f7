import Foundation

/// A bar on the terminal's last line; nothing where standard error is no terminal.
final class ProgressBar {
  private static let width = 40
  /// What the note has beside the bar before that is made shorter.
  private static let noteWidth = 40

  private let total: Int
  private let isShown: Bool
  private var drawn = -1

  init(total: Int, quiet: Bool) {
    self.total = max(total, 1)
    isShown = !quiet && Self.isPossible
  }

  /// Whether there is a terminal that can show one.
  static var isPossible: Bool {
    isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  }

  func update(_ done: Int, _ note: @autoclosure () -> String) {
    let permille = Int(min(max(Double(done) / Double(total), 0), 1) * 1_000)
    guard isShown, permille != drawn else { return }
    drawn = permille
    put("\r\(Self.line(permille: permille, note(), columns: Self.columns))\u{1B}[K")
  }

  /// Fits on a terminal's line of so many columns: one that goes on in the next line cannot be drawn over.
  static func line(permille: Int, _ note: String, columns: Int) -> String {
    let width = max(min(width, columns - noteWidth), 0)
    let filled = permille * width / 1000
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    return String("\(bar)\(width > 0 ? " " : "")\(permille / 10) %  \(note)".prefix(max(columns - 1, 1)))
  }

  /// Of the terminal as it is now.
  private static var columns: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
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
