import Events
import TestSupport

/// Seeded records that keep to the contracts of their topics.
struct RandomRecords {
  private var random: SplitMix64

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  mutating func bits() -> UInt64 { random.next() }

  mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

  mutating func flag() -> Bool { random.next() & 1 == 0 }

  mutating func pick<T>(_ choices: [T]) -> T { choices[int(0...choices.count - 1)] }

  mutating func maybe<T>(_ make: (inout RandomRecords) -> T) -> T? { flag() ? make(&self) : nil }

  mutating func list<T>(_ count: ClosedRange<Int>, _ make: (inout RandomRecords) -> T) -> [T] {
    (0..<int(count)).map { _ in make(&self) }
  }

  /// Counts of every size that has a name.
  mutating func count() -> Int { pick([0, 1, int(0...1_000), int(0...Int.max), Int.max]) }
  mutating func exampleNumber() -> Int64 { min(Int64(count()), Limits.exampleNumber) }

  mutating func version() -> Int { pick([1, int(1...1_000), Int.max]) }

  /// Event times from outside.
  mutating func time() -> Milliseconds {
    let year2025: Milliseconds = 1_762_345_678_901
    return pick([
      0, year2025, year2025 + Int64(int(0...86_400_000)), Limits.earliestTime, Limits.latestTime,
      Int64.random(in: Limits.earliestTime...Limits.latestTime, using: &random),
    ])
  }

  /// Bounds that Leeway computes.
  mutating func bound() -> Milliseconds { pick([time(), .min, .max, 0]) }

  /// Finite doubles of every kind: short decimals, whole numbers, any bits.
  mutating func number() -> Double {
    let choice = int(0...4)
    switch choice {
    case 0: return Double(int(-1_000...1_000))
    case 1: return Double(int(-1_000_000...1_000_000)) / 1_000
    case 2: return Double.random(in: -1...1, using: &random)
    case 3: return pick([-0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 0x1p53, 0x1p63, -0x1p63, 0.1])
    default:
      let value = Double(bitPattern: bits())
      return value.isFinite ? value : 0.5
    }
  }

  mutating func positive() -> Double { number().magnitude }

  mutating func share() -> Double { pick([0, 1, Double.random(in: 0...1, using: &random)]) }

  /// Text with everything that needs escapes, several scripts, and scalars beyond 16 bits.
  mutating func text(_ length: ClosedRange<Int> = 0...12) -> String {
    let scalars: [Unicode.Scalar] = list(length) { random in
      switch random.int(0...5) {
      case 0: return random.pick(["\"", "\\", "/", "\n", "\t", "\u{0}", "\u{1f}", "\u{7f}", "\u{2028}"])
      case 1: return random.pick(["é", "ß", "λ", "語", "\u{fffd}", "\u{feff}", "\u{e000}", "\u{ffff}"])
      case 2: return random.pick(["😀", "\u{10000}", "\u{10ffff}"])
      default: return Unicode.Scalar(UInt8(random.int(0x20...0x7e)))
      }
    }
    return String(String.UnicodeScalarView(scalars))
  }

  mutating func name() -> String { text(1...12) }

  mutating func sha256() -> String {
    (0..<64).map { _ in pick(Array("0123456789abcdef")) }.reduce(into: "") { $0.append($1) }
  }
}
