import Bytes
import Events
import TestSupport

/// Events as texts, in all the forms that a producer may choose, and such texts damaged.
struct ScanTexts {
  private var random: SplitMix64
  /// What may stand between tokens of the event at hand.
  private var blanks = [""]

  init(seed: UInt64) {
    random = SplitMix64(seed: seed)
  }

  private mutating func pick<T>(_ values: [T]) -> T { values[Int.random(in: values.indices, using: &random)] }

  private mutating func blank() -> String { pick(blanks) }

  private mutating func number() -> String {
    switch Int.random(in: 0..<8, using: &random) {
    case 0: "\(Int.random(in: -99...99, using: &random))"
    case 1: "\(Double(bitPattern: random.next()).magnitude.remainder(dividingBy: 1e9))"
    case 2: "\(Double.random(in: -1...1, using: &random))"
    case 3: "\(Double.random(in: -1...1, using: &random))e\(Int.random(in: -30...30, using: &random))"
    case 4: pick(["0", "-0", "0.0", "1E5", "1e+2", "0.00012345678901234567", "123456789012345678901234567890"])
    case 5: pick(["1e300", "-1e-300", "9007199254740993", "0.1", "5e-324", "1e22", "1e23"])
    default: "\((Double.random(in: -1e4...1e4, using: &random) * 1_000).rounded() / 1_000)"
    }
  }

  private mutating func text() -> String {
    "\"" + pick(["red", "green", "", "Zürich", "a\\n\\u00e9", "\\ud83d\\ude00", "日本", "x y", "\\\"", "3", "blue"])
      + "\""
  }

  private mutating func cell() -> String {
    switch Int.random(in: 0..<12, using: &random) {
    case 0: "null"
    case 1: pick(["true", "false"])
    case 2, 3: text()
    case 4: pick(["[]", "{}", "[1]"])
    default: number()
    }
  }

  private static let names = ["x", "y", "colour", "a_rather_long_name_of_a_feature", "é", "size", "other", "more"]

  private mutating func features() -> String {
    var names = Array(Self.names.prefix(Int.random(in: 0...Self.names.count, using: &random)))
    if pick([true, false, false]) { names.shuffle(using: &random) }
    if pick([true] + Array(repeating: false, count: 12)) { names += names.prefix(1) }
    return object(names.map { name in (name, pick([number(), number(), number(), cell()])) })
  }

  private mutating func object(_ members: [(name: String, value: String)]) -> String {
    let members = members.map { "\(blank())\"\($0.name)\"\(blank()):\(blank())\($0.value)\(blank())" }
    return "{" + (members.isEmpty ? blank() : members.joined(separator: ",")) + "}"
  }

  /// A text of an event that is nearly always in order.
  mutating func event() -> String {
    blanks = pick([[""], [" "], ["", " ", "\t"], ["", "", " ", "\n", "\r\n"]])
    var members: [(name: String, value: String)] = [
      ("id", pick(["\"p-1\"", "\"p-22222222222222222\"", "\"é\"", text()])), ("model", pick(["\"m\"", "\"other\""])),
      ("version", pick(["1", "1", "2", "3.0", "null", "7"])),
      ("time", pick(["1700000000000", "\"2025-11-05T12:27:58.901Z\"", "1.7e12", "-5"])),
      ("features", features()), ("prediction", pick([number(), "0.5", "[0.25, 0.75]", "\"yes\"", "null"])),
    ]
    if pick([true, false]) { members.append(("entity", pick(["\"e\"", "null"]))) }
    if pick([true, false]) {
      members.append(("segments", pick(["{}", "{\"a\":\"b\"}", "{ \"a\" : \"b\", \"c\":\"é\" }", "null"])))
    }
    if pick([true, false, false]) {
      members.append(("unknown", pick([number(), text(), "true", "null", "[1,{\"a\":[]}]"])))
    }
    if pick([true, false, false]) { members.shuffle(using: &random) }
    if pick([true] + Array(repeating: false, count: 15)) { members.remove(at: members.count / 2) }
    if pick([true] + Array(repeating: false, count: 15)) { members += members.prefix(2).suffix(1) }
    return object(members)
  }

  /// An event, in half of the cases with a byte changed, left out or doubled, or cut short.
  mutating func bytes() -> [UInt8] {
    var bytes = Array(event().utf8)
    let place = Int.random(in: bytes.indices, using: &random)
    let hostile = Array("\"\\{}[]:,0-+.eEtfnu \n\0x9".utf8) + [0x7f, 0x80, 0xc3, 0xed, 0xff]
    switch Int.random(in: 0..<8, using: &random) {
    case 0: bytes[place] = pick(hostile)
    case 1: bytes.remove(at: place)
    case 2: bytes.insert(pick(hostile), at: place)
    case 3: bytes.removeLast(bytes.count - place)
    default: break
    }
    return bytes
  }
}
