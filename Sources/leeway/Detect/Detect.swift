import ArgumentParser
import Drift
import Foundation
import Sketches

/// `leeway detect`: what changed between two files, or along one. Needs no log.
struct Detect: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell what changed between two CSV files, or where along one.",
    discussion: """
      Between two files: per column whether they differ at all (changed; dependence between neighbouring rows and the \
      number of columns are allowed for) and whether the difference is large (verdict).
      Along one: the first --reference-rows are the yardstick; an alarm tells the row at which a change was certain \
      enough, and the rows behind it become the next yardstick. Without a change there is one alarm in --arl rows or \
      fewer, all columns together. The file's order is taken as its order in time. gzip is read as it is; - is standard \
      input.
      """)

  @Option(help: "The file that says what is usual.")
  var reference: String?

  @Option(help: "The file that is compared with it.")
  var current: String?

  @Option(help: "A file to walk along instead.")
  var csv: String?

  @Option(help: "Rows of --csv that say what is usual, at least 100.")
  var referenceRows: Int?

  @Option(help: "Only these columns, separated by commas (default: all).")
  var columns: String?

  @Option(help: "Columns whose numbers are names, separated by commas.")
  var categorical: String?

  @Option(help: "Rows of --csv that are looked at together.")
  var pane = 16

  @Option(help: "Average run length: rows between two false alarms, at least 100.")
  var arl = 100_000.0

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
    case (nil, nil, .some):
      guard let referenceRows else { throw ValidationError("--csv needs --reference-rows N") }
      if referenceRows < 100 { throw ValidationError("--reference-rows must be at least 100") }
    default: throw ValidationError("give --reference FILE and --current FILE, or --csv FILE and --reference-rows N")
    }
    if !(1...1_000_000).contains(pane) { throw ValidationError("--pane must be 1 to 1000000") }
    if !(arl >= 100 && arl <= 1e12) { throw ValidationError("--arl must be 100 to 1e12") }
    if reference == "-", current == "-" { throw ValidationError("only one of the two files can be standard input") }
  }

  func run() async throws {
    if let html { try DemoReport.checkPlace(html) }
    let clock = ContinuousClock()
    let began = clock.now
    var result = try measure()
    result.elapsedSeconds = (clock.now - began) / .seconds(1)
    if json { try result.printJSON() } else { result.printTable() }
    guard let html else { return }
    do {
      try result.page().write(toFile: html, atomically: true, encoding: .utf8)
    } catch {
      throw CommandError("cannot be written (\(error.localizedDescription))", at: html)
    }
  }

  private func measure() throws -> DetectResult {
    let selection = ColumnSelection(
      only: columns.map { $0.names }, categorical: Set(categorical?.names ?? []))
    if let csv, let referenceRows {
      var walk = try DetectWalk(
        path: csv, selection: selection, referenceRows: referenceRows, pane: pane, joint: joint,
        configuration: DetectorConfiguration(averageRunLength: arl))
      return try walk.run()
    }
    return try DetectComparison(reference: reference ?? "-", current: current ?? "-", selection: selection).run()
  }
}

/// Which of a file's columns are looked at.
struct ColumnSelection {
  /// Nil for all.
  let only: [String]?
  let categorical: Set<String>

  /// Names and places, in the order of the file or of `only`.
  func columns(of reader: CSVReader) throws(CommandError) -> [(name: String, index: Int)] {
    for name in categorical.sorted() { _ = try reader.column(name) }
    if let only, let twice = only.first(where: { name in only.filter { $0 == name }.count > 1 }) {
      throw CommandError("--columns names \(twice) twice")
    }
    var columns: [(name: String, index: Int)] = []
    for name in only ?? reader.header { columns.append((name, try reader.column(name))) }
    guard !columns.isEmpty else { throw CommandError("no column is left to look at", at: reader.name) }
    return columns
  }

  func column(_ name: String) -> FileColumn {
    FileColumn(name: name, kind: categorical.contains(name) ? .category : nil)
  }
}

extension String {
  /// The names in a list that commas separate.
  var names: [String] {
    split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
  }
}

extension CSVReader {
  /// Says on standard error which rows were left out.
  func complainOfBadRows() {
    for row in badRows { Terminal.complain("\(name):\(row.line): \(row.reason)") }
    if badRowCount > badRows.count { Terminal.complain("\(name): \(badRowCount) bad rows in all") }
  }
}
