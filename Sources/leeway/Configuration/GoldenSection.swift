import Control
import Events

/// The golden set of a model: fixed rows that a person chose, on which no challenger may forget anything.
struct GoldenSection: Equatable {
  enum Rows: Equatable {
    /// A CSV file and its column with the label; every other column is a feature.
    case file(path: String, label: String)
    /// Numbers in `examples`, each range with at least one.
    case pinned([PartitionRows])
  }

  var rows: Rows
  /// How much more a challenger may lose on them than the champion, as a share of the champion's mean loss.
  var tolerance = GateConfiguration().goldenTolerance
}

extension GoldenSection {
  enum Key: String, ConfigurationKey { case file, label, rows, tolerance }

  init(_ section: ConfigurationSection<Key>) throws(CommandError) {
    switch (section[.file], section[.rows]) {
    case (let file?, nil):
      guard let label = section[.label] else { throw section.node.error("a golden file needs the key \"label\"") }
      let path = try file.text("the path of a CSV file")
      guard !path.isEmpty, path != "-" else { throw file.error(expected: "the path of a CSV file") }
      rows = .file(path: path, label: try label.text("the name of a column"))
    case (nil, let list?):
      if let label = section[.label] {
        throw label.error("the rows of a log have labels of their own", remedy: "remove the key")
      }
      var ranges: [PartitionRows] = []
      for item in try list.list() { ranges.append(try PartitionRows(ConfigurationSection(item))) }
      guard !ranges.isEmpty else { throw list.error(expected: "a list of {partition, first, end}") }
      rows = .pinned(ranges)
    default: throw section.node.error("not understood", remedy: "expected a file with its label, or rows, or off")
    }
    try section.fraction(.tolerance, &tolerance, in: 0...100)
  }
}

extension PartitionRows {
  fileprivate enum Key: String, ConfigurationKey { case partition, first, end }

  fileprivate init(_ section: ConfigurationSection<Key>) throws(CommandError) {
    self.init(partition: 0, first: 0, end: 0)
    func number(_ key: Key, in range: ClosedRange<Int>) throws(CommandError) -> Int {
      guard let value = section[key] else {
        throw section.node.error("a range of rows needs the key \"\(key.rawValue)\"")
      }
      return try value.integer(in: range)
    }
    partition = try number(.partition, in: 0...100_000)
    first = Int64(try number(.first, in: 0...1_000_000_000_000))
    end = Int64(try number(.end, in: Int(first) + 1...Int(first) + GoldenSet.mostRows))
  }
}
