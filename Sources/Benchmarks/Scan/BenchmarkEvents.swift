import Bytes
import Events
import Foundation

/// The events that the benchmarks of scanning read: twenty numbers, about 550 bytes of JSON.
struct BenchmarkEvents {
  static let names = (0..<20).map { "feat_\($0 + 10)" }
  static let model = "churn"

  let predictions: [Prediction]
  /// One event a line.
  let lines: [UInt8]
  /// The same events in another order of keys, with blanks as Python's `json.dumps` writes them.
  let shuffled: [UInt8]
  /// Each event in the binary form, behind one another, and where each ends.
  let binary: [UInt8]
  let binaryEnds: [Int]

  init(count: Int, seed: UInt64 = 1) {
    var random = SplitMix64(seed: seed)
    predictions = (0..<count).map { number in
      let features = Self.names.enumerated().map { index, name in
        let value = random.normal() * pow(10, Double(index % 5) - 1)
        return Feature(name: name, value: .number(Self.rounded(value, places: 4 + index % 6)))
      }
      let score = Self.rounded(random.unit(), places: 6)
      return Prediction(
        id: "p-\(10_000_000 + number)", model: Self.model, version: 3, time: 1_700_000_000_000 + Milliseconds(number),
        entity: "customer-\(1_000 + number % 9_000)", features: features, score: .number(score),
        segments: [Segment(name: "channel", value: ["web", "app", "store"][number % 3])])
    }
    lines = predictions.flatMap { $0.encoded() + [UInt8(ascii: "\n")] }
    shuffled = predictions.flatMap { Self.shuffled($0) + [UInt8(ascii: "\n")] }
    let events = predictions.map { BinaryEvent.encode($0) ?? [] }
    binary = events.flatMap { $0 }
    var end = 0
    binaryEnds = events.map { event in
      end += event.count
      return end
    }
  }

  private static func rounded(_ value: Double, places: Int) -> Double {
    let scale = pow(10, Double(places))
    return (value * scale).rounded() / scale
  }

  private static func shuffled(_ prediction: Prediction) -> [UInt8] {
    let features = prediction.features.reversed().map { feature -> String in
      guard case .number(let number) = feature.value else { return "\"\(feature.name)\": null" }
      return "\"\(feature.name)\": \(number)"
    }
    guard case .number(let score) = prediction.score else { return [] }
    let text = """
      {"features": {\(features.joined(separator: ", "))}, "prediction": \(score), "time": \(prediction.time), \
      "version": \(prediction.version ?? 0), "model": "\(prediction.model)", "id": "\(prediction.id)", \
      "entity": "\(prediction.entity ?? "")", "segments": {"channel": "\(prediction.segments.first?.value ?? "")"}}
      """
    return Array(text.utf8)
  }
}

extension BenchmarkEvents {
  static let version = 3

  /// One that knows the columns.
  var scanner: EventScanner {
    var scanner = EventScanner()
    _ = scanner.register(EventSchema(numbers: Self.names), model: Self.model, version: Self.version)
    return scanner
  }

  var binaryRecords: [[UInt8]] {
    var start = 0
    return binaryEnds.map { end in
      defer { start = end }
      return Array(binary[start..<end])
    }
  }

  /// The values of one column.
  func column(_ place: Int) -> [Double] {
    predictions.map { prediction in
      if case .number(let number) = prediction.features[place].value { number } else { .nan }
    }
  }
}
