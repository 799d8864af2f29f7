/// A hidden layer's 32 units side by side, in four vectors that a processor without wide registers handles well too.
struct Units: Equatable, Sendable {
  static let count = 32

  var a = Lanes()
  var b = Lanes()
  var c = Lanes()
  var d = Lanes()

  @inline(__always)
  static func += (sum: inout Units, other: Units) {
    sum.a += other.a
    sum.b += other.b
    sum.c += other.c
    sum.d += other.d
  }

  @inline(__always)
  static func * (one: Units, factor: Float) -> Units {
    Units(a: one.a * factor, b: one.b * factor, c: one.c * factor, d: one.d * factor)
  }

  /// Σ one · other.
  @inline(__always)
  func dot(_ other: Units) -> Float {
    ((a * other.a + b * other.b) + (c * other.c + d * other.d)).total
  }

  @inline(__always)
  var rectified: Units {
    Units(a: a.rectified, b: b.rectified, c: c.rectified, d: d.rectified)
  }

  /// This where the unit is active, else 0.
  @inline(__always)
  func gated(by unit: Units) -> Units {
    Units(
      a: a.gated(by: unit.a), b: b.gated(by: unit.b), c: c.gated(by: unit.c), d: d.gated(by: unit.d))
  }

  /// The units in order.
  subscript(unit: Int) -> Float {
    get {
      switch unit / 8 {
      case 0: a[unit % 8]
      case 1: b[unit % 8]
      case 2: c[unit % 8]
      default: d[unit % 8]
      }
    }
    set {
      switch unit / 8 {
      case 0: a[unit % 8] = newValue
      case 1: b[unit % 8] = newValue
      case 2: c[unit % 8] = newValue
      default: d[unit % 8] = newValue
      }
    }
  }
}

// By integers: of comparisons of 32 numbers at once the compiler makes 32 branches.
extension Lanes {
  /// A negative number's bits shifted by all but the sign are all ones.
  @inline(__always)
  fileprivate var rectified: Lanes {
    let bits = unsafeBitCast(self, to: SIMD8<Int32>.self)
    return unsafeBitCast(bits & ~(bits &>> 31), to: Lanes.self)
  }

  /// A positive number's bits are a positive integer, which negated and shifted is all ones.
  @inline(__always)
  fileprivate func gated(by unit: Lanes) -> Lanes {
    let active = (SIMD8<Int32>() &- unsafeBitCast(unit.rectified, to: SIMD8<Int32>.self)) &>> 31
    return unsafeBitCast(unsafeBitCast(self, to: SIMD8<Int32>.self) & active, to: Lanes.self)
  }
}
