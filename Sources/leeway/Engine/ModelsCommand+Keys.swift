import ArgumentParser
import Engine
import Events
import Foundation
import LeewayClient
import Log

extension ModelsCommand {
  struct Keygen: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a key pair (Ed25519) to sign model updates with.",
      discussion: """
        FILE gets the private key, readable by its owner alone, and FILE.pub the public one, both in PEM. The engine signs \
        with `security: {signing_key: {file: FILE}}`; subscribers trust FILE.pub.
        """)
    @Option(name: .shortAndLong, help: "File for the private key; it must not be there yet.") var out: String

    func run() async throws {
      let key = SigningKey()
      try KeyFile.create(out, mode: 0o600, key.pem)
      do {
        try KeyFile.create(out + ".pub", mode: 0o644, key.trusted.pem)
      } catch {
        unlink(out)
        throw error
      }
      print("key \(key.trusted.id): private in \(out), public in \(out).pub")
      print("public key: \(key.trusted.base64)")
    }
  }

  struct Sign: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Sign the present champion, and publish it again under the signature.",
      discussion: """
        For what was published before there was a key, or under a key that is not trusted any more. Compare the SHA-256 \
        with what you trust first: whatever stands in the log is signed.
        """)
    @OptionGroup var common: CommonOptions
    @Argument(help: "The model's name.") var model: String
    @Option(help: "SHA-256 that the champion's artifact must have: the line \"artifact\" of leeway models show.")
    var sha256: String

    func run() async throws {
      let file = try common.load()
      guard let key = try file.security.loadSigningKey() else {
        throw CommandError(
          "no signing key is configured",
          remedy: "make one with: leeway models keygen --out FILE; then name it under security")
      }
      let log = try file.log.openExisting()
      let names = TopicNames(prefix: file.topics.prefix)
      let champion = try ModelsCommand.newest(in: log, names) { $0.model == model && $0.status == .champion }
      guard let (place, stored, record) = champion else {
        throw CommandError("\(model) has no champion", remedy: "see: leeway models list")
      }
      guard let checksum = record.artifact, checksum == sha256.lowercased() else {
        throw CommandError(
          "the champion, version \(record.version), has the SHA-256 \(record.artifact ?? "of no artifact")",
          remedy: "nothing was signed")
      }
      if case .refused(let reason) = try PublishedArtifact.fetch(checksum: checksum, from: log, names: names) {
        throw CommandError("version \(record.version): \(reason)", remedy: "nothing was signed")
      }
      let signing = SigningLog(log, topic: names[.models], key: key, clock: EngineService.wallClock)
      let producer = try signing.makeProducer(id: nil)
      defer { producer.close() }
      try producer.append([AppendBatch(place, [stored.record])])
      print("\(model) version \(record.version) signed by \(key.trusted.id)")
    }
  }

  /// The newest record of which something holds.
  static func newest(
    in log: any Log, _ names: TopicNames, _ isMeant: (ModelRecord) -> Bool
  ) throws -> (place: TopicPartition, stored: StoredRecord, record: ModelRecord)? {
    let reader = try log.makeReader()
    defer { reader.close() }
    var found: (TopicPartition, StoredRecord, ModelRecord)?
    try reader.each(in: names[.models], of: log) { place, stored in
      guard let value = stored.record.value, let record = try? ModelRecord.decode(value) else { return }
      guard isMeant(record) else { return }
      found = (place, stored, record)
    }
    return found
  }
}
