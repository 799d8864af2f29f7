import TestSupport
import Testing

@testable import leeway

@Suite("gzip")
struct GzipTests {
  private func unpacked(_ bytes: [UInt8], piece: Int = 1 << 16, buffer: Int = 4_096) throws(CommandError) -> [UInt8] {
    try contents(GzipSource(MemorySource(bytes, name: "data.gz", piece: piece)), buffer: buffer)
  }

  private func sample(_ count: Int, seed: UInt64) -> [UInt8] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next() % 7 + 97) }
  }

  @Test("What was packed comes back, however it is cut up", arguments: [0, 1, 2, 100, 4_096, 300_000])
  func roundTrip(count: Int) throws {
    let bytes = sample(count, seed: UInt64(count))
    let packed = gzip(bytes)
    for piece in [1, 3, 1_000, 1 << 16] where count < 5_000 || piece > 3 {
      for buffer in [1, 2, 7, 4_096, 1 << 18] where count < 5_000 || buffer > 7 {
        #expect(try unpacked(packed, piece: piece, buffer: buffer) == bytes)
      }
    }
  }

  @Test("Members that follow one another are one stream, and padding of zeros at the end is not data")
  func members() throws {
    let (first, second) = (sample(1_000, seed: 1), sample(10, seed: 2))
    let joined = gzip(first) + gzip([]) + gzip(second)
    for piece in [1, 17, 1 << 16] {
      #expect(try unpacked(joined, piece: piece) == first + second)
      #expect(try unpacked(joined + [0, 0, 0, 0, 0], piece: piece) == first + second)
    }
  }

  @Test("A stream cut short at any byte is an error that names the position")
  func truncated() {
    let packed = gzip(sample(500, seed: 3))
    for length in 0..<packed.count {
      let error = #expect(throws: CommandError.self) { try unpacked(Array(packed[..<length])) }
      #expect(error?.problem == "the compressed data is cut short at byte \(length)")
      #expect(error?.place == "data.gz")
    }
  }

  @Test("A flipped bit is an error or, in fields that carry nothing, harmless; never a crash or wrong data")
  func flipped() {
    let bytes = sample(300, seed: 4)
    let packed = gzip(bytes)
    var caught = 0
    for index in packed.indices {
      for bit in 0..<8 {
        var damaged = packed
        damaged[index] ^= 1 << bit
        do {
          #expect(try unpacked(damaged) == bytes, "byte \(index)")
        } catch {
          caught += 1
        }
      }
    }
    // One flag, six bytes of time, level and system, and what is left of the last byte in front of the checksum.
    #expect(caught >= packed.count * 8 - 1 - 6 * 8 - 7)
  }

  @Test("Garbage behind the last member is an error that names the position")
  func garbage() {
    let packed = gzip([1, 2, 3])
    let error = #expect(throws: CommandError.self) { try unpacked(packed + Array("garbage".utf8)) }
    #expect(error?.problem.hasPrefix("the compressed data is damaged at or before byte ") == true)
  }

  @Test("Random bytes behind a gzip header end in an error")
  func hostile() {
    var random = SplitMix64(seed: 5)
    for _ in 0..<2_000 {
      let noise = (0..<Int.random(in: 0...60, using: &random)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      #expect(throws: CommandError.self) { try unpacked([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3] + noise) }
    }
  }

  @Test("Megabytes of zeros unpack in pieces of the buffer's size")
  func bomb() throws {
    let packed = gzip([UInt8](repeating: 0, count: 16 << 20))
    let source = try GzipSource(MemorySource(packed + packed + packed, name: "bomb.gz"))
    var buffer = [UInt8](repeating: 1, count: 1 << 16)
    var total = 0
    while true {
      let count = try buffer.readFront(of: source)
      if count == 0 { break }
      total += count
    }
    #expect(total == 48 << 20)
  }

  @Test("A failing disk is reported as such")
  func failingDisk() {
    let error = #expect(throws: CommandError.self) {
      try contents(GzipSource(FailingSource(Array(gzip([1, 2, 3]).prefix(12)))))
    }
    #expect(error?.place == "broken")
  }

  @Test("Packed files are told by their content, not their name")
  func sniffing() throws {
    let scratch = try Scratch()
    let packed = try scratch.write("plain.csv", gzip(Array("a,b\n1,2\n".utf8)))
    let plain = try scratch.write("packed.gz", "a,b\n1,2\n")
    for path in [packed, plain] {
      #expect(try contents(DataFile.open(path)) == Array("a,b\n1,2\n".utf8))
    }
    #expect(throws: CommandError.self) { try DataFile.open(scratch.file("absent")) }
    #expect(throws: CommandError.self) { try contents(DataFile.open(scratch.path)) }
  }
}
