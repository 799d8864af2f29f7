import Bytes

/// Linear B-splines over each numeric column: a value between two knots is shared out between them, one beyond the last
/// knot belongs to it. A linear model of these is a piecewise linear function of the column.
///
/// Knots are quantiles of a reservoir of the column's values: at first a uniform sample, later one that forgets, so that
/// knots follow where the values are now.
struct Hats: Equatable, Sendable {
  static let knots = 8
  private static let forgettingShare = 1.0 / 20
  /// The outermost knots leave this part of the values beyond them: 1/50.
  private static let beyond = 50
  private static let leastValues = 50

  /// Values that a column's reservoir holds at most.
  let capacity: Int
  /// `column · knots + knot`, infinite past the column's last one.
  private var points: [Double]
  /// 1/(next − this), by the same index.
  private var slopes: [Double]
  private var counts: [Int]
  private var reservoirs: [Reservoir]

  private struct Reservoir: Equatable {
    var values: [Double] = []
    var seen = 0
    var generator: SeededGenerator

    @inline(__always)
    mutating func take(_ x: Double, capacity: Int) {
      seen += 1
      if values.count < capacity {
        values.append(x)
      } else {
        // With probability max(capacity/seen, the least share).
        let draw = generator.uniform()
        if draw * Double(seen) < Double(capacity) || draw < Hats.forgettingShare {
          values[generator.below(capacity)] = x
        }
      }
    }
  }

  var columns: Int { counts.count }

  /// The column's knots, ascending; none where it has no hats yet.
  func knots(of column: Int) -> ArraySlice<Double> {
    points[column * Hats.knots..<column * Hats.knots + counts[column]]
  }

  /// 1/(next − this) of each of them, 0 of the last.
  func slopes(of column: Int) -> ArraySlice<Double> {
    slopes[column * Hats.knots..<column * Hats.knots + counts[column]]
  }

  /// - Parameter names: of the numeric columns.
  init(names: [String], seed: UInt64) {
    capacity = min(1_000, max(100, ModelLimits.reservoirValues / max(names.count, 1)))
    points = [Double](repeating: .infinity, count: names.count * Hats.knots)
    slopes = [Double](repeating: 0, count: names.count * Hats.knots)
    counts = [Int](repeating: 0, count: names.count)
    reservoirs = names.map { Reservoir(generator: SeededGenerator(seed: seed, for: "knots", $0)) }
  }

  /// Puts the hats that are not zero at `x` behind `end`; none before the column has knots.
  @inline(__always)
  func put(_ x: Double, _ column: Int, into entries: inout MutableSpan<Entry>, at end: inout Int) {
    let count = counts[column]
    guard count > 1 else { return }
    let base = column * Hats.knots
    let own = points.span.extracting(base..<base + Hats.knots)
    var passed = 0
    for knot in 0..<Hats.knots { passed += own[knot] <= x ? 1 : 0 }
    if passed == 0 || passed == count {
      entries.put(base + max(passed - 1, 0), 1, at: &end)
    } else {
      let share = Float((x - own[passed - 1]) * slopes[base + passed - 1])
      entries.put(base + passed - 1, 1 - share, at: &end)
      entries.put(base + passed, share, at: &end)
    }
  }

  /// Takes the numbers of a row, one per column and NaN where there is none, into the reservoirs.
  mutating func follow(_ numbers: Span<Double>) {
    for column in numbers.indices where !numbers[column].isNaN {
      reservoirs[column].take(numbers[column], capacity: capacity)
      if Hats.isRefreshed(at: reservoirs[column].seen) { place(Hats.quantiles(reservoirs[column].values), column) }
    }
  }

  /// After 100, 200, 400, … 6,400 values, then after every 5,000.
  @inline(__always)
  private static func isRefreshed(at seen: Int) -> Bool {
    guard seen % 100 == 0 else { return false }
    let hundreds = seen / 100
    return hundreds <= 64 ? hundreds & (hundreds - 1) == 0 : (hundreds - 64) % 50 == 0
  }

  private mutating func place(_ found: [Double], _ column: Int) {
    let base = column * Hats.knots
    counts[column] = found.count
    for knot in 0..<Hats.knots {
      points[base + knot] = knot < found.count ? found[knot] : .infinity
      let slope = knot + 1 < found.count ? 1 / (found[knot + 1] - found[knot]) : 0
      slopes[base + knot] = slope.isFinite ? slope : 0
    }
  }

  /// Knots for these values, ascending and apart; none where there are too few values, or only two different ones, which
  /// a straight line fits as well.
  private static func quantiles(_ values: [Double]) -> [Double] {
    guard values.count >= leastValues else { return [] }
    let sorted = values.sorted()
    var knots: [Double] = []
    for knot in 0..<Hats.knots {
      let share = (Double(knot) + 0.5) / Double(Hats.knots)
      let place =
        switch knot {
        case 0: sorted.count / beyond
        case Hats.knots - 1: sorted.count - 1 - sorted.count / beyond
        default: min(sorted.count - 1, Int(share * Double(sorted.count)))
        }
      let value = sorted[place]
      if let last = knots.last, value - last <= 1e-9 * max(abs(value), abs(last)) + 1e-12 { continue }
      knots.append(value)
    }
    let first = sorted[0]
    let other = sorted.first { $0 != first }
    let hasThree = other.map { other in sorted.contains { $0 != first && $0 != other } } ?? false
    return hasThree ? knots : []
  }
}

extension Hats {
  func encode(into writer: inout ByteWriter) {
    for (column, reservoir) in reservoirs.enumerated() {
      writer.append(count: reservoir.seen)
      writer.append(fixed: reservoir.generator.state)
      writer.append(reservoir.values) { $0.append($1) }
      let start = column * Hats.knots
      writer.append(points[start..<start + counts[column]]) { $0.append($1) }
    }
  }

  /// Reads what was written of as many columns.
  mutating func decode(from reader: inout ByteReader) throws(ByteError) {
    let magnitudes = -ModelLimits.magnitude...ModelLimits.magnitude
    for column in reservoirs.indices {
      reservoirs[column].seen = try reader.index(upTo: 1 << 53)
      reservoirs[column].generator = SeededGenerator(state: try reader.fixed())
      let count = try reader.count(ofAtLeast: 8)
      guard count == min(capacity, reservoirs[column].seen) else {
        throw reader.failure("a sample of \(count) of \(reservoirs[column].seen) values")
      }
      reservoirs[column].values = try reader.doubles(count, in: magnitudes)
      let knots = try reader.doubles(try reader.count(ofAtLeast: 8), in: magnitudes)
      guard knots.count <= Hats.knots, zip(knots, knots.dropFirst()).allSatisfy({ $0 < $1 }) else {
        throw reader.failure("knots that do not rise")
      }
      place(knots, column)
    }
  }
}
