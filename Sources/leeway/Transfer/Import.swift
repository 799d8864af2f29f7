import ArgumentParser
import Events
import Log
import Recording

/// `leeway import`
struct Import: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Put the records of an export into a log.",
    discussion: """
      Partition, order, timestamp, key, headers and value stay as they were; offsets are the log's own. Topics that are \
      missing are created, and so is an embedded log. The whole file is checked before anything is written.

      How far it has come is kept in the log's topic `transfers`: an import that was stopped or killed goes on where it \
      was when the same command is given again, and one that is done does nothing more. --again imports everything once more.
      """)

  @Argument(help: "A file that `leeway export` has written.")
  var file: String

  @Option(
    name: .customLong("topic"), parsing: .singleValue,
    help: ArgumentHelp("Import a topic under another name; can be given for several.", valueName: "old=new"))
  var renames: [TopicRename] = []

  @Flag(help: "Import all of it, also what has been imported before.")
  var again = false

  @Flag(help: "Print the result as a JSON object.")
  var json = false

  @Flag(help: "No progress bar.")
  var quiet = false

  @OptionGroup var common: CommonOptions

  func run() async throws {
    let configuration = try common.load()
    let recording = try RecordingReader(path: file)
    guard recording.summary.records > 0 else { throw CommandError("a recording without records", at: file) }
    let names = try renames.names(of: recording.topics)
    try recording.verify()
    let target = try TransferTarget(
      recording.topics, names: names, in: try configuration.log.open(), prefix: configuration.topics.prefix,
      key: "import \(recording.summary.contentText)", again: again)
    defer { target.close() }
    try target.take()
    try target.prepare(configuration.topics, earliest: recording.summary.times?.lowerBound ?? .max)
    let transfer = Transfer(source: RecordedSource(recording), target: target, isQuiet: quiet)
    let result = try transfer.run()
    try result.report("imported", of: file, target, json: json)
  }
}
