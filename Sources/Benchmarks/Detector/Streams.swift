import Drift
import Foundation
import Sketches

/// Vigna's xoshiro256++ seeded by SplitMix64, and what is drawn from it.
struct Chance {
  private var state: (UInt64, UInt64, UInt64, UInt64)
  private var spare: Double?

  init(seed: UInt64) {
    let parts = (1...4).map { RowHash.mix(seed &+ UInt64($0) &* 0x9e37_79b9_7f4a_7c15) }
    state = (parts[0], parts[1], parts[2], parts[3])
  }

  mutating func uniform() -> Double {
    let sum = state.0 &+ state.3
    let result = (sum << 23 | sum >> 41) &+ state.0
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = state.3 << 45 | state.3 >> 19
    return (Double(result >> 11) + 0.5) * 0x1p-53
  }

  /// Marsaglia's polar method.
  mutating func normal() -> Double {
    if let spare {
      self.spare = nil
      return spare
    }
    while true {
      let x = 2 * uniform() - 1
      let y = 2 * uniform() - 1
      let square = x * x + y * y
      if square >= 1 || square == 0 { continue }
      let factor = (-2 * log(square) / square).squareRoot()
      spare = y * factor
      return x * factor
    }
  }
}

/// The kinds of stream that are measured.
enum StreamKind: String, CaseIterable {
  case normal, lognormal, zeros, ar1, categories, binary, season
  case missing, integers, zipf, constant
  case hundredLevels = "hundred levels"

  var isCategory: Bool { [.categories, .zipf, .hundredLevels].contains(self) }
}

/// What happens to a stream.
enum StreamChange: Equatable {
  case mean(Double)
  case deviation(Double)
  case evenCategories
  case rate(Double)
  case twoModes
  case fewerZeros
  case newCategory
  case missing(Double)
  case other
}

/// Events in a cycle of the seasonal stream, and its length in the stream's milliseconds.
let seasonEvents = 2_000
let eventMilliseconds: Int64 = 1_000

/// One column's endless stream. Missing values are NaN; a category is its number.
struct Stream {
  let kind: StreamKind
  var change: StreamChange?
  private var chance: Chance
  private var last: Double
  /// Number of the next event.
  private(set) var event: Int
  private static let shares = [0.4, 0.7, 0.85, 0.95, 1]

  init(_ kind: StreamKind, seed: UInt64) {
    self.kind = kind
    chance = Chance(seed: seed)
    last = chance.normal()
    event = Int(chance.uniform() * Double(seasonEvents))
  }

  var time: Int64 { Int64(event) * eventMilliseconds }

  mutating func next() -> Double {
    defer { event += 1 }
    if case .missing(let rate) = change, chance.uniform() < rate { return .nan }
    let shift = if case .mean(let shift) = change { shift } else { 0.0 }
    let scale = if case .deviation(let scale) = change { scale } else { 1.0 }
    switch kind {
    case .normal:
      if change == .twoModes { return (chance.uniform() < 0.5 ? -0.954 : 0.954) + 0.3 * chance.normal() }
      return scale * chance.normal() + shift
    case .lognormal: return exp(scale * chance.normal() + shift)
    case .ar1:
      last = 0.9 * last + 0.19.squareRoot() * chance.normal()
      return scale * last + shift
    case .season:
      return sin(2 * .pi * Double(event) / Double(seasonEvents)) + scale * chance.normal() + shift
    case .zeros:
      let zeros = change == .fewerZeros ? 0.8 : 0.9
      let u = chance.uniform()
      let value = exp(scale * chance.normal() + shift)
      return u < zeros ? 0 : value
    case .binary:
      let rate = if case .rate(let rate) = change { rate } else { 0.1 }
      return chance.uniform() < rate ? 1 : 0
    case .categories: return category()
    case .missing: return chance.uniform() < 0.2 ? .nan : chance.normal() + shift
    case .integers: return (3 * (chance.normal() + shift)).rounded(.down)
    case .zipf: return (1 / (1 - chance.uniform() * 0.9995)).rounded(.down)
    case .hundredLevels: return (100 * chance.uniform()).rounded(.down)
    case .constant: return change == .other ? 4 : 5
    }
  }

  private mutating func category() -> Double {
    let u = chance.uniform()
    if change == .evenCategories { return (u * 5).rounded(.down) }
    if change == .newCategory, chance.uniform() < 0.05 { return 7 }
    return Double(Self.shares.firstIndex { u < $0 } ?? 4)
  }
}

extension Stream {
  func value(_ number: Double) -> ColumnValue {
    if number.isNaN { return .missing }
    return kind.isCategory ? .category("c\(Int(number))") : .number(number)
  }
}
