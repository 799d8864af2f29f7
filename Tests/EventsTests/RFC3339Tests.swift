import Events
import Testing
import TestSupport

@Suite("RFC 3339")
struct RFC3339Tests {
  private func parse(_ text: String) -> Milliseconds? { RFC3339.parse(Array(text.utf8)[...]) }

  @Test(
    "examples of the RFC, section 5.8, and others whose times are known",
    arguments: [
      ("1985-04-12T23:20:50.52Z", 482_196_050_520), ("1996-12-19T16:39:57-08:00", 851_042_397_000),
      ("1996-12-20T00:39:57Z", 851_042_397_000), ("1990-12-31T23:59:60Z", 662_688_000_000),
      ("1990-12-31T15:59:60-08:00", 662_688_000_000), ("1937-01-01T12:00:27.87+00:20", -1_041_337_172_130),
      ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59.999Z", -1), ("2200-01-01T00:00:00Z", 7_258_118_400_000),
      ("2000-02-29T00:00:00Z", 951_782_400_000), ("2038-01-19T03:14:08Z", 2_147_483_648_000),
      ("0001-01-01T00:00:00Z", -62_135_596_800_000), ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
      ("2025-11-05T12:27:58.901Z", 1_762_345_678_901), ("2025-11-05t12:27:58.901z", 1_762_345_678_901),
      ("2025-11-05 12:27:58.9019999999999Z", 1_762_345_678_901), ("2025-11-05T12:27:58.9+00:00", 1_762_345_678_900),
      ("2025-11-05T23:59:58+23:59", 1_762_300_858_000), ("2025-11-05T00:00:00-23:59", 1_762_387_140_000),
      ("2025-11-05T12:27:58-00:00", 1_762_345_678_000),
    ] as [(String, Milliseconds)])
  func known(_ text: String, _ time: Milliseconds) { #expect(parse(text) == time) }

  @Test(
    "what is no time",
    arguments: [
      "", "2025", "2025-11-05", "2025-11-05T12:27:58", "2025-11-05T12:27Z", "2025-11-05T12:27:58.Z",
      "2025-11-05T12:27:58,9Z", "2025-13-05T12:27:58Z", "2025-00-05T12:27:58Z", "2025-11-00T12:27:58Z",
      "2025-11-31T12:27:58Z", "2025-02-29T12:27:58Z", "1900-02-29T12:27:58Z", "2100-02-29T12:27:58Z",
      "2025-11-05T24:00:00Z", "2025-11-05T12:60:00Z", "2025-11-05T12:27:61Z", "2025-11-05T12:27:60Z",
      "2025-11-05T12:27:58+24:00", "2025-11-05T12:27:58+01:60", "2025-11-05T12:27:58+0100", "2025-11-05T12:27:58+1:00",
      "2025-11-05T12:27:58Z ", " 2025-11-05T12:27:58Z", "2025-11-05T12:27:58ZZ", "+2025-11-05T12:27:58Z",
      "02025-11-05T12:27:58Z", "2025-11-05T12:27:58UTC", "2025-1-5T12:27:58Z", "2025/11/05T12:27:58Z",
      "٢٠٢٥-11-05T12:27:58Z", "0000-12-31T23:59:59Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
      "9999-12-31T23:59:60Z", "2025-11-05T12:27:58.901\0Z",
    ])
  func garbage(_ text: String) { #expect(parse(text) == nil) }

  /// The calendar again, one day after the other.
  @Test("every day of four centuries, and the turns of February and December in all years")
  func calendar() {
    var day = Limits.earliestTime / 86_400_000
    for year in 1...9_999 {
      let isLeap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
      let months = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
      let isWhole = year.isMultiple(of: 40) || (1_968...1_973).contains(year) || year == 2_200
      for (month, days) in months.enumerated() {
        if isWhole {
          for dayOfMonth in 1...days { check(year, month + 1, dayOfMonth, day + Int64(dayOfMonth) - 1) }
        } else if [0, 1, 11].contains(month) {
          check(year, month + 1, days, day + Int64(days) - 1)
        }
        day += Int64(days)
      }
    }
    #expect(day * 86_400_000 == Limits.latestTime + 1)
  }

  private func check(_ year: Int, _ month: Int, _ day: Int, _ days: Int64) {
    func padded(_ value: Int, _ width: Int) -> String {
      String(String(value + 100_000).suffix(width))
    }
    let text = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T00:00:00.000Z"
    #expect(parse(text) == days * 86_400_000)
    #expect(RFC3339.format(days * 86_400_000) == text)
  }

  @Test("any time is written so that it reads back")
  func roundTrip() {
    var random = SplitMix64(seed: 12)
    for _ in 0..<10_000 {
      let time = Int64.random(in: Limits.earliestTime...Limits.latestTime, using: &random)
      #expect(parse(RFC3339.format(time)) == time)
    }
    #expect(RFC3339.format(.min) == "0001-01-01T00:00:00.000Z")
    #expect(RFC3339.format(.max) == "9999-12-31T23:59:59.999Z")
  }
}
