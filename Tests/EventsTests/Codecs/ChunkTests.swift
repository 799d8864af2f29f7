import Bytes
import Events
import Testing

@Suite("Chunks")
struct ChunkTests {
  @Test("what is cut joins again, at every size and piece")
  func cutting() throws {
    for total in 0...40 {
      let bytes = (0..<total).map { UInt8($0) }
      for size in 1...45 {
        let chunks = Chunk.cut(bytes, size: size)
        #expect(chunks.count == max(1, (total + size - 1) / size))
        #expect(chunks.allSatisfy { $0.bytes.count <= size && $0.total == total && $0.count == chunks.count })
        #expect(try Chunk.join(chunks) == bytes)
      }
    }
    #expect(Chunk.cut([1, 2], size: -3).count == 2)
    #expect(Chunk.cut([], size: .max) == [Chunk(index: 0, count: 1, total: 0, bytes: [])])
  }

  @Test("chunks that are not the pieces of one whole in order")
  func joining() {
    let chunks = Chunk.cut([1, 2, 3, 4, 5], size: 2)
    let other = Chunk.cut([1, 2, 3, 4], size: 2)
    var short = chunks
    short[1].bytes = [3]
    for wrong in [
      [], Array(chunks.dropLast()), Array(chunks.dropFirst()), chunks.reversed(), chunks + chunks,
      [chunks[0], chunks[0], chunks[2]], [other[0], chunks[1], chunks[2]], short,
    ] {
      let error = #expect(throws: EventError.self) { try Chunk.join(wrong) }
      #expect(error?.code == .badHeader)
    }
  }

  @Test("a chunk survives its headers")
  func headers() throws {
    for chunk in Chunk.cut((0..<100).map { UInt8($0) }, size: 7) {
      let headers = Dictionary(uniqueKeysWithValues: chunk.headers.map { ($0.name, Array($0.value.utf8)[...]) })
      #expect(try Chunk.decode(chunk.bytes[...]) { headers[$0] } == chunk)
    }
    #expect(Chunk.artifactKey(checksum: "ab", index: 3) == "ab/3")
    let golden = Chunk(index: 1, count: 2, total: 524_292, bytes: []).headers.map { "\($0.name)=\($0.value)" }
    #expect(golden == ["leeway_index=1", "leeway_count=2", "leeway_total=524292"])
  }

  @Test("headers that are missing or wrong", arguments: Chunk.Header.allCases)
  func wrongHeaders(_ name: Chunk.Header) {
    let good = ["leeway_index": "1", "leeway_count": "2", "leeway_total": "10"]
    let wrong: [ByteSlice?] =
      [nil, [0xff], [0x31, 0x80]]
      + ["", " 1", "1 ", "+1", "-1", "1.0", "1e0", "x", "٣", "9223372036854775808", "99999999999999999999"].map {
        Array($0.utf8)[...]
      }
    for value in wrong {
      let error = #expect(throws: EventError.self) {
        try Chunk.decode([1, 2, 3]) { $0 == name.rawValue ? value : good[$0].map { Array($0.utf8)[...] } }
      }
      #expect(error?.code == .badHeader && error?.path == name.rawValue)
      if let error { expectSense(error, 3) }
    }
  }

  @Test("numbers that do not fit each other")
  func misfits() {
    for (index, count, total) in [
      ("2", "2", "10"), ("0", "0", "10"), ("0", "1000001", "10"), ("0", "1", "2"), ("9223372036854775807", "1", "3"),
    ] {
      let headers = ["leeway_index": index, "leeway_count": count, "leeway_total": total]
      let error = #expect(throws: EventError.self) {
        try Chunk.decode([1, 2, 3]) { headers[$0].map { Array($0.utf8)[...] } }
      }
      #expect(error?.code == .badHeader)
    }
  }
}
