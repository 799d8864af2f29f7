import Bytes
import Events
import Foundation
import TestSupport
import Testing

@Suite("The scanner gives what the decoder gives, value for value and error for error")
struct ScanTests {
  static let columns: [EventSchema.Column] = [
    EventSchema.Column(name: "x"), EventSchema.Column(name: "colour", kind: .category(levels: ["red", "Zürich", "3"])),
    EventSchema.Column(name: "a_rather_long_name_of_a_feature"), EventSchema.Column(name: "é"),
    EventSchema.Column(name: "never"), EventSchema.Column(name: "size"),
  ]

  static var scanner: EventScanner {
    var scanner = EventScanner()
    _ = scanner.register(EventSchema(columns: columns), model: "m", version: 1)
    _ = scanner.register(EventSchema(numbers: ["y", "x"]), model: "m", version: 2)
    return scanner
  }

  /// The cells that a prediction has by the rules of `Cell`.
  static func cells(_ prediction: Prediction) -> [Double]? {
    guard prediction.model == "m", let version = prediction.version, version <= 2 else { return nil }
    let columns = version == 1 ? columns : ["y", "x"].map { EventSchema.Column(name: $0) }
    return columns.map { column in
      switch (prediction.features.first { $0.name == column.name }?.value ?? .missing, column.kind) {
      case (.missing, _): Cell.missing
      case (.number(let number), .number): number
      case (.category, .number): Cell.invalid
      case (.number(let number), .category(let levels)): CategoryNumberTests.code(of: number, levels)
      case (.category(let text), .category(let levels)):
        levels.firstIndex(of: text).map(Double.init) ?? Cell.unlisted
      }
    }
  }

  /// Scans a text and compares with the decoder.
  static func check(_ bytes: [UInt8], _ scanner: inout EventScanner) {
    let expected = Result { () throws(EventError) in try Prediction.decode(bytes) }
    // In the midst of other bytes.
    let padded = [7] + bytes + [UInt8(ascii: "}")]
    let found = Result { () throws(EventError) in try scanner.scan(padded[1..<bytes.count + 1]) }
    compare(found, expected, bytes[...], scanner)
  }

  static func compare(
    _ found: Result<ScannedPrediction, EventError>, _ expected: Result<Prediction, EventError>, _ bytes: ByteSlice,
    _ scanner: EventScanner
  ) {
    let shown = String(decoding: bytes.prefix(400), as: UTF8.self)
    switch (found, expected) {
    case (.failure(let found), .failure(let expected)): #expect(found == expected, "\(shown)")
    case (.success(let scanned), .success(let prediction)):
      func text(_ range: Range<Int>) -> String {
        String(decoding: bytes.dropFirst(range.lowerBound).prefix(range.count), as: UTF8.self)
      }
      let whole = scanned.form == .whole ? scanner.whole : nil
      #expect(whole == nil || whole == prediction)
      #expect(
        (whole?.id ?? text(scanned.id)) == prediction.id && (whole?.model ?? text(scanned.model)) == prediction.model)
      #expect(whole?.entity ?? (scanned.entity.isEmpty ? nil : text(scanned.entity)) == prediction.entity)
      #expect(scanned.version == prediction.version ?? 0 && scanned.time == prediction.time, "\(shown)")
      let score: Score? =
        scanned.scoreForm == .none ? nil : scanned.scoreForm == .number ? .number(scanned.number) : scanner.otherScore
      #expect(score == prediction.score, "\(shown)")
      let cells = cells(prediction)
      #expect((scanned.schema > 0) == (cells != nil), "\(shown)")
      guard let cells else { return }
      let row = scanner.row.prefix(cells.count)
      #expect(row.map(\.bitPattern) == cells.map(\.bitPattern), "\(shown): \(row)")
      let unlisted = zip(cells, columns).contains {
        $0 == Cell.unlisted && $1.kind != .number && prediction.version == 1
      }
      #expect(scanned.hasUnlisted == unlisted, "\(shown)")
    default: Issue.record("\(found) where the decoder gives \(expected): \(shown)")
    }
  }

  /// Events of one test run; `LEEWAY_FUZZ` asks for more, such as 1000000.
  static let runs = ProcessInfo.processInfo.environment["LEEWAY_FUZZ"].flatMap(Int.init) ?? 10_000

  @Test("events in all forms, and damaged ones") func texts() {
    var texts = ScanTexts(seed: 1)
    var scanner = Self.scanner
    var usual = 0
    for _ in 0..<Self.runs {
      let bytes = texts.bytes()
      Self.check(bytes, &scanner)
      if let scanned = try? scanner.scan(bytes[...]), scanned.form == .json { usual += 1 }
    }
    #expect(usual > Self.runs / 20, "many take the short way")
  }

  @Test("records as Leeway writes them, in both forms") func records() {
    var random = RandomRecords(seed: 2)
    var scanner = Self.scanner
    for _ in 0..<2_000 {
      var prediction = random.prediction()
      (prediction.model, prediction.version) = ("m", 1)
      Self.check(prediction.encoded(), &scanner)
      if let bytes = BinaryEvent.encode(prediction) { Self.check(bytes, &scanner) }
    }
  }

  @Test("numbers of every length and exponent, bit for bit") func numbers() throws {
    var random = SplitMix64(seed: 5)
    var scanner = EventScanner()
    _ = scanner.register(EventSchema(numbers: ["x"]), model: "m", version: 1)
    for round in 0..<max(20_000, Self.runs) {
      let digits = Int.random(in: 1...Int.random(in: 1...24, using: &random), using: &random)
      let zeros = String(repeating: "0", count: Int.random(in: 0...6, using: &random))
      let mantissa = (0..<digits).map { _ in String(Int.random(in: 0...9, using: &random)) }.joined()
      let exponent = round % 3 == 0 ? "" : "e\(Int.random(in: -60...60, using: &random))"
      let whole = String(mantissa.drop { $0 == "0" })
      for text in [
        "0.\(zeros)\(mantissa)\(exponent)", "\(whole.isEmpty ? "0" : whole)\(exponent)",
        "-\(mantissa.last ?? "1").\(mantissa)\(exponent)",
      ] {
        _ = try scanner.scan(Array(#"{"id":"a","model":"m","version":1,"time":0,"features":{"x":\#(text)}}"#.utf8)[...])
        let expected = try #require(Double(text))
        #expect(scanner.row[0].bitPattern == expected.bitPattern, "\(text)")
      }
    }
  }

  @Test("a point at every place of a number, and everything behind it") func points() {
    var scanner = Self.scanner
    let ends = ["", " ", "e1", "E-2", "e", ".", ".5", "x", "é", "\"", "\n"]
    for whole in 0...10 {
      for places in 0...16 {
        for first in ["1", "0", "7"] {
          let digits = (first + "20406080907050301908070605").prefix(whole + places)
          for point in places == 0 ? ["", "."] : ["."] {
            let number = digits.prefix(whole) + point + digits.dropFirst(whole)
            for text in ends.flatMap({ [number + $0, "-" + number + $0] }) {
              let event = #"{"id":"a","model":"m","version":1,"time":0,"features":{"x":\#(text),"size":1}}"#
              Self.check(Array(event.utf8), &scanner)
            }
          }
        }
      }
    }
  }

  @Test("long names that differ in one byte, at every place") func longNames() {
    for length in [12, 13, 14, 15, 20, 21, 22, 23, 29, 30, 31, 40] {
      let name = String(repeating: "n", count: length)
      var scanner = EventScanner()
      _ = scanner.register(EventSchema(numbers: [name, "z"]), model: "m", version: 1)
      func row(_ name: String) throws -> [Double] {
        let text = #"{"id":"a","model":"m","version":1,"time":0,"features":{"\#(name)":1.5,"z":2}}"#
        _ = try scanner.scan(Array(text.utf8)[...])
        return scanner.row
      }
      for place in 0..<length {
        #expect(throws: Never.self) {
          #expect(try row(name) == [1.5, 2])
          let other = name.prefix(place) + "m" + name.dropFirst(place + 1)
          let cells = try row(String(other))
          #expect(cells[0].isNaN && cells[1] == 2, "\(other)")
        }
      }
      #expect(throws: Never.self) {
        for other in [name + "n", String(name.dropLast())] {
          let cells = try row(other)
          #expect(cells[0].isNaN && cells[1] == 2)
        }
      }
    }
  }

  @Test("a schema is found wherever model and version stand") func schemas() throws {
    var scanner = Self.scanner
    let parts = [#""model":"m""#, #""version":V"#, #""features":{"x":1,"y":2}"#, #""id":"a","time":0"#]
    for order in [[0, 1, 2, 3], [2, 0, 1, 3], [0, 2, 3, 1], [3, 1, 2, 0]] {
      for version in [1, 2, 1, 3, 2, 2, 1] {
        let text = "{" + order.map { parts[$0] }.joined(separator: ",") + "}"
        Self.check(Array(text.replacing("V", with: "\(version)").utf8), &scanner)
      }
    }
  }

  @Test("many other names, and more than are remembered") func otherNames() throws {
    var scanner = Self.scanner
    for round in 0..<40 {
      let names = (0..<30).map { "\"n\(round * 30 + $0)\":\($0)" } + ["\"x\":\(round)"]
      let features = names.shuffled().joined(separator: ",")
      Self.check(Array(#"{"id":"a","model":"m","version":1,"time":0,"features":{\#(features)}}"#.utf8), &scanner)
      Self.check(
        Array(#"{"id":"a","model":"m","version":1,"time":0,"features":{\#(features),"n\#(round * 30)":1}}"#.utf8),
        &scanner)
    }
  }
}
