import Events
import Foundation
import Testing

@Suite("The grammar of RFC 8259")
struct GrammarTests {
  private func code(_ bytes: [UInt8]) -> EventError.Code? {
    do {
      try JSON.read(bytes[...]) { _ in }
      return nil
    } catch {
      expectSense(error, bytes.count)
      return error.code
    }
  }

  /// The text as an element of an unknown field, which is read over without being kept.
  private func codeInside(_ bytes: [UInt8]) -> (known: EventError.Code?, unknown: EventError.Code?) {
    let label = Array(#"{"prediction":"p","model":"m","time":0,"label":1,"x_unknown":["#.utf8) + bytes
    let whole = label + Array("]}".utf8)
    do throws(EventError) {
      _ = try Label.decode(whole)
    } catch {
      expectSense(error, whole.count)
      return (code(whole), error.code)
    }
    return (code(whole), nil)
  }

  @Test(
    "texts that are JSON",
    arguments: [
      "null", "true", "false", "0", "-0", "1.5e+3", "\"\"", "[]", "{}", "[[]]", "[1,2]", "0e5", "[[],[],{},1]",
      "{\"a\":{},\"b\":[]}", " [ 1 , { } ] ",
      "{\"a\":{\"b\":[null]},\"\":0}", "\t\n\r 1\t\n\r ", "[\"\u{7f}\"]", "\"\u{2028}\"", "[1e-5,1E5,1e05]",
    ])
  func accepted(_ text: String) {
    #expect(code(Array(text.utf8)) == nil)
    #expect(codeInside(Array((text + "," + text).utf8)).unknown == nil)
  }

  @Test(
    "texts that are not",
    arguments: [
      "nul1", "True", "NULL", "tru,", "+1", "01", "-01", "1. ", ".1", "1.e1", "1e ", "1e+x", "--1", "0x1", "1 2",
      "[1 2]",
      "[,1]", "[1,]", "[[] 1]", "[[],]", "{\"a\":{} \"b\":1}", "[1,,2]", "[1}", "{]", "{\"a\"}", "{\"a\",1}",
      "{\"a\":}", "{\"a\":1,}", "{a:1}", "{1:1}",
      "{\"a\":1 \"b\":2}", "'a'", "\u{a0}1", "\u{feff}1", "/**/1", "1//", "[1]]", "{}}", "\u{c}1", "\"\t\"",
      "undefined",
    ])
  func refused(_ text: String) {
    #expect(code(Array(text.utf8)) == .notJSON)
    let (known, unknown) = codeInside(Array(text.utf8))
    #expect(known == unknown)
  }

  @Test(
    "texts that end too soon",
    arguments: [
      "", " ", "n", "tru", "-", "1e", "1.", "\"", "\"a", "\"\\", "\"\\u00", "[", "[1", "[1,", "{", "{\"a\"", "{\"a\":",
      "{\"a\":1", "{\"a\":1,", "[[[",
    ])
  func tooShort(_ text: String) { #expect(code(Array(text.utf8)) == .truncated) }

  @Test("texts with a byte changed are judged as Foundation judges them")
  func foundation() {
    var random = RandomRecords(seed: 11)
    let alphabet = Array("{}[]:,\"\\0123-+.eEntrufalse \n".utf8)
    var agreed = [false: 0, true: 0]
    for _ in 0..<4_000 {
      var bytes = value(&random, depth: 3)
      for _ in 0..<random.int(0...2) where !bytes.isEmpty {
        let place = random.int(0...bytes.count - 1)
        switch random.int(0...2) {
        case 0: bytes[place] = random.pick(alphabet)
        case 1: bytes.insert(random.pick(alphabet), at: place)
        default: bytes.remove(at: place)
        }
      }
      let ours = code(bytes)
      let inside = codeInside(bytes)
      if ![.duplicateField, .notFinite].contains(inside.known) {
        #expect(inside.known == inside.unknown, "\(shown(bytes))")
      }
      if let ours, [.duplicateField, .notFinite, .tooLarge].contains(ours) { continue }
      // Foundation departs from the RFC twice: it takes a comma before a bracket, and refuses 0e5.
      let text = String(decoding: bytes, as: UTF8.self)
      if text.contains(/,[ \n]*[\]}]/) || text.contains(/0[eE]/) { continue }
      let isTheirs = (try? JSONDecoder().decode(AnyJSON.self, from: Data(bytes))) != nil
      #expect((ours == nil) == isTheirs, "\(shown(bytes)): \(ours?.rawValue ?? "JSON")")
      agreed[isTheirs, default: 0] += 1
    }
    #expect(agreed.values.allSatisfy { $0 > 500 }, "\(agreed)")
  }

  private func value(_ random: inout RandomRecords, depth: Int) -> [UInt8] {
    switch random.int(0...(depth > 0 ? 6 : 4)) {
    case 0: return Array(random.pick(["null", "true", "false"]).utf8)
    case 1: return Array("\(random.int(-100...100))".utf8)
    case 2: return Array(random.pick(["0.5", "-1.25e3", "1E-2", "0", "12345678901234567890"]).utf8)
    case 3: return Array(random.pick(["\"\"", "\"a\"", "\"\\n\\u00e9\"", "\"\\\"\""]).utf8)
    case 4: return Array(" 7\n".utf8)
    case 5:
      let members = random.list(0...3) { value(&$0, depth: depth - 1) }
      return Array("[".utf8) + members.joined(separator: Array(",".utf8)) + Array("]".utf8)
    default:
      let members = random.list(0...3) { random in
        Array("\"\(random.pick(["a", "b", "c", "d", "e"]))\":".utf8) + value(&random, depth: depth - 1)
      }
      return Array("{".utf8) + members.joined(separator: Array(",".utf8)) + Array("}".utf8)
    }
  }

  @Test("an error names the place of its value")
  func paths() {
    for (text, path) in [
      (#"{"a":[1,{"b":[0,x]}]}"#, "a[1].b[1]"), ("[[],[[x]]]", "[1][0][0]"), (#"{"a":1,"b":x}"#, "b"),
      (#"{"a,{[\"b":x}"#, #"a,{[\"b"#), ("x", ""), (#"[1,2] x"#, ""), (#"{"a":{"b":1},"c":[x]}"#, "c[0]"),
    ] {
      do {
        try JSON.read(Array(text.utf8)[...]) { _ in }
        Issue.record("\(text) was read")
      } catch {
        #expect(error.path == path, "\(text)")
        #expect(error.position == text.utf8.count { $0 != UInt8(ascii: "x") } - text.drop { $0 != "x" }.count + 1)
      }
    }
  }

  @Test("a long name is shortened in the path")
  func longPath() {
    let name = String(repeating: "é", count: 10_000)
    let error = fault(.wrongType, #"{"features":{"\#(name.prefix(128))":[]}}"#, as: Prediction.self)
    #expect(error?.path == "features." + name.prefix(64) + "…")
  }
}

/// Any JSON text, read to its leaves by Foundation.
private struct AnyJSON: Decodable {
  struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    if let object = try? decoder.container(keyedBy: Name.self) {
      for name in object.allKeys { _ = try object.decode(AnyJSON.self, forKey: name) }
    } else if var array = try? decoder.unkeyedContainer() {
      while !array.isAtEnd { _ = try array.decode(AnyJSON.self) }
    } else {
      let value = try decoder.singleValueContainer()
      if value.decodeNil() || (try? value.decode(Bool.self)) != nil || (try? value.decode(String.self)) != nil {
        return
      }
      _ = try value.decode(Double.self)
    }
  }
}
