/// What a model computes when it scores, taken apart into arrays: for who computes it in another system.
///
/// Scoring adds single-precision numbers, one entry of the row after the other, in the order of `columns`; sums over
/// lanes are by halves (`x[i] + x[i + n/2]`, then the same of the half). Who adds in this order gets the same numbers bit
/// for bit.
///
/// 1. `base` row 0, then of each entry its `base` row times its value, give each output `lanes` logits and, behind those
///    of all outputs, `units` hidden units.
/// 2. `curves` rows of the hats, times their values, are added up on their own and then to the upper half of each
///    output's lanes.
/// 3. Of several layers, each of `layers` takes the units before it, none below 0, and makes `biases[unit] + Σ
///    weights[unit · inputs + input] · input` of them, the sum by halves; the last ones are the outputs' numbers.
///    Otherwise `head` makes one more logit of the hidden units, which `blend` takes in the last lane.
/// 4. `blend` makes one number of each output's lanes; without it the only lane, or the head's logit, is that number.
/// 5. A regression's value is `target.mean + number · target.deviation`, in double precision, or that of counts
///    `target.mean · e^number` with the number cut to ±`Formula.exponentBound`; a binary task's is its sigmoid, several
///    classes' their softmax.
package struct Formula: Sendable {
  package static let standardBound = Double(Encoder.clip)
  /// Milliseconds since 1970 to which times are cut.
  package static let timeBound = TimeParts.bound

  package static let exponentBound = Double(CountScale.bound)

  /// What a column adds to a row: slots are rows of `base`.
  package enum Part: Sendable {
    case number(Number)
    /// The slot of each level with value 1; of any other, and of a missing value, as named.
    case names(levels: [Level], unseen: Int, missing: Int)
    /// Slots by a hash of the text.
    case hashed
    /// Value 1 in `hours` plus hour of the day and in `weekdays` plus day of the week from Monday, or in `missing`.
    case time(missing: Int, hours: Int, weekdays: Int)
  }

  /// `(x − mean) · precision`, in double precision with x cut to `ModelLimits.magnitude`, then cut to
  /// ±`Formula.standardBound`, in `slot`; a missing value is 1 in `slot + 1`.
  package struct Number: Sendable {
    package let slot: Int
    package let mean: Double
    package let deviation: Double
    package let precision: Double
    /// Ascending; none without hats. Row of `curves` of the first.
    package let knots: [Double]
    /// 1/(next − this) of each knot, 0 of the last.
    package let slopes: [Double]
    package let curve: Int
  }

  package struct Level: Sendable {
    package let name: String
    package let slot: Int
  }

  /// Rows of `width` numbers, one behind the other.
  package struct Table: Sendable {
    package let width: Int
    package let values: [Float]
  }

  /// `biases[output] + Σ weights[output · units + unit] · max(0, hidden[unit])`.
  package struct Head: Sendable {
    package let weights: [Float]
    package let biases: [Float]
  }

  package struct Layer: Sendable {
    package let units: Int
    package let weights: [Float]
    package let biases: [Float]
  }

  /// Lanes of several outputs first lose the mean over outputs; then all are cut to ±`bound`. Each of `first` is a sum of
  /// lanes by weight. The second level takes, of those and the last lane behind them, the `sources`, times `factors`, cut
  /// to ±`bounds`, and adds them up by `weights`.
  package struct Blend: Sendable {
    package let bound: Float
    package let first: [[Float]]
    package let sources: [Int]
    package let factors: [Float]
    package let bounds: [Float]
    package let weights: [Float]
  }

  package let outputs: Int
  package let lanes: Int
  package let units: Int
  package let columns: [Part]
  package let base: Table
  package let curves: Table
  package let head: Head?
  package let blend: Blend?
  package let layers: [Layer]
  package let isLogarithmic: Bool
  package let target: (mean: Double, deviation: Double)
}

extension Model {
  package var formula: Formula { learner.formula }
}
