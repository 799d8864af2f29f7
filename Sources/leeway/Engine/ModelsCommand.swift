import ArgumentParser
import Engine
import Events
import Foundation
import LeewayClient
import Log

/// `leeway models`
struct ModelsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models",
    abstract: "List, compare, validate, describe, export, sign, audit, mirror and decide on model versions.",
    subcommands: [
      List.self, Show.self, Compare.self, Validate.self, Runs.self, Card.self, Export.self, Promote.self, Reject.self,
      Rollback.self, Audit.self, Reproduce.self, MirrorCommand.self, Keygen.self, Sign.self,
    ], defaultSubcommand: List.self)

  /// What a log holds of models.
  struct Listing {
    let log: any Log
    let names: TopicNames
    /// The newest record of each version, by model and version.
    var records: [ModelRecord] = []
    /// Records whose signatures were refused, and why.
    var refused: [(record: ModelRecord, reason: String)] = []
    /// What does not fit together, for people.
    var oddities: [(model: String, text: String)] = []

    /// Tells of what is odd: of one model, or of all.
    func complain(of model: String?) {
      for oddity in oddities where model == nil || oddity.model == model { Terminal.complain(oddity.text) }
    }
  }

  /// - Parameter keys: where given, only what one of them has signed counts.
  static func versions(_ file: LeewayConfiguration, signedBy keys: [TrustedKey]? = nil) throws -> Listing {
    let log = try file.log.openExisting()
    let names = TopicNames(prefix: file.topics.prefix)
    let reader = try log.makeReader()
    defer { reader.close() }
    var listing = Listing(log: log, names: names)
    var records: [String: [Int: ModelRecord]] = [:]
    var champions: [String: Int] = [:]
    try reader.each(in: names[.models], of: log) { place, stored in
      guard let value = stored.record.value, let record = try? ModelRecord.decode(value) else { return }
      if let keys, case .refused(let reason) = ModelSignature.verify(stored.record, topic: place.topic, keys: keys) {
        listing.refused.append((record, reason))
        return
      }
      records[record.model, default: [:]][record.version] = record.completed(by: records[record.model]?[record.version])
      guard record.status == .champion else { return }
      // Serving systems follow the last that is named. Leeway retires the former one before.
      let former = champions.updateValue(record.version, forKey: record.model)
      guard let former, former != record.version, records[record.model]?[former]?.status == .champion else { return }
      let reason = "version \(record.version) was named champion, and no record has retired this one"
      records[record.model]?[former]?.status = .retired
      records[record.model]?[former]?.reason = reason
      let advice =
        "see who else writes to \(place.topic), and let signatures tell them apart (security.trusted_keys)"
      listing.oddities.append(
        (record.model, "\(record.model) version \(former): \(reason), as Leeway does: \(advice)"))
    }
    listing.records = records.sorted { $0.key < $1.key }.flatMap { $0.value.sorted { $0.key < $1.key }.map(\.value) }
    return listing
  }

  static func find(_ model: String, _ version: VersionName, _ records: [ModelRecord]) throws -> ModelRecord {
    let own = records.filter { $0.model == model }
    guard !own.isEmpty else {
      let near = Spelling.nearest(to: model, among: Set(records.map(\.model)).sorted()).map { "; did you mean \($0)?" }
      throw CommandError("no version of a model \(model)\(near ?? "")", remedy: "see: leeway models list")
    }
    guard let record = version.pick(of: own) else {
      throw CommandError("\(model) has no \(version)", remedy: "see: leeway models list")
    }
    return record
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Every version and where it stands.",
      discussion: "EVENT TIME is the trigger's, by the events' own clock; of a person's decision, when it was made.")
    @OptionGroup var common: CommonOptions
    @Argument(help: "Only this model.") var model: String?
    @Flag(help: "One JSON object per version and line.") var json = false

    func run() async throws {
      let file = try common.load()
      let listing = try ModelsCommand.versions(file, signedBy: file.security.loadTrustedKeys())
      let records = listing.records.filter { model == nil || $0.model == model }
      let output = StandardOutput()
      var table = TextTable(header: ["MODEL", "VERSION", "STATUS", "PARENT", "EVENT TIME", "ROWS", "LOSS", "TRIGGER"])
      for record in records {
        if json { try output.line(record.encoded()) }
        table.append([
          record.model, "\(record.version)", record.status.rawValue, record.parent.map(String.init) ?? "–",
          RFC3339.format(record.time), record.trainedRows.map(Figures.grouped) ?? "–",
          Figures.metric(record.challenger?.loss), record.trigger ?? "–",
        ])
      }
      if !json { try output.lines(table.lines) }
      try output.flush()
      listing.complain(of: model)
      for refusal in listing.refused where model == nil || refusal.record.model == model {
        Terminal.complain("left out: \(refusal.record.model) version \(refusal.record.version): \(refusal.reason)")
      }
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "All that is known of a version.")
    @OptionGroup var common: CommonOptions
    @Argument(help: "The model's name.") var model: String
    @Argument(help: "The version: \(VersionName.help).") var version = VersionName.champion
    @Flag(help: "As JSON.") var json = false

    func run() async throws {
      // Whatever its signature: what is to be signed anew is looked at before.
      let file = try common.load()
      let listing = try ModelsCommand.versions(file)
      let record = try ModelsCommand.find(model, version, listing.records)
      listing.complain(of: model)
      if json { return print(String(decoding: record.encoded(), as: UTF8.self)) }
      let signed = ("signed", try signature(of: record, file, listing))
      for (name, value) in record.shown + [signed] {
        print(name.padding(toLength: 16, withPad: " ", startingAt: 0) + value)
      }
    }

    /// Of the version's newest record, and what it is worth.
    private func signature(of record: ModelRecord, _ file: LeewayConfiguration, _ listing: Listing) throws -> String {
      let newest = try ModelsCommand.newest(in: listing.log, listing.names) { other in
        other.model == record.model && other.version == record.version
      }
      guard let newest, let key = ModelSignature.keyID(of: newest.stored.record) else { return "no" }
      guard let keys = try file.security.loadTrustedKeys() else {
        return "by the key \(key); no key is trusted here, and nothing was checked (security.trusted_keys)"
      }
      return switch ModelSignature.verify(newest.stored.record, topic: newest.place.topic, keys: keys) {
      case .genuine: "by the key \(key), which is trusted"
      case .refused(let reason): "not to be believed: \(reason)"
      }
    }
  }
}

extension ModelRecord {
  /// A later change of status names less than the version's first record: the rest is taken from there.
  fileprivate func completed(by earlier: ModelRecord?) -> ModelRecord {
    guard var whole = earlier else { return self }
    (whole.status, whole.reason, whole.time, whole.who) = (status, reason, time, who)
    (whole.request, whole.previous) = (request, previous)
    return whole
  }

  /// Names and values for people.
  fileprivate var shown: [(String, String)] {
    var lines: [(String, String?)] = [
      ("model", model), ("version", "\(version)"), ("status", status.rawValue), ("reason", reason),
      ("who", who), ("event time", RFC3339.format(time)), ("parent", parent.map(String.init)), ("trigger", trigger),
      ("family", family), ("task", task), ("artifact", artifact),
      ("artifact bytes", artifactBytes.map(Figures.grouped)), ("rows learned", trainedRows.map(Figures.grouped)),
      ("rows hash", rowsHash),
    ]
    for (name, metrics) in [("challenger", challenger), ("champion", champion)] {
      guard let metrics else { continue }
      let figures: [(String, Double?)] = [
        ("loss", metrics.loss), ("accuracy", metrics.accuracy), ("log loss", metrics.logLoss), ("AUC", metrics.auc),
        ("MAE", metrics.mae), ("RMSE", metrics.rmse),
      ]
      let text = figures.compactMap { name, value in value.map { "\(name) \(Figures.metric($0))" } }
      lines.append((name, "\(text.joined(separator: ", ")) on \(Figures.grouped(metrics.rows)) rows"))
    }
    for rows in rows?.partitions ?? [] {
      lines.append(("rows", "partition \(rows.partition), seq \(rows.first) ..< \(rows.end)"))
    }
    lines += [("configuration", configuration), ("code", code), ("seed", "\(seed)")]
    return lines.compactMap { name, value in value.map { (name, $0) } }
  }
}
