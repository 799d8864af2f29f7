import Drift
import Foundation
import FoundationXML
import TestSupport

@testable import leeway

/// Rows of a file that is made for a test.
struct MadeFile {
  private(set) var lines: [String]
  private var generator: SplitMix64

  init(_ header: String, seed: UInt64 = 1) {
    lines = [header]
    generator = SplitMix64(seed: seed)
  }

  var text: String { lines.joined(separator: "\n") + "\n" }

  mutating func add(_ rows: Int, _ row: (Int, inout SplitMix64) -> String) {
    for _ in 0..<rows { lines.append(row(lines.count - 1, &generator)) }
  }
}

extension SplitMix64 {
  mutating func unit() -> Double { Double.random(in: 0..<1, using: &self) }

  /// Nearly normal: a sum of twelve uniform numbers, as three decimals.
  mutating func normal() -> Double {
    ((0..<12).reduce(-6.0) { sum, _ in sum + unit() } * 1_000).rounded() / 1_000
  }
}

extension DetectResult {
  func column(_ name: String) -> Column? { columns.first { $0.name == name } }
}

/// Whether a text is well-formed XML, and which elements and addresses it holds.
final class Markup: NSObject, XMLParserDelegate {
  private(set) var elements: [String: Int] = [:]
  private(set) var addresses: [String] = []
  private(set) var isWellFormed = false

  init(_ text: String) {
    super.init()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = self
    isWellFormed = parser.parse()
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    elements[name, default: 0] += 1
    addresses += attributes.filter { ["src", "href", "xlink:href", "data", "action"].contains($0.key) }.values
  }
}
