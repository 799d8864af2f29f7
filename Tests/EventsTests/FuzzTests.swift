import Bytes
import Events
import TestSupport
import Testing

@Suite("Hostile bytes in place of events and records")
struct FuzzTests {
  @Test("records of every topic", arguments: RecordKind.all)
  func records(_ kind: RecordKind) {
    var random = RandomRecords(seed: 31)
    let corpus = (0..<20).map { _ in kind.make(&random).encoded() }
    Fuzz.run("events \(kind.topic.rawValue) \(kind.name)", corpus) { try readAgain($0, as: kind.type) }
  }

  /// What can be read can be written, and is the same then.
  private func readAgain(_ bytes: [UInt8], as type: any EventRecord.Type) throws {
    let encoded = try type.decode(bytes).encoded()
    let again = try? type.decode(encoded).encoded()
    #expect(again == encoded, "\(shown(bytes))")
  }

  @Test("predictions in the binary form, to scanner and decoder alike")
  func binary() {
    var random = RandomRecords(seed: 32)
    var corpus: [[UInt8]] = []
    while corpus.count < 40 {
      var prediction = random.prediction()
      (prediction.model, prediction.version) = ("m", 1)
      if let bytes = BinaryEvent.encode(prediction) { corpus.append(bytes) }
    }
    var scanner = ScanTests.scanner
    Fuzz.run("events binary", corpus) { bytes in
      ScanTests.check(bytes, &scanner)
      _ = try Prediction.decode(bytes)
    }
  }

  @Test("headers of chunks")
  func chunks() {
    let corpus = ["0/1/3", "1/2/1048576", "63/64/4000000", "9223372036854775807/1/0"].map { Array($0.utf8) }
    Fuzz.run("events chunk headers", corpus) { bytes in
      let parts = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      let names = Chunk.Header.allCases.map(\.rawValue)
      let headers = Dictionary(zip(names, parts.map { Array($0)[...] })) { first, _ in first }
      let chunk = try Chunk.decode([1, 2, 3]) { headers[$0] }
      #expect((0..<chunk.count).contains(chunk.index) && chunk.total >= 3)
      _ = try Chunk.join([chunk])
    }
  }

  @Test("times")
  func times() {
    let corpus = ["2025-11-05T12:28:00.000Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999+23:59"]
    Fuzz.run("events times", corpus.map { Array(#"{"prediction":"p","model":"m","time":"\#($0)","label":1}"#.utf8) }) {
      let time = try Label.decode($0).time
      #expect((Limits.earliestTime...Limits.latestTime).contains(time))
    }
  }
}
