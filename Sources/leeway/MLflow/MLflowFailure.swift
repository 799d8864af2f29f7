/// Why a tracking server has not done what it was asked.
struct MLflowFailure: Error, Equatable {
  enum Kind {
    /// Nobody answers, or not as a tracking server does, or not to us: the same may be done later.
    case away
    /// It will not do this, however often it is asked.
    case refused
    /// Nobody waits for it any more.
    case stopped
  }

  let kind: Kind
  /// A sentence or a part of one, without a full stop.
  let message: String
  /// What the server calls it, such as `RESOURCE_DOES_NOT_EXIST`.
  var code: String?

  /// Bytes of a server's own words that are shown.
  private static let shownBytes = 300

  static func away(_ message: String) -> Self { Self(kind: .away, message: message) }
  static let stopped = Self(kind: .stopped, message: "stopped")

  /// - Parameter words: what the server says, of any length.
  static func refused(_ status: Int, code: String, _ words: String) -> Self {
    let line = words.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    return Self(kind: .refused, message: "\(status) \(code): \(Words.cut(line, bytes: shownBytes))", code: code)
  }
}

/// Texts for others' limits.
enum Words {
  /// The front of a text that has at most so many bytes of UTF-8.
  static func cut(_ text: String, bytes: Int) -> String {
    guard text.utf8.count > bytes else { return text }
    var front = text.unicodeScalars.prefix(bytes)
    while front.reduce(0, { $0 + UTF8.width($1) }) > bytes - 3 { front.removeLast() }
    return String(front) + "…"
  }
}
