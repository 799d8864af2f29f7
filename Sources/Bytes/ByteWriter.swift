/// A run of bytes that shares its storage with the buffer it was cut from.
public typealias ByteSlice = ArraySlice<UInt8>

/// Appends little-endian values to a growing buffer: the one writer behind snapshots, artifacts and log batches.
public struct ByteWriter {
  public private(set) var bytes: [UInt8] = []

  public init(reserving capacity: Int = 0) {
    bytes.reserveCapacity(capacity)
  }

  public mutating func append(_ value: UInt8) {
    bytes.append(value)
  }

  public mutating func append(_ value: Bool) {
    bytes.append(value ? 1 : 0)
  }

  /// A fixed-width integer, little-endian.
  public mutating func append<T: FixedWidthInteger>(fixed value: T) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// An IEEE 754 double, bit for bit.
  public mutating func append(_ value: Double) {
    append(fixed: value.bitPattern)
  }

  /// An unsigned integer in LEB128: one byte below 128, ten at most.
  public mutating func append(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// A signed integer, zigzag in LEB128: small magnitudes are short.
  public mutating func append(signed value: Int64) {
    append(varint: UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }

  /// A count or index, which is never negative.
  public mutating func append(count value: Int) {
    append(varint: UInt64(value))
  }

  /// Bytes without their length.
  public mutating func append(raw slice: some Collection<UInt8>) {
    bytes.append(contentsOf: slice)
  }

  /// Bytes behind their length.
  public mutating func append(_ slice: some Collection<UInt8>) {
    append(count: slice.count)
    bytes.append(contentsOf: slice)
  }

  /// UTF-8 behind its length.
  public mutating func append(_ text: String) {
    append(text.utf8)
  }

  /// Presence flag, then the value where there is one.
  public mutating func append<T>(_ optional: T?, _ body: (inout ByteWriter, T) -> Void) {
    append(optional != nil)
    if let optional { body(&self, optional) }
  }

  /// Count, then each element.
  public mutating func append<C: Collection>(_ elements: C, _ body: (inout ByteWriter, C.Element) -> Void) {
    append(count: elements.count)
    for element in elements { body(&self, element) }
  }
}
