import Testing

@testable import leeway

@Suite("The bar that tells how far a command has come")
struct ProgressBarTests {
  @Test("On any terminal it is one line, which begins with the bar where there is room and always tells the share")
  func width() {
    for columns in 1...200 {
      for permille in [0, 1, 499, 1_000] {
        let line = ProgressBar.line(permille: permille, "12,345 records, 2025-11-05T12:00:00Z", columns: columns)
        #expect(line.count < max(columns, 2))
        if columns >= 10 { #expect(line.contains("\(permille / 10) %")) }
        let filled = line.count { $0 == "█" }
        let all = filled + line.count { $0 == "░" }
        #expect(all == max(min(40, columns - 40), 0) && filled == permille * all / 1_000)
      }
    }
  }
}
