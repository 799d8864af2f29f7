import Foundation
import Models

/// A labelled stream of the directory that `LEEWAY_DATA` names, and how its columns are read.
struct SharedStream {
  let name: String
  var dropped: Set<String> = []
  var categorical: Set<String> = []
  var task = Task.binary

  static let elec2 = SharedStream(name: "elec2", dropped: ["date"], categorical: ["day"])

  static let all = [
    elec2, SharedStream(name: "bank_marketing"), SharedStream(name: "hyperplane"), SharedStream(name: "sea_abrupt"),
    SharedStream(name: "stagger"),
    SharedStream(
      name: "employment_ma", dropped: ["year"],
      categorical: [
        "SCHL", "MAR", "RELP", "DIS", "ESP", "CIT", "MIG", "MIL", "ANC", "NATIVITY", "DEAR", "DEYE", "DREM", "SEX",
        "RAC1P",
      ]),
    SharedStream(
      name: "bike_hourly", categorical: ["hr", "weekday", "weathersit", "season", "mnth"], task: .regression),
  ]

  /// - Throws: `BenchmarkFault` for a file that cannot be read.
  func rows(in folder: String) throws -> (schema: Schema, rows: [(Models.Row, Target)]) {
    try LabelledTable(folder: folder, name: name).rows(dropped: dropped, categorical: categorical, task: task)
  }

  /// The directory; nil where none is named.
  static var folder: String? { ProcessInfo.processInfo.environment["LEEWAY_DATA"] }
}
