import Bytes
import Events
import Testing

/// Bytes that the README's ten lines of Python write, beside those that this program writes for the same event.
@Suite("The binary form as written in Python")
struct PythonWriterTests {
  /// event("p-β1", "term-deposit", 7, 1762345678901,
  ///       {"age": 41, "job": "techniciän", "poutcome": None, "default": True, "note": ""}, 0.183)
  static let written = [
    "b10101000700000035f8fc539a010000068195438b6cc73f", "050005000c000000230000001b000000",
    "0000000000804440000000000000f87f000000000000f87f000000000000f03f000000000000f87f",
    "030061676503006a6f620800706f7574636f6d65070064656661756c7404006e6f7465", "702dceb231", "7465726d2d6465706f736974",
    "020001000b000000746563686e696369c3a46e0400000000000000",
  ]

  @Test func texts() throws {
    let event = Prediction(
      id: "p-β1", model: "term-deposit", version: 7, time: 1_762_345_678_901,
      features: [
        Feature(name: "age", value: .number(41)), Feature(name: "job", value: .category("techniciän")),
        Feature(name: "poutcome", value: .missing), Feature(name: "default", value: .number(1)),
        Feature(name: "note", value: .category("")),
      ], score: .number(0.183))
    let bytes = try #require(BinaryEvent.encode(event))
    #expect(hexadecimal(bytes) == Self.written.joined())
    #expect(try Prediction.decode(bytes) == event)
  }
}
