import Events
import Testing

/// The bytes are a contract with other programs: they change with a decision, never by chance.
@Suite("The bytes of records")
struct GoldenTests {
  @Test(arguments: Golden.events + Golden.summaries + Golden.models)
  func golden(_ golden: Golden) throws {
    #expect(String(decoding: golden.record.encoded(), as: UTF8.self) == golden.text)
    try check(golden.record, golden.text)
  }

  private func check<R: EventRecord>(_ record: R, _ text: String) throws {
    #expect(try R.decode(Array(text.utf8)) == record)
  }

  @Test("there is one for every kind of record")
  func everyKind() throws {
    let golden = Golden.events + Golden.summaries + Golden.models
    for kind in RecordKind.all {
      let marker = kind.name.isEmpty ? "{" : #"{"kind":"\#(kind.name)","#
      let isThere = golden.contains { type(of: $0.record) == kind.type && $0.text.hasPrefix(marker) }
      #expect(isThere, "\(kind.testDescription)")
    }
  }
}

struct Golden: Sendable, CustomTestStringConvertible {
  let record: any EventRecord
  let text: String

  var testDescription: String { "\(type(of: record)) of \(text.utf8.count) bytes" }
}
