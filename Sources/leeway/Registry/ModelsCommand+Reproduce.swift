import ArgumentParser
import Events
import Log

extension ModelsCommand {
  struct Reproduce: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a version anew from the rows that its run named, and say whether the bytes are the same.",
      discussion: """
        It starts from the artifact of the version's parent, as the run did, and writes nothing. The exit status is 1 where \
        a version does not come out with the SHA-256 that its record states: rows or the parent's artifact are gone, or \
        program or configuration are not those of then.
        """)
    @OptionGroup var common: CommonOptions
    @Argument(help: "The model's name.") var model: String
    @Argument(help: "The version: \(VersionName.help).") var version = VersionName.champion
    @Flag(help: "Every version that has an artifact.") var all = false
    @Flag(help: "Run a trainer outside again for the versions that it has made.") var rerun = false
    @Flag(help: "One JSON object a version and line.") var json = false

    func run() async throws {
      let file = try common.load()
      try Produce.find(model, in: file.engineConfiguration, common)
      let listing = try ModelsCommand.versions(file, signedBy: file.security.loadTrustedKeys())
      let records =
        try all
        ? listing.records.filter { $0.model == model && $0.artifact != nil }
        : [ModelsCommand.signed(model, version, listing)]
      let reproduction = try Reproduction(listing.log, file, model: model, rerunsPrograms: rerun)
      let output = StandardOutput()
      var failures = 0
      for record in records {
        let outcome = try reproduction.reproduce(record)
        if case .same = outcome {} else { failures += 1 }
        try output.line(json ? outcome.json(record) : Array(outcome.text(record).utf8))
        try output.flush()
      }
      guard failures == 0 else {
        throw CommandError("\(failures) of \(records.count) versions did not come out the same", isReported: !all)
      }
    }
  }
}

extension Reproduction.Outcome {
  private var word: String {
    switch self {
    case .same: "same"
    case .other: "other"
    case .impossible: "impossible"
    }
  }

  fileprivate func text(_ record: ModelRecord) -> String {
    let name = "\(record.model) version \(record.version)"
    return switch self {
    case .same(let rows): "\(name): the same from \(Figures.grouped(rows)) rows: SHA-256 \(record.artifact ?? "")"
    case .other(let reason): "\(name): not the same: \(reason)"
    case .impossible(let reason): "\(name): cannot be made anew: \(reason)"
    }
  }

  fileprivate func json(_ record: ModelRecord) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writer.field("model", record.model)
      writer.field("version", record.version)
      writer.field("outcome", word)
      writer.field("artifact", record.artifact)
      switch self {
      case .same(let rows): writer.field("trained_rows", rows)
      case .other(let reason), .impossible(let reason): writer.field("reason", reason)
      }
    }
    return writer.bytes
  }
}
