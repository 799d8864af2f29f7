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
    Units(a: a.atLeast(Lanes()), b: b.atLeast(Lanes()), c: c.atLeast(Lanes()), d: d.atLeast(Lanes()))
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

extension Lanes {
  @inline(__always)
  fileprivate func gated(by unit: Lanes) -> Lanes {
    replacing(with: Lanes(), where: unit .<= Lanes())
  }
}
