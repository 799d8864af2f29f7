import Events
import LeewayClient
import Log
import Models
import TestSupport
import Testing

/// A subscriber with trusted keys serves nothing but what they have signed.
struct SignedModelsTests {
  private let log = MemoryLog()
  private let key = SigningKey()
  private let one: [UInt8]
  private let two: [UInt8]
  private let three: [UInt8]

  init() throws {
    one = try artifact(rows: 10)
    two = try artifact(rows: 20)
    three = try artifact(rows: 30)
  }

  private func subscriber(_ keys: [SigningKey]? = nil) -> ModelSubscriber {
    ModelSubscriber(log: log, models: ["m"], trustedKeys: (keys ?? [key]).map(\.trusted))
  }

  private func signed(
    _ version: Int, _ bytes: [UInt8], _ status: ModelStatus = .champion, time: Int64, by signer: SigningKey? = nil
  ) throws -> Record {
    try ModelSignature.sign(
      modelRecord(record("m", version, status, artifact: bytes)), topic: "models", time: time, with: signer ?? key)
  }

  private func publish(_ record: Record, _ bytes: [UInt8]) {
    log.write("artifacts", artifactRecords(bytes))
    log.write("models", [record])
  }

  /// As `2` for a champion, `-2: reason` for a refusal.
  private func told(_ subscriber: ModelSubscriber) throws -> [String] {
    try subscriber.poll().map { change in
      switch change {
      case .champion(let served): "\(served.version)"
      case .external(let external): "\(external.version): \(external.artifact)"
      case .refused(let refused): "-\(refused.version): \(refused.reason)"
      case .skipped(let skipped): "skipped \(skipped.offsets): \(skipped.reason)"
      case .interrupted: "interrupted"
      }
    }
  }

  @Test func servesWhatIsSigned() throws {
    let subscriber = subscriber()
    for (version, bytes) in zip(1..., [one, two, three]) {
      publish(try signed(version, bytes, time: Int64(version)), bytes)
      #expect(try told(subscriber) == ["\(version)"])
    }
    #expect(try told(self.subscriber()) == ["3"])
    // Without keys nothing is asked of signatures.
    #expect(try ModelSubscriber(log: log).poll().compactMap(\.version) == [3])
  }

  /// Refused by one that runs and by one that starts, both go on with the former, and take the next good one.
  @Test func refusesWhatIsNot() throws {
    var altered = try signed(2, two, time: 2)
    altered.value = record("m", 2, artifact: three).encoded()[...]
    var elsewhere = modelRecord(record("n", 2, artifact: two))
    elsewhere.key = Array("m".utf8)[...]
    var otherKey = modelRecord(record("m", 2, artifact: two))
    otherKey.key = Array("n".utf8)[...]
    let cases: [(name: String, record: Record, reason: String)] = [
      ("unsigned", modelRecord(record("m", 2, artifact: two)), "is not signed"),
      ("altered", altered, "altered"),
      ("unknown key", try signed(2, two, time: 2, by: SigningKey()), "not trusted"),
      (
        "other topic",
        try ModelSignature.sign(
          modelRecord(record("m", 2, artifact: two)), topic: "x.models", time: 2, with: key), "another topic"
      ),
      ("other key", try ModelSignature.sign(otherKey, topic: "models", time: 2, with: key), "another model"),
    ]
    for (name, bad, reason) in cases {
      let log = MemoryLog()
      func subscriber() -> ModelSubscriber {
        ModelSubscriber(log: log, models: ["m"], trustedKeys: [key.trusted])
      }
      for bytes in [one, two, three] { log.write("artifacts", artifactRecords(bytes)) }
      log.write("models", [try signed(1, one, time: 1)])
      let running = subscriber()
      #expect(try told(running) == ["1"])
      log.write("models", [bad])
      let heard = try told(running)
      #expect(
        heard.count == 1 && heard[0].hasPrefix("-2: m version 2:") && heard[0].contains(reason), "\(name): \(heard)")
      #expect(try told(subscriber()).last == "1", "\(name)")
      log.write("models", [try signed(3, three, time: 3)])
      #expect(try told(running) == ["3"], "\(name)")
      #expect(try told(subscriber()) == ["3"], "\(name)")
    }
  }

  /// A record of another model under this one's key is that other model's affair.
  @Test func aRecordOfAnotherModelIsNotTakenForThisOne() throws {
    publish(try signed(1, one, time: 1), one)
    var foreign = modelRecord(record("n", 9, artifact: two))
    foreign.key = Array("m".utf8)[...]
    publish(try ModelSignature.sign(foreign, topic: "models", time: 2, with: key), two)
    #expect(try told(subscriber()) == ["1"])
    let all = ModelSubscriber(log: log, trustedKeys: [key.trusted])
    #expect(try told(all).sorted() == ["-9: n version 9: its record has the key of another model", "1"])
  }

  @Test func theArtifactIsVouchedForAsWell() throws {
    publish(try signed(1, one, time: 1), one)
    var spoiled = two
    spoiled[two.count / 2] ^= 1
    log.write("artifacts", artifactRecords(spoiled, checksum: checksum(two)))
    log.write("models", [try signed(2, two, time: 2)])
    let heard = try told(subscriber())
    #expect(heard.count == 2 && heard[0].contains("SHA-256") && heard[1] == "1")
  }

  /// While keys change over both are trusted; then the old one is not, and what only it has signed no longer counts.
  @Test func keysRotate() throws {
    let next = SigningKey()
    publish(try signed(1, one, time: 1), one)
    let running = subscriber([key, next])
    #expect(try told(running) == ["1"])
    publish(try signed(2, two, time: 2, by: next), two)
    #expect(try told(running) == ["2"])
    publish(try signed(3, three, time: 3), three)
    #expect(try told(running) == ["3"])
    let strict = try told(subscriber([next]))
    #expect(strict.count == 2 && strict[0].contains("not trusted") && strict[1] == "2")
    // The champion under the new key: the version does not change, and those who start now have it.
    publish(try signed(3, three, time: 4, by: next), three)
    #expect(try told(running).isEmpty)
    #expect(try told(subscriber([next])) == ["3"])
    let nobody = ModelSubscriber(log: log, models: ["m"], trustedKeys: [])
    #expect(try nobody.poll().allSatisfy { $0.scorer == nil })
  }

  @Test func anOldRecordWrittenAgainIsRefused() throws {
    let old = try signed(1, one, time: 1)
    publish(old, one)
    publish(try signed(2, two, time: 2), two)
    let running = subscriber()
    #expect(try told(running) == ["2"])
    log.write("models", [old])
    let heard = try told(running)
    #expect(heard.count == 1 && heard[0].contains("old record"), "\(heard)")
    let starting = try told(subscriber())
    #expect(starting.count == 2 && starting[0].contains("old record") && starting[1] == "2", "\(starting)")
    // A copy of the newest says nothing new; a step back that is signed anew is one.
    log.write("models", [try signed(2, two, time: 2)])
    #expect(try told(running).isEmpty)
    log.write("models", [try signed(1, one, time: 3)])
    #expect(try told(running) == ["1"])
  }

  /// Else whoever can write could take the fallbacks away, or push the champion out of sight.
  @Test func whatIsNotBelievedChangesNothing() throws {
    publish(try signed(1, one, time: 1), one)
    log.write("models", [modelRecord(record("m", 1, .rolledBack, artifact: one))])
    log.write("models", (2..<1_000).map { modelRecord(record("m", $0, artifact: two)) })
    let heard = try told(subscriber())
    #expect(heard.last == "1")
    #expect(heard.first == "skipped \(1..<2): m version 1: its record is not signed")
    #expect(heard.count < 20)
  }
}
