import Testing

/// The suite itself.
struct SuiteTests {
  /// No test is without an implementation, and none is left out without a word.
  @Test func everyPartOfThePortIsTestedSomewhere() {
    for trait in LogUnderTest.Trait.allCases { #expect(!LogUnderTest.with(trait).isEmpty, "\(trait)") }
    for kind in LogUnderTest.every { #expect(kind.lacks.values.allSatisfy { !$0.isEmpty }, "\(kind)") }
  }
}
