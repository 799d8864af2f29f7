import Events
import TestSupport
import Testing

/// Columns of panes are read in a quick way where they stand as they are written, and in the general way elsewhere.
@Suite("Columns as they are written, and in any other form, read the same")
struct WrittenColumnTests {
  private func pane(_ columns: [ColumnSummary], prediction: ColumnSummary? = nil) -> SummaryRecord {
    .pane(
      PaneSummary(
        model: "m", version: 1, partition: 0, tick: 0, start: 0, end: 1, rows: 1, columns: columns,
        prediction: prediction))
  }

  private func column(_ bins: [Int], count: Int = 60) -> ColumnSummary {
    ColumnSummary(
      name: "feat_10", count: count, missing: 0, invalid: 12,
      moments: MomentsRecord(count: count, mean: -0.002256666666666663, m2: 71.24690056581834, min: -3.5, max: 12),
      bins: bins)
  }

  private func expectRoundTrip(_ record: SummaryRecord, _ place: SourceLocation = #_sourceLocation) throws {
    let bytes = record.encoded()
    #expect(try SummaryRecord.decode(bytes) == record, "\(shown(bytes))", sourceLocation: place)
    // What follows in a larger buffer must not count: here it would continue the last number.
    let larger = bytes + Array(repeating: UInt8(ascii: "7"), count: 32)
    #expect(try SummaryRecord.decode(value: larger[..<bytes.count]) == record, sourceLocation: place)
  }

  @Test("counts of every number of digits, at every place of a row, and at the end of the text")
  func digits() throws {
    var power = 1
    for _ in 0..<18 {
      for value in [power, power * 10 - 1] {
        try expectRoundTrip(pane([column([value], count: value)], prediction: column([value])))
        for place in 0..<9 {
          var bins = [1, 0, 9, 3, 0, 0, 7, 8, 2]
          bins[place] = value
          try expectRoundTrip(pane([column(bins)], prediction: column(bins)))
        }
      }
      power *= 10
    }
    try expectRoundTrip(pane([column([.max], count: .max)]))
  }

  @Test("rows of every length, behind a column of another, of one digit and of any")
  func lengths() throws {
    var random = SplitMix64(seed: 1)
    for length in 0...140 {
      let short = (0..<length).map { _ in random.below(10) }
      let mixed = (0..<length).map { _ in random.below([10, 10, 10, 100, 1_000_000_000][random.below(5)]) }
      let other = Array(repeating: 1, count: random.below(140))
      try expectRoundTrip(pane([column(short), column(mixed), column(short)], prediction: column(mixed)))
      try expectRoundTrip(pane([column(other), column(mixed), column(short)]))
    }
  }

  /// A column's members, `front` before them, with the byte at `place` changed.
  private func text(_ members: [UInt8], front: String, _ place: Int, _ byte: UInt8) -> [UInt8] {
    var members = members
    members[place] = byte
    let head = #"{"kind":"pane","model":"m","version":1,"partition":0,"tick":0,"start":0,"end":1,"rows":1,"columns":[{"#
    return Array(head.utf8) + Array(front.utf8) + members + Array("}]}".utf8)
  }

  private func outcome(_ bytes: [UInt8]) -> Result<SummaryRecord, EventError> {
    do throws(EventError) {
      return .success(try SummaryRecord.decode(bytes))
    } catch {
      return .failure(error)
    }
  }

  @Test(
    "any byte changed has the outcome that it has in the general way, which a member in front demands",
    arguments: ["[1,0,3,0,2,1]", "[12,0,345,1,99999999,100000000]", "[]"])
  func changed(_ bins: String) {
    let members = Array(
      (#""name":"feat_10","count":60,"missing":0,"invalid":7,"#
        + #""moments":{"count":60,"mean":0.5,"m2":5.25e-3,"min":null,"max":-10},"bins":\#(bins)"#).utf8)
    let front = #""x":0,"#
    let bytes = Array(#" 0197,:"\{}[]-.enx"#.utf8) + [0, 0x0a, 0x2f, 0x3a, 0x80, 0xff]
    var random = SplitMix64(seed: 2)
    for place in members.indices.dropFirst() {
      for byte in [bytes[random.below(bytes.count)], bytes[random.below(bytes.count)]] {
        let quick = outcome(text(members, front: "", place, byte))
        switch (quick, outcome(text(members, front: front, place, byte))) {
        case (.success(let one), .success(let other)): #expect(one.encoded() == other.encoded())
        case (.failure(let one), .failure(let other)):
          #expect((one.code, one.path, one.reason) == (other.code, other.path, other.reason))
          #expect([one.position, one.position + front.utf8.count].contains(other.position), "\(one), \(other)")
        default: Issue.record("byte \(byte) in place of \(place): \(quick)")
        }
      }
    }
  }
}
