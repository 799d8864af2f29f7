import Events
import Foundation
import Testing

@Suite("Texts")
struct TextTests {
  private func read(_ bytes: [UInt8]) throws -> String {
    try JSON.read(bytes[...]) { (json) throws(EventError) in try json.text() }
  }

  private func read(_ text: String) throws -> String { try read(Array(text.utf8)) }

  private func code(_ text: String) -> EventError.Code? {
    #expect(throws: EventError.self, "\(text)") { _ = try read(text) }?.code
  }

  @Test("every scalar of 16 bits, and a share of the others, as it is and in both escapes")
  func scalars() throws {
    let values = Array(0...0xffff) + Array(stride(from: 0x10000, through: 0x10ffff, by: 97)) + [0x10ffff]
    let scalars = values.compactMap { Unicode.Scalar(UInt32($0)) }
    for start in stride(from: 0, to: scalars.count, by: 512) {
      let some = scalars[start..<min(start + 512, scalars.count)]
      let text = String(String.UnicodeScalarView(some))
      var writer = JSONWriter()
      writer.value(text)
      #expect(try read(writer.bytes) == text)
      for isUpper in [false, true] {
        let escaped = text.utf16.map { unit in
          let digits = String(unit, radix: 16, uppercase: isUpper)
          return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
        #expect(try read("\"\(escaped.joined())\"") == text)
      }
    }
  }

  @Test("Foundation reads what is written and its texts are read")
  func foundation() throws {
    var random = RandomRecords(seed: 10)
    let texts = random.list(2_000...2_000) { $0.text(0...30) }
    var writer = JSONWriter()
    writer.array(texts) { $0.value($1) }
    // JSONDecoder: on Linux, JSONSerialization takes U+FEFF away.
    #expect(try JSONDecoder().decode([String].self, from: Data(writer.bytes)) == texts)
    let theirs = Array(try JSONEncoder().encode(texts))
    let ours = try JSON.read(theirs[...]) { (json) throws(EventError) in
      try json.list { (text) throws(EventError) in try text.text() }
    }
    #expect(ours == texts)
  }

  @Test("only what must be escaped is escaped, in the short forms")
  func escapes() throws {
    var writer = JSONWriter()
    writer.value("\u{0}\u{8}\t\n\u{b}\u{c}\r\u{1f} \"\\/\u{7f}é\u{2028}")
    let text = String(decoding: writer.bytes, as: UTF8.self)
    #expect(text == #""\u0000\b\t\n\u000b\f\r\u001f \"\\/"# + "\u{7f}é\u{2028}\"")
    #expect(try read(#""\/\b\f\n\r\t\"\\""#) == "/\u{8}\u{c}\n\r\t\"\\")
  }

  @Test("escapes that are none, and control characters")
  func badEscapes() {
    for escape in [
      "\\x", "\\'", "\\0", "\\U0041", "\\u", "\\u00", "\\u004", "\\u00g0", "\\u+041", "\\u 041", "\\\u{e9}",
    ] {
      #expect(code("\"\(escape)\"") == .notJSON)
    }
    for control in 0..<0x20 {
      let bytes = [UInt8(ascii: "\""), UInt8(control), UInt8(ascii: "\"")]
      let error = #expect(throws: EventError.self) { _ = try read(bytes) }
      #expect(error?.code == .notJSON)
    }
    #expect(code("\"\\\"") == .truncated)
  }

  @Test("half a surrogate pair in every place")
  func surrogates() throws {
    for text in [
      "\\ud800", "\\udbff", "\\udc00", "\\udfff", "\\ud800x", "\\ud800\\n", "\\ud800\\ud800", "\\ud800\\u0041",
      "\\udc00\\ud800", "x\\ud83d", "\\uD83D\\uE000",
    ] { #expect(code("\"\(text)\"") == .invalidUTF8) }
    #expect(code("\"\\ud800\\u\"") == .notJSON)
    #expect(try read("\"\\ud83d\\ude00\\uD800\\uDC00\\udbff\\udfff\"") == "😀\u{10000}\u{10ffff}")
  }

  @Test("every pair of bytes is judged as the standard library judges it")
  func pairs() throws {
    for first in UInt8(0x20)...0xff {
      for second in [0x20, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xe0, 0xff] as [UInt8] {
        for third in [0x41, 0x80, 0xbf] as [UInt8] where ![0x22, 0x5c].contains(first) {
          let inside = [first, second, third]
          let expected = String(validating: inside, as: UTF8.self)
          let quoted = [UInt8(ascii: "\"")] + inside + [UInt8(ascii: "\"")]
          let found: String?
          do { found = try read(quoted) } catch let error as EventError {
            #expect(error.code == .invalidUTF8)
            found = nil
          }
          #expect(found == expected)
        }
      }
    }
  }
}
