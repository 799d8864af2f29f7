import Bytes
import Events
import Testing
import TestSupport

@Suite("Hostile records end in an error that says what and where")
struct HostileTests {
  private static let golden = Golden.events + Golden.summaries + Golden.models

  @Test("a text cut anywhere is truncated", arguments: golden)
  func truncated(_ golden: Golden) {
    let bytes = Array(golden.text.utf8)
    let type = type(of: golden.record)
    for length in bytes.indices { fault(.truncated, Array(bytes[..<length]), as: type) }
    fault(.notJSON, bytes + [UInt8(ascii: "}")], as: type)
    fault(.notJSON, bytes + bytes, as: type)
  }

  @Test("a byte changed anywhere never traps; what still reads is written and read again", arguments: golden)
  func changed(_ golden: Golden) throws {
    let bytes = Array(golden.text.utf8)
    var random = SplitMix64(seed: 3)
    let hostile = Array("\"\\{}[]:,0-+.eEtfnu \n\0".utf8) + [0x7f, 0x80, 0xc3, 0xed, 0xff]
    for index in bytes.indices {
      var changed = bytes
      changed[index] = hostile.randomElement(using: &random) ?? 0
      try survive(changed, like: golden.record)
      changed.remove(at: index)
      try survive(changed, like: golden.record)
    }
  }

  private func survive<R: EventRecord>(_ bytes: [UInt8], like _: R) throws {
    let record: R
    do throws(EventError) {
      record = try R.decode(bytes)
    } catch {
      return expectSense(error, bytes.count)
    }
    let again = record.encoded()
    #expect(try R.decode(again).encoded() == again)
  }

  @Test("a known field that stands twice is refused, in any spelling", arguments: golden)
  func twice(_ golden: Golden) throws {
    let members = try JSONText.members(Array(golden.text.utf8))
    for member in members {
      let name = String(member.prefix { $0 != ":" }.dropFirst().dropLast())
      let text = "{\((members + [member]).joined(separator: ","))}"
      fault(.duplicateField, at: name, text, as: type(of: golden.record))
      let spelled = name.unicodeScalars.map { "\\u00" + String($0.value, radix: 16) }.joined()
      let other = "{\((members + ["\"\(spelled)\":0"]).joined(separator: ","))}"
      fault(.duplicateField, other, as: type(of: golden.record))
    }
  }

  @Test("another value than an object is no record", arguments: RecordKind.all)
  func notAnObject(_ kind: RecordKind) {
    for text in ["[]", "1", "\"{}\"", "true", "[{}]"] { fault(.wrongType, at: "", text, as: kind.type) }
    fault(.nullValue, at: "", "null", as: kind.type)
    fault(.missingField, "{}", as: kind.type)
    for text in ["", " ", "\n\t"] { fault(.truncated, at: "", text, as: kind.type) }
    for text in ["<a/>", "NaN", "\u{feff}{}", "{a:1}", "{'a':1}", "{\"a\":1,}", "{,}", "//\n{}", "\0"] {
      fault(.notJSON, text, as: kind.type)
    }
  }

  @Test("nesting 10,000 deep costs an error, in a known field and in an unknown one", arguments: RecordKind.all)
  func deep(_ kind: RecordKind) {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
      let tower = String(repeating: open, count: 10_000) + "1" + String(repeating: close, count: 10_000)
      fault(.tooDeep, "{\"x_unknown\":\(tower)}", as: kind.type)
      fault(.tooDeep, "{\"kind\":\"\(kind.name)\",\"x_unknown\":\(tower)}", as: kind.type)
      fault(.tooDeep, "{\"x_unknown\":" + String(repeating: open, count: 10_000), as: kind.type)
    }
    // Records that are read as trees notice the depth first.
    let isTree = [.sketches, .drift, .triggers, .runs, .models, .deadletters].contains(kind.topic)
    fault(isTree ? .tooDeep : .wrongType, String(repeating: "[", count: 10_000), as: kind.type)
  }

  @Test("the limit of depth itself is allowed")
  func depth() throws {
    func label(_ depth: Int) -> String {
      let tower = String(repeating: "[", count: depth - 1) + String(repeating: "]", count: depth - 1)
      return #"{"prediction":"p","model":"m","time":0,"label":1,"x_unknown":\#(tower)}"#
    }
    _ = try Label.decode(Array(label(Limits.depth).utf8))
    fault(.tooDeep, label(Limits.depth + 1), as: Label.self)
  }

  @Test("a record of 20 MB is refused without being read", arguments: RecordKind.all)
  func large(_ kind: RecordKind) {
    let bytes = [UInt8](repeating: UInt8(ascii: "["), count: 20_000_000)
    let took = ContinuousClock().measure { fault(.tooLarge, at: "", bytes, as: kind.type) }
    #expect(took < .seconds(1))
  }

  @Test("the limit of size itself is allowed")
  func size() throws {
    let text = Array(#"{"prediction":"p","model":"m","time":0,"label":1,"x":""#.utf8)
    let pad = Limits.recordBytes - text.count - 2
    let bytes = text + [UInt8](repeating: UInt8(ascii: "x"), count: pad) + Array("\"}".utf8)
    #expect(bytes.count == Limits.recordBytes)
    #expect(try Label.decode(bytes).value == .number(1))
    fault(.tooLarge, bytes + [UInt8(ascii: " ")], as: Label.self)
  }

  @Test("bytes that are not UTF-8, in a known field, an unknown one and a name")
  func notUTF8() {
    let broken: [[UInt8]] = [
      [0x80], [0xff], [0xc0, 0x80], [0xc3], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf0, 0x80, 0x80, 0x80],
      [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe2, 0x82],
    ]
    for bytes in broken {
      fault(.invalidUTF8, at: "model", Array(#"{"model":"a"#.utf8) + bytes + Array("\"}".utf8), as: Label.self)
      fault(.invalidUTF8, Array(#"{"x":["a"#.utf8) + bytes + Array("\"]}".utf8), as: Label.self)
      fault(.invalidUTF8, Array(#"{"a"#.utf8) + bytes + Array("\":1}".utf8), as: Label.self)
      fault(.invalidUTF8, Array(#"{"features":{"a"#.utf8) + bytes + Array("\":1}}".utf8), as: Prediction.self)
    }
  }
}
