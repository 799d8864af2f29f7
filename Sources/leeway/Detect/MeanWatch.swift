import ArgumentParser
import Drift
import Sketches

/// Which detector a walk along a file has.
enum DetectorChoice: String, CaseIterable, ExpressibleByArgument {
  case leeway, adwin
  case pageHinkley = "page-hinkley"

  /// Nil for Leeway's own.
  var method: MeanDetector.Method? {
    switch self {
    case .leeway: nil
    case .adwin: .adwin
    case .pageHinkley: .pageHinkley
    }
  }
}

/// A familiar detector on each numeric column by itself, fed row by row with values in deviations of the reference, so
/// that its customary settings mean something. Behind an alarm the column's detector starts anew.
struct MeanWatch {
  private struct Column {
    let name: String
    let place: Int
    let center: Double
    let scale: Double
    var detector: MeanDetector

    /// - Returns: whether the number raises an alarm; NaN and what is beyond all measure do not.
    mutating func read(_ number: Double) -> Bool {
      let value = (number - center) / scale
      guard number.magnitude <= SketchLimits.magnitude, value.isFinite else { return false }
      detector.update(value)
      return detector.driftDetected
    }
  }

  let method: MeanDetector.Method
  private var columns: [Column] = []
  /// Those that hold no numbers.
  let unwatched: [String]

  /// - Parameters:
  ///   - reference: rows that are learned from; alarms in them count for nothing.
  ///   - places: of the columns, in a row.
  init(_ method: MeanDetector.Method, reference: [FileColumn], places: [Int]) {
    self.method = method
    unwatched = reference.filter { $0.kind != .numeric }.map(\.name)
    for (column, place) in zip(reference, places) where column.kind == .numeric {
      let moments = Moments(column.numbers.lazy.filter { $0.magnitude <= SketchLimits.magnitude })
      let deviation = moments.sampleVariance.squareRoot()
      var watched = Column(
        name: column.name, place: place, center: moments.mean, scale: deviation > 0 ? deviation : 1,
        detector: MeanDetector(method))
      for number in column.numbers { _ = watched.read(number) }
      columns.append(watched)
    }
  }

  var isEmpty: Bool { columns.isEmpty }

  /// - Returns: the names of the columns that alarm at this row.
  mutating func read(_ row: CSVRow) -> [String] {
    var names: [String] = []
    for index in columns.indices {
      let number = row.number(columns[index].place) ?? .nan
      if columns[index].read(number) { names.append(columns[index].name) }
    }
    return names
  }
}
