import Engine
import Events
import Foundation
import LeewayClient
import TestSupport
import Testing

@testable import leeway

@Suite("Texts among numbers")
struct ColumnTextsTests {
  private func texts(_ values: [FeatureValue]) -> ColumnTexts {
    ColumnTexts(
      values.enumerated().map { index, value in
        // Columns in changing order, as JSON may have them.
        let features = [Feature(name: "a", value: value), Feature(name: "b", value: .number(1))]
        return index % 2 == 0 ? features : features.reversed()
      })
  }

  private func warnings(
    _ values: [FeatureValue], categorical: Set<String> = [], numeric: Set<String> = [], dropped: Set<String> = []
  ) -> [String] {
    texts(values).warnings(categorical: categorical, numeric: numeric, dropped: dropped)
  }

  @Test("a column of numbers but for fewer texts is told, with count, sample and what to do")
  func mostlyNumbers() {
    let values: [FeatureValue] = [.number(1), .number(2), .missing, .category("unknown"), .number(3), .category("?")]
    let told = warnings(values)
    #expect(told.count == 1)
    let start = #"column "a": 2 of 5 values are texts, such as "unknown": so the whole column is read as names"#
    #expect(told.first?.hasPrefix(start) == true, "\(told)")
    #expect(told.first?.contains(#"under "numeric""#) == true && told.first?.contains(#"under "categorical""#) == true)
    for silent in [
      warnings(values, categorical: ["a"]), warnings(values, dropped: ["a"]), warnings([.number(1), .missing]),
      warnings([.category("x"), .category("y"), .number(1)]), warnings([]),
    ] { #expect(silent.isEmpty) }
  }

  @Test("in a column of numbers by decree, texts that are none are told as missing")
  func decreed() {
    let values: [FeatureValue] = [.number(1), .category("2.5"), .category("unknown")]
    let expected = #"column "a": 1 of 3 values is text, such as "unknown"; what is no number counts as missing"#
    #expect(warnings(values, numeric: ["a"]) == [expected])
    #expect(warnings([.number(1), .category("2.5")], numeric: ["a"]).isEmpty)
    #expect(texts(values).warnings(numeric: ["b", "a"]) == [expected])
  }

  /// What a user met: one stray text, and the model knew nothing of the number any more.
  @Test("one stray text: told by produce and by the run, and harmless under numeric")
  func endToEnd() throws {
    func auc(_ model: String) throws -> (auc: Double, warnings: String) {
      let station = try Station("train: {minimum_rows: 20}\nmodels: [{name: m\(model)}]\n")
      var random = SplitMix64(seed: 4)
      var table = "x,label\n"
      for row in 0..<2_000 {
        let x = random.normal()
        let isOne = random.uniform() < 1 / (1 + exp(-2 * x))
        table += row == 700 ? "unknown,1\n" : "\(x),\(isOne ? 1 : 0)\n"
      }
      try station.folder.write("rows.csv", table)
      let produced = try station.leeway("produce", "examples", "--model", "m", "--csv", "rows.csv")
      try station.leeway("trigger", "m")
      let run = try station.leeway("run", "--until-idle")
      #expect(run.errors.contains("column \"x\": 1 of 2,000 values is text, such as \"unknown\""), "\(run.errors)")
      let record = try #require(try station.values(of: .models).map { try ModelRecord.decode($0) }.last)
      return (try #require(record.challenger?.auc), produced.errors)
    }
    let stray = try auc("")
    #expect(stray.warnings.contains("model m: column \"x\": 1 of 2,000 values is text") && stray.auc < 0.6)
    let decreed = try auc(", numeric: [x]")
    #expect(decreed.warnings.contains("what is no number counts as missing") && decreed.auc > 0.8, "\(decreed)")
  }

  @Test("the demo tells too, and --numeric mends it")
  func demo() throws {
    let scratch = try Scratch()
    var random = SplitMix64(seed: 6)
    var table = "x,label\n"
    for row in 0..<1_000 {
      let x = random.normal()
      table += row == 7 ? "n.a.,1\n" : "\(x),\(x > 0 ? 1 : 0)\n"
    }
    try scratch.write("rows.csv", table)
    let stray = try Run.leeway("demo", "--csv", "rows.csv", "--label", "label", "--quiet", in: scratch.path)
    #expect(stray.status == 0 && stray.errors.contains("column \"x\": 1 of 1,000 values is text, such as \"n.a.\""))
    #expect(stray.errors.contains("in --numeric"))
    let mended = try Run.leeway(
      "demo", "--csv", "rows.csv", "--label", "label", "--quiet", "--numeric", "x", in: scratch.path)
    #expect(mended.status == 0 && mended.errors.contains("counts as missing"), "\(mended.errors)")
    let both = try Run.leeway(
      "demo", "--csv", "rows.csv", "--label", "label", "--numeric", "x", "--categorical", "x", in: scratch.path)
    #expect(both.status == 2)
  }
}
