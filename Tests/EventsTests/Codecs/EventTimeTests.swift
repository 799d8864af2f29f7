import Bytes
import Events
import TestSupport
import Testing

@Suite("Times of events, moved")
struct EventTimeTests {
  private func moved(_ text: String, by milliseconds: Milliseconds) -> String? {
    EventTime.moved(Array(text.utf8)[...], by: milliseconds).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test("The time moves in the form in which it stands, and no other byte does")
  func json() {
    let cases = [
      (
        #"{"id":"a","time":1762345678901,"features":{"time":5}}"#,
        #"{"id":"a","time":1762345679901,"features":{"time":5}}"#
      ),
      ("{ \"time\" :\t5 , \"z\":[{\"time\":9}]}\n", "{ \"time\" :\t1005 , \"z\":[{\"time\":9}]}\n"),
      (#"{"time":"2025-11-05T12:27:58.901Z"}"#, #"{"time":"2025-11-05T12:27:59.901Z"}"#),
      (#"{"time":"2025-11-05T13:27:58+01:00","é":"ü"}"#, #"{"time":"2025-11-05T12:27:59.000Z","é":"ü"}"#),
      (#"{"time":-1000}"#, #"{"time":0}"#),
    ]
    for (text, expected) in cases {
      #expect(moved(text, by: 1_000) == expected)
      // As a slice of something larger.
      let padded = Array("xx\(text)yy".utf8)
      #expect(EventTime.moved(padded[2..<padded.count - 2], by: 1_000) == Array(expected.utf8))
    }
  }

  @Test("What has no time, or none that could be moved so far, is told")
  func none() {
    let texts = [
      "", "{}", "[]", "nonsense", #"{"time":null}"#, #"{"time":"yesterday"}"#, #"{"time":1.5}"#, #"{"a":{"time":1}}"#,
      #"{"time":1,"time":2}"#, #"{"time":1"#, "\u{b1}",
    ]
    for text in texts { #expect(moved(text, by: 1) == nil, "\(text)") }
    for by: Milliseconds in [.max, .min, 400_000_000_000_000] { #expect(moved(#"{"time":5}"#, by: by) == nil) }
  }

  @Test("A prediction in the binary form moves as its JSON does")
  func binary() throws {
    let prediction = Prediction(
      id: "p-1", model: "m", version: 3, time: 1_762_345_678_901, features: [Feature(name: "x", value: .number(1))],
      score: .number(0.5))
    let bytes = try #require(BinaryEvent.encode(prediction))
    let moved = try #require(EventTime.moved(bytes[...], by: -901))
    #expect(try Prediction.decode(moved[...]).time == 1_762_345_678_000)
    var expected = prediction
    expected.time = 1_762_345_678_000
    #expect(moved == BinaryEvent.encode(expected))
    #expect(EventTime.moved(bytes.prefix(39), by: 1) == nil)
    Fuzz.run("event-time", [bytes, prediction.encoded()]) { _ = EventTime.moved($0[...], by: 77) }
  }
}
