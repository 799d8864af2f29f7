import Bytes

extension QuantileLevels {
  func appendItems(to writer: inout ByteWriter) {
    for item in items[Int(starts[0])...] { writer.append(item) }
  }

  /// Items of levels of these sizes, none of which is negative; level 0 is put in order where it is not.
  init(from reader: inout ByteReader, sizes: [Int], sorted: Bool) throws(ByteError) {
    let total = sizes.reduce(0, +)
    guard total <= reader.remaining / MemoryLayout<Value>.size else {
      throw reader.failure("\(total) items with \(reader.remaining) bytes left")
    }
    var items: [Value] = []
    items.reserveCapacity(total)
    for _ in 0..<total { items.append(try reader.item()) }
    if !sorted, let lowest = sizes.first {
      guard items.allSatisfy({ $0 == $0 }) else { throw reader.failure("an item that is not a number") }
      items[..<lowest].sort()
    }
    let used = (sizes.lastIndex { $0 > 0 } ?? 0) + 1
    self.init(sizes: Array(sizes.prefix(used)), items: items)
  }
}

extension ByteWriter {
  mutating func append<Value: QuantileValue>(_ item: Value) {
    if MemoryLayout<Value>.size == 8 {
      append(fixed: item.wireBits)
    } else {
      append(fixed: UInt32(truncatingIfNeeded: item.wireBits))
    }
  }
}

extension ByteReader {
  mutating func item<Value: QuantileValue>(_ type: Value.Type = Value.self) throws(ByteError) -> Value {
    let wide = MemoryLayout<Value>.size == 8
    return Value(wireBits: wide ? try fixed(UInt64.self) : UInt64(try fixed(UInt32.self)))
  }
}
