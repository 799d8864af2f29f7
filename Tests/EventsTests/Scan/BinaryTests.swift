import Bytes
import Events
import TestSupport
import Testing

@Suite("The binary form tells what JSON tells")
struct BinaryTests {
  @Test("written and read again") func roundTrip() throws {
    var random = RandomRecords(seed: 3)
    for _ in 0..<3_000 {
      var prediction = random.prediction()
      prediction.version = prediction.version.map { min($0, Int(UInt32.max)) }
      let bytes = try #require(BinaryEvent.encode(prediction))
      #expect(try Prediction.decode(bytes) == prediction)
    }
  }

  /// Byte by byte, as the README's writer in Python makes it.
  @Test func golden() throws {
    let prediction = Prediction(
      id: "p1", model: "m", version: 3, time: 1_700_000_000_000, entity: nil,
      features: [Feature(name: "x", value: .number(1.5)), Feature(name: "yz", value: .missing)], score: .number(0.25))
    let head = "b101010003000000" + "0068e5cf8b010000" + "000000000000d03f" + "0200020001000000" + "0700000000000000"
    let rest = "000000000000f83f" + "000000000000f87f" + "010078" + "0200797a" + "7031" + "6d"
    let bytes = try #require(BinaryEvent.encode(prediction))
    #expect(hexadecimal(bytes) == head + rest)
    #expect(try Prediction.decode(bytes) == prediction)
  }

  private static func samples() -> [[UInt8]] {
    let features = [
      Feature(name: "x", value: .number(1.5)), Feature(name: "colour", value: .category("red")),
      Feature(name: "size", value: .missing), Feature(name: "more", value: .number(-2)),
    ]
    let segments = [Segment(name: "s", value: "v"), Segment(name: "t", value: "é")]
    return [nil, Score.number(0.5), .probabilities([0.25, 0.75]), .category("yes")].compactMap { score in
      BinaryEvent.encode(
        Prediction(
          id: "p", model: "m", version: 1, time: 9, entity: "e", features: features, score: score, segments: segments))
    }
  }

  @Test("cut anywhere or too long: an error that says where") func cut() {
    for bytes in Self.samples() {
      for length in 1..<bytes.count { fault(.truncated, Array(bytes[..<length]), as: Prediction.self) }
      fault(.wrongType, bytes + [0], as: Prediction.self)
    }
  }

  @Test("a byte changed anywhere never traps, and scanner and decoder agree on it") func changed() {
    var scanner = ScanTests.scanner
    for bytes in Self.samples() {
      for index in 1..<bytes.count {
        for value in [0, 1, 0x7f, 0x80, 0xff, bytes[index] &+ 1] as [UInt8] {
          var changed = bytes
          changed[index] = value
          ScanTests.check(changed, &scanner)
        }
      }
    }
  }

  @Test("several bytes changed, taken out or put in: the same") func damaged() throws {
    var random = RandomRecords(seed: 7)
    var scanner = ScanTests.scanner
    for round in 0..<ScanTests.runs {
      var prediction = random.prediction()
      (prediction.model, prediction.version) = ("m", 1)
      if round % 2 == 0 { prediction.features = ScanTests.columns.map { Feature(name: $0.name, value: .number(1)) } }
      var bytes = try #require(BinaryEvent.encode(prediction))
      for _ in 0..<random.int(0...2) {
        let place = random.int(1...bytes.count - 1)
        switch random.int(0...3) {
        case 0: bytes.remove(at: place)
        case 1: bytes.insert(UInt8(random.int(0...255)), at: place)
        default: bytes[place] = random.pick([0, 1, 2, 0x41, 0x7f, 0x80, 0xc3, 0xff])
        }
      }
      ScanTests.check(bytes, &scanner)
    }
  }

  @Test("what JSON refuses is refused here too") func refused() throws {
    let plain = Prediction(id: "p", model: "m", version: 1, time: 9, features: [], score: .number(1))
    func code(_ change: (inout Prediction) -> Void) throws -> EventError.Code? {
      var prediction = plain
      change(&prediction)
      let bytes = try #require(BinaryEvent.encode(prediction))
      do throws(EventError) {
        _ = try Prediction.decode(bytes[...])
        return nil
      } catch {
        return error.code
      }
    }
    let x = Feature(name: "x", value: .number(1))
    #expect(try code { _ in } == nil)
    #expect(try code { $0.id = "" } == .emptyID)
    #expect(try code { $0.model = String(repeating: "m", count: 257) } == .tooLarge)
    #expect(try code { $0.version = nil } == .missingField)
    #expect(try code { $0.time = .max } == .badTime)
    #expect(try code { $0.features = [x, x] } == .duplicateField)
    #expect(try code { $0.features = [Feature(name: "", value: .missing)] } == .emptyName)
    #expect(try code { $0.features = [Feature(name: "x", value: .number(.infinity))] } == nil)
    #expect(try code { $0.score = .number(.nan) } == .notFinite)
    #expect(try code { $0.score = .probabilities([]) } == .outOfRange)
    #expect(try code { $0.score = .probabilities([.nan]) } == .notFinite)
    #expect(
      try code { $0.segments = [Segment(name: "a", value: ""), Segment(name: "a", value: "")] } == .duplicateField)
  }
}
