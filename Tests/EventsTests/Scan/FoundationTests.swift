import Bytes
import Events
import Foundation
import TestSupport
import Testing

@Suite("Foundation takes and refuses the same texts, and reads the same values")
struct FoundationTests {
  /// What Leeway refuses on purpose although Foundation takes it: names that stand twice (of which Foundation keeps one),
  /// towers of brackets, numbers beyond doubles (which Foundation rounds to infinity or zero).
  private static let stricter: Set<EventError.Code> = [.duplicateField, .tooDeep, .notFinite]

  private static func isText(_ bytes: [UInt8]) -> EventError.Code? {
    do throws(EventError) {
      try JSON.read(bytes[...]) { _ throws(EventError) in }
      return nil
    } catch {
      return error.code
    }
  }

  @Test("what is a JSON text") func texts() {
    var texts = ScanTexts(seed: 11)
    for _ in 0..<ScanTests.runs {
      let bytes = texts.bytes()
      // Foundation guesses UTF-16 and UTF-32 from zeros among the first bytes; Leeway reads UTF-8 alone.
      if bytes.prefix(4).contains(0) { continue }
      let theirs = (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil
      let ours = Self.isText(bytes)
      let shown = String(decoding: bytes, as: UTF8.self).debugDescription
      if let ours, Self.stricter.contains(ours) { continue }
      if theirs, ours == .notJSON, Self.hasStrayComma(bytes) { continue }
      #expect((ours == nil) == theirs, "\(String(describing: ours)): \(shown)")
    }
  }

  /// Foundation on Linux lets a comma before a closing bracket pass, which is no JSON.
  private static func hasStrayComma(_ bytes: [UInt8]) -> Bool {
    let tokens = bytes.filter { !Array(" \t\r\n".utf8).contains($0) }
    return zip(tokens, tokens.dropFirst()).contains { $0 == UInt8(ascii: ",") && "}]".utf8.contains($1) }
  }

  private struct Mirror: Decodable {
    enum Cell: Decodable, Equatable {
      case number(Double)
      case text(String)
      case missing

      init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
          self = .missing
        } else if let number = try? value.decode(Double.self) {
          self = .number(number)
        } else if let flag = try? value.decode(Bool.self) {
          self = .number(flag ? 1 : 0)
        } else {
          self = .text(try value.decode(String.self))
        }
      }
    }

    let id: String
    let model: String
    let entity: String?
    let features: [String: Cell]?
    let segments: [String: String]?
  }

  private static func decode(_ bytes: some Sequence<UInt8>) -> Mirror? {
    try? JSONDecoder().decode(Mirror.self, from: Data(bytes))
  }

  /// Foundation refuses two numbers that JSON allows: one too close to zero for a double, and `0E5`. We read both as zero.
  private static func zerosPlain(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    let text = String(decoding: Array(bytes), as: UTF8.self)
    return Array(
      text.replacing(/-?[0-9]+(\.[0-9]+)?[eE][-+]?[0-9]+/) { number in
        Double(number.output.0) == 0 ? "0" : String(number.output.0)
      }.utf8)
  }

  @Test("the values of events that both take") func values() throws {
    var texts = ScanTexts(seed: 12)
    var compared = 0
    for _ in 0..<ScanTests.runs / 4 {
      let bytes = texts.bytes()
      guard let ours = try? Prediction.decode(bytes) else { continue }
      let shown = Comment(rawValue: String(decoding: bytes, as: UTF8.self).debugDescription)
      guard let theirs = Self.decode(bytes) ?? Self.decode(Self.zerosPlain(bytes)) else {
        Issue.record(shown)
        continue
      }
      let features = ours.features.map { feature -> (String, Mirror.Cell) in
        switch feature.value {
        case .number(let number): (feature.name, .number(number))
        case .category(let text): (feature.name, .text(text))
        case .missing: (feature.name, .missing)
        }
      }
      #expect(theirs.id == ours.id && theirs.model == ours.model && theirs.entity == ours.entity, shown)
      #expect(theirs.features ?? [:] == Dictionary(uniqueKeysWithValues: features), shown)
      let segments = Dictionary(uniqueKeysWithValues: ours.segments.map { ($0.name, $0.value) })
      #expect(theirs.segments ?? [:] == segments, shown)
      compared += 1
    }
    #expect(compared > ScanTests.runs / 16)
  }
}
