import Testing

/// The suite itself.
struct SuiteTests {
  /// No test is without an implementation, and none is left out without a word.
  @Test func everyPartOfThePortIsTestedSomewhere() {
    for trait in LogUnderTest.Traits.each { #expect(!LogUnderTest.with(trait).isEmpty) }
    for kind in LogUnderTest.every {
      for (trait, reason) in kind.lacks {
        #expect(LogUnderTest.Traits.each.contains(trait) && !reason.isEmpty && !kind.traits.contains(trait))
      }
    }
  }
}
