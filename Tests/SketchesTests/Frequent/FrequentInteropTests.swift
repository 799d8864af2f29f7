import TestSupport
import Testing

@testable import Sketches

/// Exchanges images with `Tests/interop/frequent.py`; see `DistinctInteropTests`.
@Suite("Frequent items: interop", .enabled(if: Interop.folder != nil))
struct FrequentInteropTests {
  /// One of 400 items, those with small numbers far more often.
  private static func item(_ index: Int) -> String {
    let level = (index * 7_919 % 400) * (index * 104_729 % 400) / 400
    if level == 3 { return "" }
    return level % 2 == 1 ? "level \(level)" : "ein Name, der länger ist als sechzehn Bytes: \(level)"
  }

  @Test(
    "The library's images keep their bounds, and ours are left for it", arguments: [3, 6, 10], [0, 1, 5, 100, 20_000])
  func exchange(lgMaxSize: Int, count: Int) throws {
    let items = (0..<count).map(Self.item)
    let own = FrequentItemsTests.sketch(items, lgMaxSize: lgMaxSize)
    var theirs = try FrequentItems(decoding: try Interop.read("frequent-library-\(lgMaxSize)-\(count).bin"))
    #expect(theirs.checkInvariants() == nil && theirs.total == count)
    let truth = FrequentItemsTests.counts(items)
    #expect(truth.allSatisfy { theirs.lowerBound(of: $0.key) <= $0.value && $0.value <= theirs.upperBound(of: $0.key) })
    if own.isExact { #expect(theirs == own) }
    theirs.merge(own)
    #expect(truth.allSatisfy { theirs.lowerBound(of: $0.key) <= 2 * $0.value })
    #expect(truth.allSatisfy { 2 * $0.value <= theirs.upperBound(of: $0.key) })
    try Interop.write(own.encode(), to: "frequent-leeway-\(lgMaxSize)-\(count).bin")
    try Interop.write(theirs.encode(), to: "frequent-merged-\(lgMaxSize)-\(count).bin")
  }
}
