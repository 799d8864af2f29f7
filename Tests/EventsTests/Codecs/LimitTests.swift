import Events
import Testing

@Suite("Limits: the limit itself is taken, one more is refused")
struct LimitTests {
  private func prediction(
    id: String = "p", model: String = "m", features: String = "{}", prediction: String = "1", segments: String = "{}"
  ) -> String {
    #"{"id":"\#(id)","model":"\#(model)","version":1,"time":0,"features":\#(features),"#
      + #""prediction":\#(prediction),"segments":\#(segments)}"#
  }

  private func check(_ limit: Int, at path: String, _ text: (Int) -> String) throws {
    _ = try Prediction.decode(Array(text(limit).utf8))
    let error = fault(.tooLarge, text(limit + 1), as: Prediction.self)
    #expect(error?.path.hasPrefix(path) == true, "\(error?.path ?? "")")
  }

  private func map(_ count: Int, _ value: String) -> String {
    "{" + (0..<count).map { "\"n\($0)\":\(value)" }.joined(separator: ",") + "}"
  }

  private func text(_ count: Int) -> String { String(repeating: "x", count: count) }

  @Test func counts() throws {
    try check(Limits.features, at: "features") { prediction(features: map($0, "1")) }
    try check(Limits.segments, at: "segments") { prediction(segments: map($0, "\"v\"")) }
    try check(Limits.probabilities, at: "prediction") {
      prediction(prediction: "[" + Array(repeating: "0", count: $0).joined(separator: ",") + "]")
    }
  }

  @Test func lengths() throws {
    try check(Limits.idBytes, at: "id") { prediction(id: text($0)) }
    try check(Limits.nameBytes, at: "model") { prediction(model: text($0)) }
    try check(Limits.nameBytes, at: "features") { prediction(features: "{\"\(text($0))\":1}") }
    try check(Limits.nameBytes, at: "segments") { prediction(segments: "{\"\(text($0))\":\"v\"}") }
    try check(Limits.textBytes, at: "features.a") { prediction(features: "{\"a\":\"\(text($0))\"}") }
    try check(Limits.textBytes, at: "segments.a") { prediction(segments: "{\"a\":\"\(text($0))\"}") }
    try check(Limits.textBytes, at: "prediction") { prediction(prediction: "\"\(text($0))\"") }
    try check(Limits.numberBytes, at: "prediction") {
      prediction(prediction: "0." + String(repeating: "1", count: $0 - 2))
    }
  }

  @Test("lengths are those of the text, not of its escapes")
  func escapes() throws {
    let id = String(repeating: "\\u0061", count: Limits.idBytes)
    #expect(try Prediction.decode(Array(prediction(id: id).utf8)).id == String(repeating: "a", count: Limits.idBytes))
    fault(.tooLarge, at: "id", prediction(id: id + "a"), as: Prediction.self)
    // 171 × 3 bytes of UTF-8 are one more than the limit.
    fault(.tooLarge, at: "id", prediction(id: String(repeating: "語", count: 171)), as: Prediction.self)
  }

  @Test("a name that stands twice is found among the most names that are allowed")
  func manyNames() {
    for place in [1, 60, 70, Limits.features - 2] {
      var names = (0..<Limits.features).map { "n\($0)" }
      names[Limits.features - 1] = names[place]
      let features = "{" + names.map { "\"\($0)\":1" }.joined(separator: ",") + "}"
      fault(.duplicateField, at: "features.n\(place)", prediction(features: features), as: Prediction.self)
    }
  }

  @Test func watermarkTopics() throws {
    func watermark(_ count: Int) -> String { #"{"partition":0,"time":0,"offsets":\#(map(count, "1"))}"# }
    _ = try Watermark.decode(Array(watermark(Limits.watermarkTopics).utf8))
    fault(.tooLarge, watermark(Limits.watermarkTopics + 1), as: Watermark.self)
  }

  @Test("a dead letter shows the first bytes as text")
  func sample() {
    #expect(DeadLetter.sample(of: nil) == "")
    #expect(DeadLetter.sample(of: Array("{\"a\":1}".utf8)[...]) == "{\"a\":1}")
    #expect(DeadLetter.sample(of: [0x61, 0xff, 0x62]) == "a\u{fffd}b")
    let long = [UInt8](repeating: UInt8(ascii: "x"), count: 10_000)
    #expect(DeadLetter.sample(of: long[...]) == text(Limits.sampleBytes))
  }
}
