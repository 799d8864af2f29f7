import Bytes
import Events
import LeewayClient
import Log
import TestSupport
import Testing

@testable import EventLog

@Suite("Hostile bytes in place of batches, model updates and artifacts")
struct FuzzTests {
  @Test func batches() throws {
    var random = SplitMix64(seed: 9)
    func bytes(_ most: Int) -> ByteSlice {
      (0..<random.below(most)).map { _ in UInt8(truncatingIfNeeded: random.next()) }[...]
    }
    func record(_ index: Int) -> Record {
      let headers = index % 2 == 0 ? [] : [Header("name", bytes(5)), Header("other", bytes(3))]
      return Record(
        timestamp: Int64(index) * 1_000, key: index % 3 == 0 ? nil : bytes(9), value: index % 5 == 0 ? nil : bytes(40),
        headers: headers)
    }
    let corpus = (1..<20).flatMap { count in BatchCodec.rows((0..<count).map(record)).map(\.data) }
    Fuzz.run("log batches", corpus) { bytes in
      var fault: ByteError?
      for count in [1, bytes.count / 30, 5, 19, Int.max] {
        var records: [StoredRecord] = []
        do throws(ByteError) {
          try BatchCodec.decode(bytes, offsets: 0...30, count: count, from: 0, into: &records)
          #expect(records.count <= bytes.count && records.allSatisfy { (0...30).contains($0.offset) })
          return
        } catch {
          #expect(records.isEmpty)
          fault = error
        }
      }
      if let fault { throw fault }
    }
  }

  /// Value, headers or chunks of what a subscriber reads: it goes on with the version that it had.
  @Test func updates() throws {
    let key = SigningKey()
    let (one, two) = (try artifact(rows: 3), try artifact(rows: 5))
    let good = try ModelSignature.sign(
      modelRecord(record("m", 1, artifact: one)), topic: "models", time: 1, with: key)
    let corpus = [record("m", 2, artifact: two).encoded(), record("m", 3, .rolledBack, artifact: two).encoded()]
    func serves(_ log: MemoryLog, _ keys: [TrustedKey]?) throws -> [Int] {
      try ModelSubscriber(log: log, models: ["m"], trustedKeys: keys).poll()
        .compactMap { $0.scorer == nil ? nil : $0.version }
    }
    Fuzz.run("client updates", corpus, rounds: 300, cost: 20) { bytes in
      let log = MemoryLog()
      log.write("artifacts", artifactRecords(one) + artifactRecords(two))
      log.write("models", [good])
      log.write("models", [Record(timestamp: 0, key: Array("m".utf8)[...], value: bytes[...], headers: good.headers)])
      let (strict, plain) = (try serves(log, [key.trusted]), try serves(log, nil))
      #expect(strict == [1] && plain.count == 1)
    }
    Fuzz.run("client artifacts", [two], rounds: 300, cost: 20) { bytes in
      let log = MemoryLog()
      log.write("artifacts", artifactRecords(one) + artifactRecords(bytes, checksum: checksum(two)))
      log.write("models", [good, modelRecord(record("m", 2, artifact: two))])
      let served = try serves(log, nil)
      #expect(served == [bytes == two ? 2 : 1])
    }
    Fuzz.run("client keys", [Array(key.pem.utf8), Array(key.trusted.pem.utf8)]) { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      _ = try? TrustedKey(text)
      _ = try SigningKey(text)
    }
  }
}
