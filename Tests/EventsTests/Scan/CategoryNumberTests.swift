import Bytes
import Events
import Testing

@Suite("A number in a category is the level that it names, in every form of an event")
struct CategoryNumberTests {
  private static let levels = [
    "3", "0", "1", "2.5", 1e16.description, 0.1.description, 1e-7.description, "-3", "03", "3.0", "-0", "nan", "inf",
    "1e16", "9007199254740992", "red",
  ]

  static func code(of number: Double, _ levels: [String]) -> Double {
    let level = number == number.rounded() && abs(number) < 0x1p53 ? "\(Int64(number))" : "\(number)"
    return levels.firstIndex(of: level).map(Double.init) ?? Cell.unlisted
  }

  private static var scanner: EventScanner {
    var scanner = EventScanner()
    let columns = [EventSchema.Column(name: "c", kind: .category(levels: levels)), EventSchema.Column(name: "x")]
    _ = scanner.register(EventSchema(columns: columns), model: "m", version: 1)
    return scanner
  }

  /// As JSON writes them, each with the number that it is.
  private static let numbers: [(text: String, number: Double)] = [
    ("3", 3), ("3.0", 3), ("30e-1", 3), ("-3", -3), ("0", 0), ("-0", 0), ("0.0", 0), ("1", 1), ("true", 1),
    ("false", 0), ("2.5", 2.5), ("1e16", 1e16), ("10000000000000000", 1e16), ("0.1", 0.1), ("0.1000", 0.1),
    ("0.0000001", 1e-7), ("9007199254740992", 0x1p53), ("7", 7), ("3.0000000000000004", 3.0000000000000004),
    ("-2.5", -2.5),
  ]

  @Test func everyForm() throws {
    var scanner = Self.scanner
    for (text, number) in Self.numbers {
      let expected = Self.code(of: number, Self.levels)
      let json = #"{"id":"a","model":"m","version":1,"time":0,"features":{"c":\#(text),"x":\#(text)}}"#
      let long = json.replacing(#""id":"a""#, with: #""id":"\u0061""#)
      let features = [Feature(name: "c", value: .number(number)), Feature(name: "x", value: .number(number))]
      let prediction = Prediction(id: "a", model: "m", version: 1, time: 0, features: features)
      let binary = try #require(BinaryEvent.encode(prediction))
      for (bytes, form) in [
        (Array(json.utf8), ScannedPrediction.Form.json), (Array(long.utf8), .whole), (binary, .binary),
      ] {
        let scanned = try scanner.scan(bytes[...])
        #expect(scanned.form == form && scanner.row == [expected, number], "\(text) as \(form)")
        #expect(scanned.hasUnlisted == (expected == Cell.unlisted), "\(text) as \(form)")
      }
    }
  }

  @Test("a schema in the place of another: the other's version is forgotten") func replaced() throws {
    var scanner = EventScanner()
    let names = ["x", "y", "z"]
    let numbers = names.enumerated().map { place, name in
      scanner.register(EventSchema(numbers: Array(names[...place])), model: "m", version: place + 1)
    }
    #expect(numbers == [1, 2, 3])
    #expect(scanner.register(EventSchema(numbers: ["z", "x"]), model: "m", version: 4, replacing: 2) == 2)
    for (version, schema, row) in [
      (1, 1, [1.0]), (2, 0, []), (3, 3, [1, 2, 3]), (4, 2, [3, 1]), (2, 0, []), (4, 2, [3, 1]),
    ] {
      for order in [#""model":"m","version":V,F"#, #"F,"version":V,"model":"m""#] {
        let text = order.replacing("V", with: "\(version)")
          .replacing("F", with: #""features":{"x":1,"y":2,"z":3}"#)
        let scanned = try scanner.scan(Array(#"{"id":"a","time":0,\#(text)}"#.utf8)[...])
        #expect(scanned.schema == schema && Array(scanner.row.prefix(row.count)) == row, "\(version), \(order)")
      }
    }
  }
}
