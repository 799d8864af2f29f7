import Events
import Testing

/// Cutting an artifact into records and putting it together again.
struct ChunkTests {
  @Test func joiningUndoesCutting() throws {
    for length in 0...20 {
      let bytes = (0..<length).map { UInt8($0) }
      for size in -1...22 {
        let chunks = Chunk.cut(bytes, size: size)
        #expect(try Chunk.join(chunks) == bytes)
        #expect(chunks.allSatisfy { $0.bytes.count <= max(size, 1) && $0.count == chunks.count && $0.total == length })
        #expect(chunks.dropLast().allSatisfy { $0.bytes.count == max(size, 1) })
      }
    }
  }

  /// Whatever single thing is wrong with the pieces.
  @Test func badPiecesAreRefused() {
    let good = Chunk.cut((0..<10).map { UInt8($0) }, size: 4)
    var bad: [[Chunk]] = [[], good + good, good.reversed()]
    for index in good.indices {
      bad.append(good.enumerated().filter { $0.offset != index }.map(\.element))
      let changes: [(inout Chunk) -> Void] = [
        { $0.index += 1 }, { $0.count += 1 }, { $0.total += 1 }, { $0.bytes.removeLast() }, { $0.bytes.append(0) },
      ]
      for change in changes {
        var chunks = good
        change(&chunks[index])
        bad.append(chunks)
      }
    }
    for chunks in bad {
      let error = #expect(throws: EventError.self) { try Chunk.join(chunks) }
      #expect(error?.code == .badHeader)
    }
  }
}
