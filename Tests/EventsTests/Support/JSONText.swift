import Testing

/// The texts of an object's members, cut without the scanner under test.
enum JSONText {
  static func members(_ object: [UInt8]) throws -> [String] {
    try #require(object.first == UInt8(ascii: "{") && object.last == UInt8(ascii: "}"))
    var members: [String] = []
    var depth = 0
    var isText = false
    var isEscaped = false
    var start = 1
    for (index, byte) in object.enumerated().dropFirst().dropLast() {
      if isText {
        isText = isEscaped || byte != UInt8(ascii: "\"")
        isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isText = true
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      case UInt8(ascii: ",") where depth == 0:
        members.append(String(decoding: object[start..<index], as: UTF8.self))
        start = index + 1
      default: break
      }
    }
    if object.count > 2 { members.append(String(decoding: object[start..<object.count - 1], as: UTF8.self)) }
    return members
  }
}
