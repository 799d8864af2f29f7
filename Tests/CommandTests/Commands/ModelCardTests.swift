import Events
import Foundation
import Models
import Testing

@testable import leeway

/// Cards of records that were written by hand: what a gate found, and a chain of versions.
@Suite("Model cards")
struct ModelCardTests {
  private func record(_ version: Int, parent: Int?, gate: GateRecord? = nil) -> ModelRecord {
    ModelRecord(
      model: "m", version: version, status: .champion, reason: "because of\n<b>this</b>", time: 0, parent: parent,
      family: "mixture", task: "regression", artifact: "\(version)\(version)", gate: gate, configuration: "c",
      code: "l",
      seed: .max)
  }

  private func evidence() -> EvidenceRecord {
    EvidenceRecord(tolerance: 0.02, mean: 0, deviation: 1, dependence: 1, logEvidence: 0, logThreshold: 3)
  }

  private func object(_ card: Card) throws -> [String: [String: Any]] {
    try #require(try JSONSerialization.jsonObject(with: Data(card.json.utf8)) as? [String: [String: Any]])
  }

  @Test("What the family and the weights of classes make of a score is said")
  func readings() throws {
    let columns = [Models.Column(name: "x", kind: .numeric)]
    func text(_ model: Models.Model) -> String {
      ModelCard(record: nil, model: model, others: [], checksum: nil, name: "m").card.markdown
    }
    let counts = Models.Model(schema: try Schema(task: .regression, columns: columns), family: .poisson)
    #expect(text(counts).contains("the count that is to be expected") && text(counts).contains("poisson"))
    var model = Models.Model(schema: try Schema(task: .binary, columns: columns), family: .mlp)
    #expect(text(model).contains("mlp") && !text(model).contains("weighed"))
    try model.weigh(.balanced)
    #expect(text(model).contains("Classes were weighed"))
  }

  @Test("Segments, gaps between groups, calibration and golden rows of the record's gate are in both forms")
  func gate() throws {
    let interval = IntervalRecord(value: 0.25, low: -0.5, high: 1.5, alpha: 0.05)
    let gate = GateRecord(
      outcome: .promote, reason: "better", measure: "log_loss", rows: 1_200, minimumRows: 100, challenger: 0.5,
      champion: 0.75, difference: interval,
      segments: [
        SegmentGateRecord(
          segment: Segment(name: "channel", value: "cell|ular"), rows: 700, champion: 0.875, challenger: 0.625,
          isProtected: true, verdict: .held, alert: false, evidence: evidence())
      ],
      fairness: [
        FairnessRecord(
          segment: "age", group: "old", other: "young", rate: "positive_rate", groupRows: 10, otherRows: 20,
          gap: interval, champion: interval, limit: nil, verdict: .undetermined)
      ],
      calibration: CalibrationRecord(challenger: interval, champion: interval, bias: -0.125, verdict: .held),
      golden: GoldenRecord(rows: 50, champion: 0.5, challenger: 0.25, tolerance: 0.1, verdict: .held))
    let card = ModelCard(
      record: record(2, parent: 1, gate: gate), model: nil, others: [record(1, parent: nil)], checksum: "22", name: "m"
    ).card
    let json = try object(card)
    let segment = try #require((json["gate"]?["segments"] as? [[String: Any]])?.first)
    #expect(segment["value"] as? String == "cell|ular" && segment["rows"] as? Int == 700)
    #expect(segment["challenger"] as? Double == 0.625 && segment["champion"] as? Double == 0.875)
    #expect(segment["protected"] as? Bool == true && segment["verdict"] as? String == "held")
    let gap = try #require((json["gate"]?["fairness"] as? [[String: Any]])?.first)
    #expect(gap["gap"] as? Double == 0.25 && gap["low"] as? Double == -0.5 && gap["limit"] == nil)
    #expect(
      json["gate"]?["difference_high"] as? Double == 1.5 && json["gate"]?["difference_confidence"] as? Double == 0.95)
    #expect(json["gate"]?["calibration_bias"] as? Double == -0.125 && json["gate"]?["golden_rows"] as? Int == 50)
    #expect(card.markdown.contains("| channel | cell\\|ular | 700 | 0.625 | 0.875 | yes | held |"), "\(card.markdown)")
    #expect(card.markdown.contains("- why: because of \\<b>this\\</b>"))
    // A column that is empty throughout is not shown.
    #expect(card.markdown.contains("| at most | verdict |"))
  }

  @Test("Lineage follows the parents, once each, and ends where a record is missing")
  func ancestors() throws {
    func chain(_ others: [ModelRecord]) throws -> [Int] {
      let card = ModelCard(record: record(4, parent: 3), model: nil, others: others, checksum: nil, name: "m").card
      let rows = try object(card)["lineage"]?["ancestors"] as? [[String: Any]] ?? []
      return rows.compactMap { $0["version"] as? Int }
    }
    #expect(try chain([record(1, parent: nil), record(2, parent: 1), record(3, parent: 1)]) == [3, 1])
    #expect(try chain([record(3, parent: 2)]) == [3])
    #expect(try chain([]) == [])
    #expect(try chain([record(3, parent: 4), record(4, parent: 3)]) == [3])
    // Beyond the integers that JSON readers keep exactly: a text.
    let card = ModelCard(record: record(1, parent: nil), model: nil, others: [], checksum: nil, name: "m").card
    #expect(try object(card)["lineage"]?["seed"] as? String == "18446744073709551615")
  }
}
