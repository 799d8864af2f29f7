import Bytes
import TestSupport
import Testing

struct ByteReaderTests {
  @Test func readsWhatWasWritten() throws {
    var writer = ByteWriter()
    writer.append(UInt8(7))
    writer.append(true)
    writer.append(fixed: Int32(-5))
    writer.append(fixed: UInt64.max)
    writer.append(-0.0)
    writer.append("Größe")
    writer.append([1, 2, 3] as [UInt8])
    writer.append(Optional(3)) { $0.append(count: $1) }
    writer.append(Int?.none) { $0.append(count: $1) }
    writer.append([4, 5]) { $0.append(signed: Int64($1)) }
    var reader = ByteReader(writer.bytes)
    #expect(try reader.byte() == 7)
    #expect(try reader.bool())
    #expect(try reader.fixed(Int32.self) == -5)
    #expect(try reader.fixed(UInt64.self) == .max)
    #expect(try reader.double().bitPattern == (-0.0).bitPattern)
    #expect(try reader.string() == "Größe")
    #expect(try Array(reader.slice()) == [1, 2, 3])
    let some = try reader.optional { reader throws(ByteError) in try reader.index() }
    let none = try reader.optional { reader throws(ByteError) in try reader.index() }
    #expect(some == 3 && none == nil)
    let list = try reader.array { reader throws(ByteError) in try reader.signed() }
    #expect(list == [4, 5])
    try reader.expectEnd()
  }

  @Test func integersAtTheirBounds() throws {
    var values: [Int64] = [0, 1, -1, .max, .min]
    for shift in 0..<63 { values += [1 << shift, -(1 << shift), (1 << shift) - 1, 1 - (1 << shift)] }
    for value in values {
      var writer = ByteWriter()
      writer.append(signed: value)
      writer.append(varint: UInt64(bitPattern: value))
      var reader = ByteReader(writer.bytes)
      #expect(try reader.signed() == value)
      #expect(try reader.varint() == UInt64(bitPattern: value))
      #expect(reader.remaining == 0)
    }
  }

  @Test func goldenIntegers() {
    var writer = ByteWriter()
    for value in [0, 127, 128, 300] as [UInt64] { writer.append(varint: value) }
    for value in [0, -1, 1, -2, 64] as [Int64] { writer.append(signed: value) }
    #expect(writer.bytes == [0, 127, 128, 1, 172, 2, 0, 1, 2, 3, 128, 1])
  }

  @Test func refusesIntegersBeyond64Bits() {
    for bytes in [
      [UInt8](repeating: 0xff, count: 10), [UInt8](repeating: 0xff, count: 9) + [2],
      [UInt8](repeating: 0x80, count: 30), [0x80],
    ] {
      var reader = ByteReader(bytes)
      #expect(throws: ByteError.self) { try reader.varint() }
    }
  }

  @Test func positionsCountFromTheSlicesStart() throws {
    let slice = ([9, 9, 9, 1, 2] as [UInt8])[3...]
    var reader = ByteReader(slice)
    #expect(reader.position == 0 && reader.remaining == 2)
    _ = try reader.raw(2)
    #expect(throws: ByteError("cut short", at: 2)) { try reader.byte() }
  }

  /// Any bytes, read by any calls in any order, end in values or errors, and never read past the end.
  @Test func hostileBytes() {
    var random = SplitMix64(seed: 2)
    for _ in 0..<20_000 {
      let length = Int.random(in: 0...40, using: &random)
      let bytes = (0..<length).map { _ in
        Bool.random(using: &random)
          ? UInt8.random(in: 0...255, using: &random)
          : [0, 1, 0x7f, 0x80, 0xff][
            Int.random(in: 0..<5, using: &random)]
      }
      var reader = ByteReader(bytes)
      for _ in 0..<20 {
        call(Int.random(in: 0..<12, using: &random), on: &reader)
        #expect(reader.position >= 0 && reader.remaining >= 0 && reader.position + reader.remaining == length)
      }
    }
  }

  private func call(_ number: Int, on reader: inout ByteReader) {
    switch number {
    case 0: _ = try? reader.byte()
    case 1: _ = try? reader.bool()
    case 2: _ = try? reader.fixed(UInt64.self)
    case 3: _ = try? reader.double()
    case 4: _ = try? reader.varint()
    case 5: _ = try? reader.signed()
    case 6: _ = try? reader.count(ofAtLeast: 0)
    case 7: _ = try? reader.index()
    case 8: _ = try? reader.raw(-1)
    case 9: _ = try? reader.slice()
    case 10: _ = try? reader.string()
    default: _ = try? reader.array { reader throws(ByteError) in try reader.string() }
    }
  }
}
