import ArgumentParser
import Events
import Foundation
import LeewayClient
import Models
import ServingFormats

extension ModelsCommand {
  enum ExportFormat: String, CaseIterable, ExpressibleByArgument {
    case artifact, onnx
  }

  struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write a version to a file: its artifact, checked against its SHA-256, or as ONNX.",
      discussion: """
        ONNX holds the preprocessing too. It has one input a column, [rows, 1]: numbers as double (NaN is missing), names \
        as string ("" is missing), times as double in milliseconds since 1970; and one output `score`, a probability, one \
        for each class, or a value. Columns of hashed names cannot be written so.
        """)
    @OptionGroup var common: CommonOptions
    @Argument(help: "The model's name.") var model: String?
    @Argument(help: "The version: \(VersionName.help).") var version = VersionName.champion
    @Option(help: "A file that `leeway learn --out` or this command wrote, instead of a version in the log.")
    var artifact: String?
    @Option(help: "artifact or onnx.") var format = ExportFormat.artifact
    @Option(name: [.short, .long, .customLong("out")], help: "File to write.") var output: String
    @Option(help: "Write only what this public key has signed: its file or its base64; may be given several times.")
    var trustedKey: [String] = []

    func validate() throws {
      guard (model == nil) != (artifact == nil) else {
        throw ValidationError("name either a model or, with --artifact, a file")
      }
      guard artifact == nil || trustedKey.isEmpty else {
        throw ValidationError("--trusted-key is for versions in the log: a file has no signature")
      }
    }

    func run() async throws {
      if let artifact {
        let file = try ModelFile.read(artifact)
        let name = URL(fileURLWithPath: artifact).lastPathComponent
        try write(file.model, file.model.encoded(), artifact, name: name, version: nil, checksum: file.checksum)
      } else if let model {
        let published = try ModelsCommand.published(model, version, common, trusting: trustedKey)
        let version = published.record.version
        try write(
          published.model, published.bytes, "\(model) version \(version)", name: model, version: version,
          checksum: published.checksum)
      }
    }

    /// - Parameter model: nil where the artifact is not of Leeway's own making.
    private func write(
      _ model: Model?, _ artifact: [UInt8], _ title: String, name: String, version: Int?, checksum: String
    ) throws {
      let told = StandardOutput(beside: output)
      switch format {
      case .artifact:
        try OutputFile.replace(output, with: artifact)
        try told.line("\(title): \(checksum) written to \(output)")
      case .onnx:
        guard let model else {
          throw CommandError(
            "was made by a trainer outside", at: title,
            remedy: "write it out with --format artifact, and convert it with that trainer's own means")
        }
        let identity = ONNX.Identity(
          name: name, version: version, checksum: checksum, producerVersion: Leeway.version)
        let bytes: [UInt8]
        do throws(FormatError) {
          bytes = try ONNX.encode(model, as: identity)
        } catch {
          throw CommandError(error.message, at: title)
        }
        try OutputFile.replace(output, with: bytes)
        try told.line("\(title) as ONNX written to \(output), \(Figures.grouped(bytes.count)) bytes")
      }
      try told.flush()
    }
  }

  /// A version with its artifact, fetched and verified.
  static func published(
    _ model: String, _ version: VersionName, _ common: CommonOptions, trusting keys: [String]
  ) throws -> (record: ModelRecord, model: Model?, bytes: [UInt8], checksum: String) {
    let file = try common.load()
    let listing = try versions(file, signedBy: file.security.loadTrustedKeys(keys))
    let record = try signed(model, version, listing)
    guard let checksum = record.artifact else { throw CommandError("version \(record.version) has no artifact") }
    switch try PublishedArtifact.fetch(checksum: checksum, from: listing.log, names: listing.names) {
    case .refused(let reason): throw CommandError("version \(record.version): \(reason)")
    case .verified(let model): return (record, model, model.encoded(), checksum)
    case .external(let bytes): return (record, nil, bytes, checksum)
    }
  }

  /// A version that is to be had; where its signature was refused, why.
  static func signed(_ model: String, _ version: VersionName, _ listing: Listing) throws -> ModelRecord {
    do {
      return try find(model, version, listing.records)
    } catch {
      guard let refused = listing.refused.last(where: { $0.record.model == model && version.mayMean($0.record) }) else {
        throw error
      }
      throw CommandError("\(model) version \(refused.record.version): \(refused.reason)")
    }
  }
}
