import ArgumentParser
import Control
import Events
import Log

extension ModelsCommand {
  struct Audit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Who changed which version's status, when and why; and whether the records are as they were written.",
      discussion: """
        Each record of a model names the SHA-256 of the one before it. --verify computes them anew, and says which records \
        were altered, removed, moved or inserted, with exit status 1. A chain does not show that its newest records were \
        removed or that the very newest was altered; signatures show the latter, and are checked where keys are trusted.
        """)
    @OptionGroup var common: CommonOptions
    @Argument(help: "Only this model.") var model: String?
    @Flag(help: "Check the records instead of listing them.") var verify = false
    @Option(help: "Believe only what this public key has signed: its file or its base64; may be given several times.")
    var trustedKey: [String] = []
    @Flag(help: "One JSON object a line: of a change, or with --verify of a model.") var json = false

    func run() async throws {
      let file = try common.load()
      let log = try file.log.openExisting()
      let trail = try AuditTrail(
        log, topic: TopicNames(prefix: file.topics.prefix)[.models], keys: try file.security.loadTrustedKeys(trustedKey)
      )
      if let model, !trail.entries.contains(where: { $0.model == model }) {
        throw CommandError("no version of a model \(model)", remedy: "see: leeway models list")
      }
      try verify ? check(trail) : list(trail)
    }

    private func list(_ trail: AuditTrail) throws {
      let output = StandardOutput()
      var table = TextTable(header: ["TIME", "MODEL", "VERSION", "CHANGE", "WHO", "WHY"])
      for entry in trail.entries where model == nil || model == entry.model {
        if json { try output.line(entry.json) }
        let change = [entry.from?.rawValue, entry.status.rawValue].compactMap { $0 }.joined(separator: " → ")
        table.append([
          RFC3339.format(entry.time), entry.model, "\(entry.version)", entry.isRepeated ? "published again" : change,
          entry.who ?? "–", entry.reason,
        ])
      }
      if !json { try output.lines(table.lines) }
      try output.flush()
    }

    private func check(_ trail: AuditTrail) throws {
      let output = StandardOutput()
      let faults = trail.faults.filter { model == nil || $0.model == nil || $0.model == model }
      for (name, chain) in trail.chains.sorted(by: { $0.key < $1.key }) where model == nil || model == name {
        let entries = trail.entries.filter { $0.model == name }
        let own = faults.filter { $0.model == name }
        try output.line(json ? Self.json(name, chain, entries, own) : Self.text(name, chain, entries, own))
      }
      for fault in faults where !json || fault.model == nil {
        let model = fault.model.map { " (\($0))" } ?? ""
        try output.line(json ? Self.json(fault) : "\(fault.place) offset \(fault.offset)\(model): \(fault.reason)")
      }
      try output.flush()
      guard faults.isEmpty else {
        throw CommandError("\(faults.count) \(faults.count == 1 ? "record does" : "records do") not fit")
      }
    }

    private static func text(
      _ name: String, _ chain: RecordChain, _ entries: [AuditTrail.Entry], _ faults: [AuditTrail.Fault]
    ) -> String {
      var line = "\(name): \(Figures.grouped(entries.count)) record\(entries.count == 1 ? "" : "s")"
      if let first = entries.first, let last = entries.last {
        line += " in \(first.place), offsets \(first.offset) to \(last.offset)"
      }
      line += faults.isEmpty ? ": the chain holds" : ": the chain is broken"
      if chain.unchained > 0 {
        line += "; \(Figures.grouped(chain.unchained)) of before there was a chain, for which nothing vouches"
      }
      if chain.repeated > 0 { line += "; \(chain.repeated) published again" }
      return line
    }

    private static func json(
      _ name: String, _ chain: RecordChain, _ entries: [AuditTrail.Entry], _ faults: [AuditTrail.Fault]
    ) -> String {
      var writer = JSONWriter()
      writer.object { writer in
        writer.field("model", name)
        writer.field("records", entries.count)
        writer.field("unchained", chain.unchained)
        writer.field("published_again", chain.repeated)
        writer.name("faults")
        writer.array(faults) { $0.value($1) }
      }
      return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func json(_ fault: AuditTrail.Fault) -> String {
      var writer = JSONWriter()
      writer.value(fault)
      return String(decoding: writer.bytes, as: UTF8.self)
    }
  }
}

extension JSONWriter {
  fileprivate mutating func value(_ fault: AuditTrail.Fault) {
    object { writer in
      writer.field("partition", fault.place.partition)
      writer.field("offset", fault.offset)
      writer.field("reason", fault.reason)
    }
  }
}

extension AuditTrail.Entry {
  fileprivate var json: String {
    var writer = JSONWriter()
    writer.object { writer in
      writer.field("time", time)
      writer.field("model", model)
      writer.field("version", version)
      writer.field("from", from?.rawValue)
      writer.field("status", status.rawValue)
      writer.field("who", who)
      writer.field("reason", reason)
      writer.field("request", request)
      writer.field("partition", place.partition)
      writer.field("offset", offset)
      writer.field("sha256", checksum)
      writer.field("previous", previous)
      writer.field("published_again", isRepeated)
    }
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}
