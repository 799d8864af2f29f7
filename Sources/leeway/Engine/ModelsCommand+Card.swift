import ArgumentParser
import Events
import Foundation
import LeewayClient
import Models

extension ModelsCommand {
  struct Card: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "A model card in Markdown or JSON: data ranges, metrics, segments, lineage.",
      discussion: "It says what the version's record and its artifact say, and nothing else.")
    @OptionGroup var common: CommonOptions
    @Argument(help: "The model's name.") var model: String?
    @Argument(help: "The version: \(VersionName.help).") var version = VersionName.champion
    @Option(help: "A file that `leeway learn --out` or `leeway models export` wrote, instead of a version in the log.")
    var artifact: String?
    @Flag(help: "As JSON.") var json = false

    func validate() throws {
      guard (model == nil) != (artifact == nil) else {
        throw ValidationError("name either a model or, with --artifact, a file")
      }
    }

    func run() async throws {
      let card = try (artifact.map(card(of:)) ?? published()).card
      print(json ? card.json : card.markdown)
    }

    private func card(of path: String) throws -> ModelCard {
      let file = try ModelFile.read(path)
      return ModelCard(
        record: nil, model: file.model, others: [], checksum: file.checksum,
        name: URL(fileURLWithPath: path).lastPathComponent)
    }

    private func published() throws -> ModelCard {
      let file = try common.load()
      let listing = try ModelsCommand.versions(file, signedBy: file.security.loadTrustedKeys())
      let name = model ?? ""
      let record = try ModelsCommand.signed(name, version, listing)
      var fetched: Model?
      if let checksum = record.artifact {
        switch try PublishedArtifact.fetch(checksum: checksum, from: listing.log, names: listing.names) {
        case .verified(let model): fetched = model
        case .external: break
        case .refused(let reason): Terminal.complain("version \(record.version): \(reason); its record speaks alone")
        }
      }
      return ModelCard(
        record: record, model: fetched, others: listing.records.filter { $0.model == name },
        checksum: record.artifact, name: name)
    }
  }
}
