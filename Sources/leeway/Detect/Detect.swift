import ArgumentParser
import Drift
import Foundation

/// `leeway detect`: what changed between two files, or along one. Needs no log.
struct Detect: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell what changed between two CSV files, or where along one.",
    discussion: """
      Between two files: per column whether they differ at all (changed; p allows for dependence between neighbouring \
      rows and for the number of columns) and whether the difference is large (verdict).

      Along one: the first --reference-rows say what is usual. An alarm tells the row at which a change was certain \
      enough and since about which row it goes on. The --reference-rows behind an alarm's row become the next reference; \
      they are not watched themselves. Without a change, alarms of all columns together are --arl rows apart on average, \
      or more. The columns' table holds all rows behind the first reference against it.

      --detector adwin and page-hinkley are there for comparison. They watch each numeric column by itself, row by row \
      from the first, in deviations of the reference and with their customary settings; behind an alarm they start anew \
      without a reference. Leeway's promise is not theirs: they know no --arl, and rows that depend on their neighbours \
      raise many more alarms.

      Rows count in the order of the file. Columns that count or date the rows are left out unless --columns names them. \
      gzip is read as it is; - is standard input. Status 0 says that the files were read, whatever was found.
      """)

  @Option(help: "The file that says what is usual.")
  var reference: String?

  @Option(help: "The file that is compared with it.")
  var current: String?

  @Option(help: "A file to walk along instead.")
  var csv: String?

  @Option(help: "Rows of --csv that say what is usual, at least 100.")
  var referenceRows: Int?

  @Option(
    help: "Only these columns, separated by commas (default: all); may be given several times, as all such lists.")
  var columns: [NameList] = []

  @Option(help: "Columns whose numbers are names, separated by commas.")
  var categorical: [NameList] = []

  @Option(help: "Columns whose texts count as missing, separated by commas.")
  var numeric: [NameList] = []

  @Flag(help: "Between two files: the rows are in no order, so neighbours are independent.")
  var unordered = false

  @Option(help: "Along one file: rows that are looked at together (default: 16).")
  var pane: Int?

  @Option(
    help: "Along one file: average run length, the rows between two false alarms, at least 100 (default: 100000).")
  var arl: Double?

  @Option(help: "Along one file: leeway, adwin or page-hinkley.")
  var detector = DetectorChoice.leeway

  @Flag(help: "Along one file: watch the dependence between columns too.")
  var joint = false

  @Flag(help: "Print the result as one JSON object.")
  var json = false

  @Option(help: "Draw the distributions and the evidence over the rows into this file; it needs no network.")
  var html: String?

  func validate() throws {
    switch (reference, current, csv) {
    case (.some, .some, nil):
      if referenceRows != nil { throw ValidationError("--reference-rows goes with --csv FILE") }
      if joint { throw ValidationError("--joint goes with --csv FILE") }
      if detector != .leeway { throw ValidationError("--detector goes with --csv FILE") }
    case (nil, nil, .some):
      guard let referenceRows else { throw ValidationError("--csv needs --reference-rows N") }
      if referenceRows < 100 { throw ValidationError("--reference-rows must be at least 100") }
      if unordered { throw ValidationError("--unordered goes with --reference and --current") }
      if detector != .leeway, pane != nil || arl != nil || joint || html != nil {
        throw ValidationError("--pane, --arl, --joint and --html go with --detector leeway")
      }
    default: throw ValidationError("give --reference FILE and --current FILE, or --csv FILE and --reference-rows N")
    }
    if let pane, !(1...1_000_000).contains(pane) { throw ValidationError("--pane must be 1 to 1000000") }
    if let arl, !(arl >= 100 && arl <= 1e12) { throw ValidationError("--arl must be 100 to 1e12") }
    if reference == "-", current == "-" { throw ValidationError("only one of the two files can be standard input") }
  }

  func run() async throws {
    if let html { try OutputFile.check(html) }
    let clock = ContinuousClock()
    let began = clock.now
    var result = try measure()
    result.elapsedSeconds = (clock.now - began) / .seconds(1)
    result.complain()
    if json { try result.printJSON() } else { try result.printTable() }
    guard let html else { return }
    try OutputFile.replace(html, with: Array(result.page().utf8))
  }

  private func measure() throws(CommandError) -> DetectResult {
    let selection = try ColumnSelection(
      only: columns.isEmpty ? nil : columns.names, categorical: categorical.names, numeric: numeric.names)
    if let csv, let referenceRows {
      let plan = DetectWalk.Plan(
        referenceRows: referenceRows, pane: pane ?? 16, joint: joint,
        detector: DetectorConfiguration(averageRunLength: arl ?? 100_000), method: detector.method)
      var walk = try DetectWalk(path: csv, selection: selection, plan: plan)
      return try walk.run()
    }
    return try DetectComparison(
      reference: reference ?? "-", current: current ?? "-", selection: selection, isOrdered: !unordered
    ).run()
  }
}
