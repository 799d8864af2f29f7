/// A number that a quantile sketch can hold: `Double` or `Float`.
///
/// The two kinds of sketch are those that Apache DataSketches names `kll_doubles_sketch` and `kll_floats_sketch`. Every
/// value converts to a `Double` and back without loss.
public protocol QuantileValue: BinaryFloatingPoint, Sendable, BitwiseCopyable {
  /// The value, exactly.
  var exactDouble: Double { get }

  /// The value nearest to `double`.
  init(nearest double: Double)

  /// The value's IEEE 754 bits, in the low bits.
  var wireBits: UInt64 { get }

  /// The value whose IEEE 754 bits are the low bits of `wireBits`.
  init(wireBits: UInt64)
}

extension Double: QuantileValue {
  public var exactDouble: Double { self }
  public init(nearest double: Double) { self = double }
  public var wireBits: UInt64 { bitPattern }
  public init(wireBits: UInt64) { self.init(bitPattern: wireBits) }
}

extension Float: QuantileValue {
  public var exactDouble: Double { Double(self) }
  public init(nearest double: Double) { self = Float(double) }
  public var wireBits: UInt64 { UInt64(bitPattern) }
  public init(wireBits: UInt64) { self.init(bitPattern: UInt32(truncatingIfNeeded: wireBits)) }
}
