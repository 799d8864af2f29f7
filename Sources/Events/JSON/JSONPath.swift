import Bytes

/// Names the place of a byte in a JSON text, as in `columns[3].edges[2]`. Only errors need it, so the scanner keeps no
/// path while it reads: this walks the text again, which is well-formed up to the position asked for.
enum JSONPath {
  /// Characters of one name that a path shows.
  private static let nameCharacters = 64

  private enum Step {
    case name(Range<Int>?)
    case index(Int)
  }

  /// The path of the value that holds the byte at `position`, counted from the first of `bytes`.
  static func path(to position: Int, in bytes: ByteSlice) -> String {
    var steps: [Step] = []
    var expectsName = false
    let target = min(bytes.startIndex + position, bytes.endIndex)
    var next = bytes.startIndex
    while next < bytes.endIndex {
      let byte = bytes[next]
      let isName = byte == UInt8(ascii: "\"") && expectsName
      guard next < target || (next == target && isName) else { break }
      switch byte {
      case UInt8(ascii: "{"):
        steps.append(.name(nil))
        expectsName = true
      case UInt8(ascii: "["):
        steps.append(.index(0))
        expectsName = false
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        _ = steps.popLast()
        expectsName = false
      case UInt8(ascii: ","):
        expectsName = advance(&steps)
      case UInt8(ascii: "\""):
        let text = text(at: next, in: bytes)
        if expectsName, case .name = steps.last { steps[steps.count - 1] = .name(text) }
        expectsName = false
        next = text.upperBound
      default: break
      }
      next += 1
    }
    return describe(steps, in: bytes)
  }

  /// Moves on to the next member; true where its name comes next.
  private static func advance(_ steps: inout [Step]) -> Bool {
    switch steps.last {
    case .index(let index):
      steps[steps.count - 1] = .index(index + 1)
      return false
    case .name:
      steps[steps.count - 1] = .name(nil)
      return true
    case nil: return false
    }
  }

  /// What stands between the quotes of the text that begins at `start`.
  private static func text(at start: Int, in bytes: ByteSlice) -> Range<Int> {
    var next = start + 1
    while next < bytes.endIndex, bytes[next] != UInt8(ascii: "\"") {
      next += bytes[next] == UInt8(ascii: "\\") ? 2 : 1
    }
    return start + 1..<max(start + 1, min(next, bytes.endIndex))
  }

  private static func describe(_ steps: [Step], in bytes: ByteSlice) -> String {
    var path = ""
    for step in steps {
      switch step {
      case .index(let index): path += "[\(index)]"
      case .name(nil): break
      case .name(let range?):
        let name = String(decoding: bytes[range].prefix(4 * nameCharacters), as: UTF8.self)
        path += path.isEmpty ? "" : "."
        path += name.count > nameCharacters ? name.prefix(nameCharacters) + "…" : name
      }
    }
    return path
  }
}
