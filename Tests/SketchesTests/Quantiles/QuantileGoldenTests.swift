import Testing

@testable import Sketches

/// Bytes that Apache DataSketches' Python package 5.2.0 wrote, with what it answers for them.
@Suite("Quantiles: the library's bytes")
struct QuantileGoldenTests {
  @Test("An empty sketch is written as the library writes it")
  func empty() throws {
    let bytes = bytes("02010f01c8000800")
    #expect(QuantileSketch<Double>(seed: 1).encode() == bytes)
    #expect(try QuantileSketch<Double>(decoding: bytes).isEmpty)
    #expect(try QuantileSketch<Float>(decoding: bytes).isEmpty)
  }

  @Test("A single value is written as the library writes it")
  func single() throws {
    let doubles = bytes("02020f04c80008000000000000000440")
    #expect(sketch(of: [2.5]).encode() == doubles)
    #expect(try QuantileSketch<Double>(decoding: doubles).sortedView == QuantileView(sorted: [2.5]))
    let floats = bytes("02020f04c80008000000c0bf")
    #expect(sketch(of: [-1.5] as [Float]).encode() == floats)
    #expect(try QuantileSketch<Float>(decoding: floats).sortedView == QuantileView(sorted: [-1.5]))
  }

  @Test("Three values are read in any order, and written in theirs")
  func three() throws {
    let head = "000300000000000000c8000100c5000000"
    let extremes = "000000000000f03f0000000000000840"
    let read = try QuantileSketch<Double>(
      decoding: bytes(
        "05010f00c80008" + head + extremes + "0000000000000040000000000000f03f0000000000000840"))
    #expect(read.sortedView == QuantileView(sorted: [1, 2, 3]) && read.isExact)
    let sorted = "000000000000f03f00000000000000400000000000000840"
    #expect(sketch(of: [3, 1, 2]).encode() == bytes("05010f02c80008" + head + extremes + sorted))
  }

  @Test("A sketch that has thinned out 40 values answers as in the library")
  func estimation() throws {
    let items = [
      "0000000000804340", "0000000000804340", "0000000000004340", "0000000000003440", "0000000000003640",
      "0000000000003840", "0000000000003a40", "0000000000003c40", "0000000000003e40", "0000000000004040",
      "0000000000004140", "0000000000004240", "000000000000f03f", "0000000000001440", "0000000000002040",
      "0000000000002840", "0000000000003040",
    ]
    let head = "05010f000800080028000000000000000800030008000000" + "0a00000013000000" + "0000000000000000"
    let read = try QuantileSketch<Double>(decoding: bytes(head + items.joined()))
    #expect(read.count == 40 && read.minimum == 0 && read.maximum == 39 && read.retained == 16)
    #expect(read.quantiles([0.1, 0.5, 0.9]) == [1, 16, 34] && read.rank(of: 10) == 0.3)
    #expect(abs(read.normalizedRankError() - 0.304_016_734_158_173_04) < 1e-14)
  }

  @Test("A merged sketch of floats with two values of k answers as in the library")
  func merged() throws {
    let head = "05010f00100008003c0000000000000008000300070000000d0000001e000000" + "0000000000006c42"
    let items =
      "0000484200004c4200005042000054420000584200005c420000000000000040000080400000c0400000004100002041000040410000604100"
      + "008841000098410000a8410000b8410000c8410000d8410000e8410000644200006c420000044200001442000024420000344200004442"
    let read = try QuantileSketch<Float>(decoding: bytes(head + items))
    #expect(read.count == 60 && read.minimum == 0 && read.maximum == 59 && read.retained == 28 && read.k == 16)
    #expect(read.quantiles([0.1, 0.5, 0.9]) == [4, 29, 53] && read.rank(of: 10) == 0.2)
    #expect(abs(read.normalizedRankError() - 0.304_016_734_158_173_04) < 1e-14)
  }

  @Test("Leeway's own bytes do not change")
  func own() throws {
    var made = QuantileSketch<Double>(k: 8, seed: 42)
    let values = (0..<3_000).map { Double($0 * 37 % 3_001) }
    made.update(values.span)
    #expect(fingerprint(made.encode()) == 3_985_452_680_515_332_136)
    made.merge(sketch(of: QuantileStream.rounded.values(2_500, seed: 4), k: 20, seed: 7))
    #expect(fingerprint(made.encode()) == 1_925_656_232_276_463_766)
    #expect(
      fingerprint(sketch(of: (0..<9_999).map { Float($0 * 61 % 10_007) }, seed: 3).encode())
        == 17_257_418_747_694_400_468)
  }

  private func fingerprint(_ bytes: [UInt8]) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  private func bytes(_ hexadecimal: String) -> [UInt8] {
    let digits = hexadecimal.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }
}
