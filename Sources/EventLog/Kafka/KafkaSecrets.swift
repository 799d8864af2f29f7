/// Blots secrets out of what people are shown, and what is left of them where a text holds a piece only: a line of a key,
/// one of several settings in a value, what the library has cut off.
struct KafkaSecrets: Sendable {
  /// Characters in a row that a text does not share with a secret by chance.
  private static let tellingLength = 8
  private static let blot = "***"

  private let whole: [String]
  private let pieces: Set<ArraySlice<Character>>

  init(_ values: some Sequence<String>) {
    whole = values.filter { !$0.isEmpty }.sorted { $0.count > $1.count }
    pieces = whole.reduce(into: []) { pieces, value in
      let characters = Array(value)
      for start in 0..<max(0, characters.count - Self.tellingLength + 1) {
        pieces.insert(characters[start..<start + Self.tellingLength])
      }
    }
  }

  func redacted(_ text: String) -> String {
    let characters = Array(whole.reduce(text) { $0.replacing($1, with: Self.blot) })
    var result = ""
    var hiddenUpTo = 0
    for index in characters.indices {
      if pieces.contains(characters[index..<min(index + Self.tellingLength, characters.count)]) {
        if hiddenUpTo <= index { result += Self.blot }
        hiddenUpTo = index + Self.tellingLength
      }
      if hiddenUpTo <= index { result.append(characters[index]) }
    }
    return result
  }
}
