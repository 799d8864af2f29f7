import Bytes
import Events
import Testing

@Suite("Records survive their codecs")
struct RoundTripTests {
  @Test("what is written reads back equal, and writes the same bytes", arguments: RecordKind.all)
  func roundTrip(_ kind: RecordKind) throws {
    var random = RandomRecords(seed: 1)
    for _ in 0..<150 { try check(kind.make(&random)) }
  }

  private func check<R: EventRecord>(_ record: R) throws {
    let bytes = record.encoded()
    let back = try R.decode(bytes)
    #expect(back == record)
    #expect(back.encoded() == bytes)
    // A value is a slice of a larger buffer in the log.
    let larger = [UInt8(ascii: "{")] + bytes + [UInt8(ascii: "}")]
    #expect(try R.decode(value: larger[1..<larger.count - 1]) == record)
  }

  @Test("the order of fields, blanks between tokens and unknown fields mean nothing", arguments: RecordKind.all)
  func spellings(_ kind: RecordKind) throws {
    var random = RandomRecords(seed: 2)
    for _ in 0..<20 {
      let record = kind.make(&random)
      let written = record.encoded()
      let members = try JSONText.members(written)
      let unknown = #""x_unknown" : {"a":[1,{"b":null}],"c":"\u00e9\n","d":[true,false,-1.5e-3]}"#
      let spelled = ([unknown] + members.reversed()).joined(separator: " ,\n\t")
      try check(Array("\r\n {\(spelled) } \n".utf8), is: record)
    }
  }

  private func check<R: EventRecord>(_ bytes: [UInt8], is record: R) throws {
    #expect(try R.decode(bytes) == record)
  }

  @Test("figures that are not finite are written as null and read back as NaN")
  func notFinite() throws {
    for value in [Double.nan, .infinity, -.infinity] {
      let moments = MomentsRecord(count: 1, mean: value, m2: value, min: value, max: value)
      let judged = SummaryRecord.judged(
        JudgedSummary(model: "m", version: 1, partition: 0, tick: 0, start: 0, end: 1, rows: 1, loss: moments))
      let bytes = judged.encoded()
      #expect(
        shown(bytes).contains(#""loss":{"count":1,"mean":null,"m2":null,"min":null,"max":null}"#))
      guard case .judged(let back) = try SummaryRecord.decode(bytes), let loss = back.loss else {
        Issue.record("not what was written")
        return
      }
      #expect([loss.mean, loss.m2, loss.min, loss.max].allSatisfy { $0.isNaN })
      #expect(SummaryRecord.judged(back).encoded() == bytes)
    }
  }

  @Test("a score that is not finite is written as no score, a feature as missing, a label as what no reader takes")
  func notFiniteEvents() throws {
    for value in [Double.nan, .infinity, -.infinity] {
      let prediction = Prediction(
        id: "p", model: "m", version: 1, time: 0, features: [Feature(name: "a", value: .number(value))],
        score: .number(value))
      let back = try Prediction.decode(prediction.encoded())
      #expect(back.score == nil && back.features == [Feature(name: "a", value: .missing)])
      var several = prediction
      several.score = .probabilities([0.5, value])
      #expect(try Prediction.decode(several.encoded()).score == nil)
      let label = Label(prediction: "p", model: "m", time: 0, value: .number(value))
      fault(.nullValue, at: "label", label.encoded(), as: Label.self)
    }
  }

  @Test("a tombstone is an error that names itself", arguments: RecordKind.all)
  func tombstone(_ kind: RecordKind) {
    let error = #expect(throws: EventError.self) { try kind.type.decode(value: nil) }
    #expect(error?.code == .nullValue)
    #expect(error?.description == "record: the record has no value (byte 0)")
  }
}
