import ArgumentParser
import Engine
import Events
import Foundation
import LeewayClient
import Log

/// Of which model a change is asked for, by whom, and what they saw.
struct RequestOptions: ParsableArguments {
  @OptionGroup var common: CommonOptions
  @OptionGroup var person: PersonOptions
  @Option(help: "The champion that must still be it, or nothing is changed (default: the present one).")
  var expect: Int?
  @Option(help: "Seconds to wait for the engine's answer; 0 for not at all.") var wait = 10.0
  @Flag(help: "What comes of it, as one JSON object.") var json = false
  @Argument(help: "The model's name.") var model: String

  func validate() throws {
    if !(0...86_400).contains(wait) { throw ValidationError("--wait takes 0 to 86,400 seconds") }
    if let expect, expect < 1 { throw ValidationError("--expect takes a version's number") }
  }
}

extension ModelsCommand {
  struct Promote: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a version the champion, by a person's decision.",
      discussion: """
        Any version that has an artifact: one that validation kept back, too. The engine decides: where another champion \
        serves by then than the one expected, nothing is changed. The exit status is 1 where it is not done.
        """)
    @OptionGroup var options: RequestOptions
    @Argument(help: "The version: \(VersionName.help).") var version: VersionName

    func run() async throws {
      try ModelsCommand.ask(.promote, version, options)
    }
  }

  struct Reject: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take a version that is judged still out of the running, by a person's decision.")
    @OptionGroup var options: RequestOptions
    @Argument(help: "The version: \(VersionName.help).") var version: VersionName

    func run() async throws {
      try ModelsCommand.ask(.reject, version, options)
    }
  }

  struct Rollback: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Put a former champion back in the champion's place, by a person's decision.",
      discussion: "The next run goes on from that version, and learns the rows since.")
    @OptionGroup var options: RequestOptions
    @Argument(help: "The version to go back to (default: the champion before, unless it was rolled back).")
    var version: Int?

    func run() async throws {
      try ModelsCommand.ask(.rollback, version.map(VersionName.number), options)
    }
  }

  fileprivate static func ask(
    _ kind: RunRequest.Kind, _ version: VersionName?, _ options: RequestOptions
  ) throws {
    let (model, person) = (options.model, options.person)
    let file = try options.common.load()
    let configuration = file.engineConfiguration
    try Produce.find(model, in: configuration, options.common)
    let listing = try versions(file, signedBy: file.security.loadTrustedKeys())
    let champion = VersionName.champion.pick(of: listing.records.filter { $0.model == model })
    let request = RunRequest(
      id: UUID().uuidString.lowercased(), model: model, kind: kind,
      version: try version.map { try find(model, $0, listing.records).version },
      champion: options.expect ?? champion?.version, who: person.name, reason: person.why,
      time: EngineService.wallClock())
    let delivered = try RequestDelivery(listing.log, configuration).deliver(request, within: options.wait)
    let answer = RequestAnswer(request: request, place: delivered.place, offset: delivered.offset)
    try answer.tell(delivered.outcome, options)
  }
}

/// What a person is told of a request.
private struct RequestAnswer {
  let request: RunRequest
  let place: TopicPartition
  let offset: Int64

  func tell(_ outcome: RequestDelivery.Outcome, _ options: RequestOptions) throws {
    if options.json { print(json(outcome)) }
    switch outcome {
    case .done(let changes):
      guard !options.json else { return }
      for change in changes {
        print("\(change.model) version \(change.version) is \(change.status.rawValue): \(change.reason)")
      }
    case .refused(let letter):
      throw CommandError(
        letter.reason, remedy: "nothing was changed; see: leeway models list \(request.model)", isReported: options.json
      )
    case .open where options.wait == 0:
      if !options.json { print("request \(request.id) written to \(place) at offset \(offset)") }
    case .open:
      throw CommandError(
        "no engine has answered within \(Figures.short(options.wait)) s",
        remedy: "the request stands in \(place) at offset \(offset), and is decided as soon as one runs: leeway run",
        isReported: options.json)
    }
  }

  private func json(_ outcome: RequestDelivery.Outcome) -> String {
    var writer = JSONWriter()
    writer.object { writer in
      writer.field("request", request.id)
      writer.field("place", "\(place.topic)/\(place.partition)")
      writer.field("offset", offset)
      switch outcome {
      case .done(let changes):
        writer.field("outcome", "done")
        writer.name("changes")
        writer.array(changes) { $0.value($1.version, $1.status) }
      case .refused(let letter):
        writer.field("outcome", "refused")
        writer.field("code", letter.code)
        writer.field("reason", letter.reason)
      case .open: writer.field("outcome", "open")
      }
    }
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}

extension JSONWriter {
  fileprivate mutating func value(_ version: Int, _ status: ModelStatus) {
    object { writer in
      writer.field("version", version)
      writer.field("status", status.rawValue)
    }
  }
}
