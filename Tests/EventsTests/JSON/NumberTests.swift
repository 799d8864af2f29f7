import Events
import Foundation
import Testing
import TestSupport

@Suite("Numbers agree with the standard library and Foundation, bit for bit")
struct NumberTests {
  private func read(_ text: String) throws -> Double {
    try JSON.read(Array(text.utf8)[...]) { (json) throws(EventError) in try json.number() }
  }

  private func written(_ value: Double) -> String {
    var writer = JSONWriter()
    writer.value(value)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  private func check(_ text: String) throws {
    let expected = try #require(Double(text))
    if expected.isFinite {
      let value = try read(text)
      #expect(value.bitPattern == expected.bitPattern, "\(text)")
    } else {
      let error = #expect(throws: EventError.self, "\(text)") { _ = try read(text) }
      #expect(error?.code == .notFinite)
    }
  }

  @Test("any double is written in its shortest form and reads back to the same bits")
  func shortest() throws {
    var random = RandomRecords(seed: 4)
    for _ in 0..<20_000 {
      let value = random.number()
      let text = written(value)
      #expect(try read(text).bitPattern == value.bitPattern, "\(text)")
      let isWhole = value == value.rounded() && value.magnitude < 0x1p53
      let description = value.description
      let shortest = description.hasSuffix(".0") ? String(description.dropLast(2)) : description
      // Swift goes over to exponents at 2^54; whole numbers below 2^53 are written out here too.
      if !isWhole || value.magnitude < 1e15 { #expect(text == shortest) }
    }
  }

  @Test("short decimals and their neighbours are written as Swift does")
  func shortDecimals() {
    var random = SplitMix64(seed: 6)
    for places in 0...17 {
      for bound in [10, 1_000, 1_000_000, 1_000_000_000_000_000] {
        for _ in 0..<200 {
          let value = Double(Int.random(in: -bound...bound, using: &random)) / pow(10, Double(places))
          for value in [value, value.nextUp, value.nextDown] where value != value.rounded() {
            #expect(written(value) == value.description)
          }
        }
      }
    }
  }

  @Test("decimals of every length and exponent")
  func decimals() throws {
    var random = SplitMix64(seed: 5)
    for _ in 0..<30_000 {
      let digits = Int.random(in: 1...Int.random(in: 1...40, using: &random), using: &random)
      var text = (0..<digits).map { _ in String(Int.random(in: 0...9, using: &random)) }.joined()
      text = String(text.drop { $0 == "0" })
      if text.isEmpty { text = "0" }
      if Bool.random(using: &random) {
        let point = Int.random(in: 0...text.count, using: &random)
        let (head, tail) = (text.prefix(point), text.dropFirst(point))
        text = (head.isEmpty ? "0" : head) + (tail.isEmpty ? "" : "." + tail)
      }
      if Bool.random(using: &random) {
        let span = Bool.random(using: &random) ? 25 : 350
        text += ["e", "E", "e+"].randomElement(using: &random) ?? "e"
        if text.hasSuffix("+") {
          text += "\(Int.random(in: 0...span, using: &random))"
        } else {
          text += "\(Int.random(in: -span...span, using: &random))"
        }
      }
      if Bool.random(using: &random) { text = "-" + text }
      try check(text)
    }
  }

  @Test("19 and 20 digits over a power of ten, where the quick division rounds")
  func quotients() throws {
    var random = SplitMix64(seed: 6)
    for _ in 0..<20_000 {
      let mantissa = UInt64.random(in: (1 << 53)...UInt64.max, using: &random)
      let places = Int.random(in: 1...19, using: &random)
      let digits = String(mantissa)
      let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
      try check(padded.dropLast(places) + "." + padded.suffix(places))
    }
  }

  @Test("halfway between two doubles, exactly and next to it")
  func halfway() throws {
    var random = SplitMix64(seed: 7)
    for _ in 0..<2_000 {
      // An odd 54-bit number over a power of two: its decimals end, and it lies between two doubles.
      let odd = (1 << 53) | UInt64.random(in: 0..<(1 << 52), using: &random) << 1 | 1
      let shift = Int.random(in: 0...40, using: &random)
      var digits = String(odd >> UInt64(shift))
      var rest = odd & ((1 << UInt64(shift)) - 1)
      if shift > 0 { digits += "." }
      for _ in 0..<shift {
        rest *= 10
        digits += String(rest >> UInt64(shift))
        rest &= (1 << UInt64(shift)) - 1
      }
      try check(digits)
      try check(digits + (shift > 0 ? "" : ".") + "00000000000000000001")
      try check(digits + "e-3")
      try check(digits + "e20")
    }
  }

  @Test(
    "known hard cases and the ends of the range",
    arguments: [
      "0", "-0", "0.0", "-0.0e10", "0e999999", "5e-324", "4.9406564584124654e-324", "2.4703282292062328e-324",
      "2.4703282292062327e-324", "2.2250738585072011e-308", "2.2250738585072012e-308", "2.2250738585072014e-308",
      "1.7976931348623157e308", "1.7976931348623158e308", "1.7976931348623159e308", "1e308", "1e309", "-1e309",
      "9007199254740991", "9007199254740992", "9007199254740993", "9007199254740993.0", "9223372036854775807",
      "9223372036854775808", "-9223372036854775808", "18446744073709551615", "18446744073709551616",
      "18446744073709551615e-19", "1844674407370955161.6", "1e22", "1e23", "8.41e21", "6929495644600919.5e0",
      "3.5e-323", "123456789012345678901234567890", "0.1", "0.30000000000000004", "1e-400",
      "1.0000000000000000000000001",
    ])
  func hard(_ text: String) throws { try check(text) }

  // JSONDecoder: on Linux, JSONSerialization misses the nearest double by one bit more often than not.
  @Test("Foundation reads what is written, and its numbers are read")
  func foundation() throws {
    var random = RandomRecords(seed: 8)
    let values = random.list(5_000...5_000) { $0.number() }
    var writer = JSONWriter()
    writer.array(values) { $0.value($1) }
    #expect(try JSONDecoder().decode([Double].self, from: Data(writer.bytes)) == values)
    let theirs = Array(try JSONEncoder().encode(values))
    let ours = try JSON.read(theirs[...]) { (json) throws(EventError) in
      try json.list { (number) throws(EventError) in try number.number() }
    }
    #expect(ours == values)
  }

  @Test("whole numbers of every width are exact")
  func integers() throws {
    var random = SplitMix64(seed: 9)
    for _ in 0..<5_000 {
      let bits = random.next() >> UInt64.random(in: 0...63, using: &random)
      try exact(bits)
      try exact(Int64(bitPattern: bits))
      try exact(-Int64(bits >> 1))
    }
    for value in [Int64.min, .min + 1, -1, 0, 1, .max] { try exact(value) }
    for value in [UInt64.min, 1 << 63, .max] { try exact(value) }
  }

  private func exact(_ value: Int64) throws {
    var writer = JSONWriter()
    writer.value(value)
    #expect(String(decoding: writer.bytes, as: UTF8.self) == "\(value)")
    #expect(try JSON.read(writer.bytes[...]) { (json) throws(EventError) in try json.integer() } == value)
  }

  private func exact(_ value: UInt64) throws {
    var writer = JSONWriter()
    writer.value(value)
    #expect(String(decoding: writer.bytes, as: UTF8.self) == "\(value)")
    #expect(try JSON.read(writer.bytes[...]) { (json) throws(EventError) in try json.unsigned() } == value)
  }
}
