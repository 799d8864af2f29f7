import Events
import Testing

/// What producers get wrong, field by field.
@Suite("Faults in events from outside")
struct EventFaultTests {
  private static let prediction = [
    "id": #""p""#, "model": #""m""#, "version": "1", "time": "0", "entity": #""e""#, "features": #"{"a":1}"#,
    "prediction": "0.5", "segments": #"{"s":"t"}"#,
  ]
  private static let label = [
    "prediction": #""p""#, "model": #""m""#, "time": "0", "label": "1", "entity": #""e""#,
  ]
  private static let update = ["entity": #""e""#, "time": "0", "features": #"{"a":1}"#]

  struct Shape: Sendable, CustomTestStringConvertible {
    let type: any EventRecord.Type
    let fields: [String: String]
    let required: Set<String>
    var testDescription: String { "\(type)" }

    func text(_ field: String, _ value: String?) -> String {
      var fields = fields
      fields[field] = value
      return "{" + fields.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
    }
  }

  static let shapes = [
    Shape(type: Prediction.self, fields: prediction, required: ["id", "model", "time"]),
    Shape(type: Label.self, fields: label, required: ["prediction", "model", "time", "label"]),
    Shape(type: FeatureUpdate.self, fields: update, required: ["entity", "time", "features"]),
  ]

  @Test("each required field, and no other, must be there and not null", arguments: shapes)
  func missing(_ shape: Shape) throws {
    for field in shape.fields.keys {
      if shape.required.contains(field) {
        fault(.missingField, at: field, shape.text(field, nil), as: shape.type)
        fault(.nullValue, at: field, shape.text(field, "null"), as: shape.type)
      } else if field != "version" {
        _ = try shape.type.decode(Array(shape.text(field, nil).utf8))
        _ = try shape.type.decode(Array(shape.text(field, "null").utf8))
      }
    }
  }

  @Test("the share of a run's rows that is held out is neither nothing nor all of them")
  func holdout() throws {
    func text(_ share: String) -> String {
      #"{"kind":"started","run":"r","model":"m","time":0,"version":1,"family":"mlp","seed":1,"#
        + #""rows":{"before":0,"partitions":[]},"holdout":\#(share)}"#
    }
    for share in ["0", "1", "-0.2", "1.5", "1e300", "-1e300"] {
      fault(.outOfRange, at: "holdout", text(share), as: RunRecord.self)
    }
    for share in ["1e-9", "0.2", "0.999"] { _ = try RunRecord.decode(Array(text(share).utf8)) }
  }

  @Test("an example's number leaves room for the next")
  func exampleNumber() throws {
    func text(_ number: Int64) -> String { #"{"kind":"resolved","up_to":0,"next_seq":\#(number)}"# }
    for number in [Limits.exampleNumber + 1, .max, -1] {
      fault(.outOfRange, at: "next_seq", text(number), as: ExampleRecord.self)
    }
    let last = try ExampleRecord.decode(Array(text(Limits.exampleNumber).utf8)[...])
    #expect(last == .resolved(Resolved(upTo: 0, nextSeq: Limits.exampleNumber)))
  }

  @Test("a score needs its version")
  func version() throws {
    let shape = Self.shapes[0]
    fault(.missingField, at: "version", shape.text("version", nil), as: shape.type)
    fault(.missingField, at: "version", shape.text("version", "null"), as: shape.type)
    for version in ["0", "-1"] { fault(.outOfRange, at: "version", shape.text("version", version), as: shape.type) }
    fault(.wrongType, at: "version", shape.text("version", "1.5"), as: shape.type)
    for version in ["9223372036854775808", "-9223372036854775809", "1e19", "1e300"] {
      fault(.outOfRange, at: "version", shape.text("version", version), as: shape.type)
    }
    fault(.notFinite, at: "version", shape.text("version", "1e400"), as: shape.type)
    for (text, value) in [("5.0", 5), ("5e0", 5), ("50E-1", 5), ("9223372036854775807", Int.max)] {
      #expect(try Prediction.decode(Array(shape.text("version", text).utf8)).version == value)
    }
  }

  @Test("every field refuses values of other types", arguments: shapes)
  func wrongType(_ shape: Shape) {
    let takes: [String: Set<Character>] = [
      "id": ["\""], "model": ["\""], "entity": ["\""], "version": ["1"], "time": ["1", "\""], "features": ["{"],
      "segments": ["{"], "label": ["1", "\"", "t"], "prediction": ["1", "\"", "["],
    ]
    for field in shape.fields.keys {
      for value in ["true", "1", #""text""#, "[]", "{}"] {
        let isText = shape.type == Label.self && field == "prediction"
        let taken = isText ? ["\""] : takes[field] ?? []
        if let first = value.first, !taken.contains(first) {
          fault(.wrongType, at: field, shape.text(field, value), as: shape.type)
        }
      }
    }
  }

  @Test("inside features, segments and probabilities")
  func inside() {
    let shape = Self.shapes[0]
    for value in ["[]", "{}"] {
      fault(.wrongType, at: "features.a", shape.text("features", "{\"a\":\(value)}"), as: shape.type)
    }
    for value in ["1", "true", "[]", "{}"] {
      fault(.wrongType, at: "segments.s", shape.text("segments", "{\"s\":\(value)}"), as: shape.type)
    }
    fault(.nullValue, at: "segments.s", shape.text("segments", #"{"s":null}"#), as: shape.type)
    fault(.wrongType, at: "prediction[1]", shape.text("prediction", #"[0.5,"x"]"#), as: shape.type)
    fault(.nullValue, at: "prediction[0]", shape.text("prediction", "[null]"), as: shape.type)
    fault(.outOfRange, at: "prediction", shape.text("prediction", "[]"), as: shape.type)
    fault(.emptyName, shape.text("features", #"{"":1}"#), as: shape.type)
    for spelled in ["a", "\\u0061"] {
      fault(.duplicateField, shape.text("features", "{\"a\":1,\"b\":2,\"\(spelled)\":3}"), as: shape.type)
    }
  }

  @Test("NaN, infinities and numbers beyond doubles", arguments: ["features", "prediction"])
  func notFinite(_ field: String) {
    let shape = Self.shapes[0]
    for value in ["NaN", "Infinity", "-Infinity", "+1", ".5", "1.", "01", "0x10", "1e", "--1", "1_000"] {
      let inside = field == "features" ? "{\"a\":\(value)}" : value
      fault(.notJSON, shape.text(field, inside), as: shape.type)
    }
    for value in ["1e309", "-1e309", "1e999999999999999999999", "1.7976931348623159e308"] {
      let inside = field == "features" ? "{\"a\":\(value)}" : value
      fault(.notFinite, at: field == "features" ? "features.a" : field, shape.text(field, inside), as: shape.type)
    }
  }

  @Test("empty ids", arguments: shapes)
  func empty(_ shape: Shape) {
    for field in ["id", "model", "entity"] where shape.fields[field] != nil {
      fault(.emptyID, at: field, shape.text(field, #""""#), as: shape.type)
    }
  }

  @Test("times: both forms, 1970, 2200, the limits, and what is none", arguments: shapes)
  func times(_ shape: Shape) throws {
    let good = [
      "0", "-1", "7258118400000", "1.762345678901e12", "-62135596800000", "253402300799999",
      #""1970-01-01T00:00:00Z""#, #""2200-01-01T00:00:00Z""#, #""2025-11-05T12:27:58.901+01:00""#,
    ]
    for time in good { _ = try shape.type.decode(Array(shape.text("time", time).utf8)) }
    for time in [
      "-62135596800001", "253402300800000", #""yesterday""#, #""""#, #""2025-02-29T00:00:00Z""#,
      #""2025-11-05""#, #""1762345678901""#,
    ] { fault(.badTime, at: "time", shape.text("time", time), as: shape.type) }
    fault(.wrongType, at: "time", shape.text("time", "0.5"), as: shape.type)
  }
}
