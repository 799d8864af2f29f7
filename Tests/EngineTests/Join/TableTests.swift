import Events
import TestSupport
import Testing

@testable import Engine

/// The tables under Join against the standard library's.
struct TableTests {
  /// Few hashes, so that entries stand far from home and wrap around the end.
  @Test(arguments: 0..<20 as Range<UInt64>) func idsAreFoundWhereTheyWerePut(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let spread: UInt32 = seed % 2 == 0 ? 1_030 : .max
    var table = IdTable()
    var hashes: [Int: UInt32] = [:]
    for step in 0..<6_000 {
      let place = Int.random(in: 0..<2_500, using: &random)
      if let hash = hashes.removeValue(forKey: place) {
        table.remove(hash, place: place)
      } else {
        let hash = UInt32.random(in: (spread == .max ? 0 : 1_000)...spread, using: &random)
        hashes[place] = hash
        table.insert(hash, place: place)
      }
      #expect(table.count == hashes.count)
      guard step % 500 == 499 else { continue }
      for place in 0..<2_500 {
        let hash = hashes[place] ?? 1_000
        #expect(table.find(hash) { $0 == place } == (hashes[place] == nil ? nil : place))
      }
    }
  }

  /// Long enough for the front to be given back more than once.
  @Test(arguments: 0..<4 as Range<UInt64>) func whatComesFirstGoesFirst(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var queue = Fifo<Int>()
    var expected: [Int] = []
    for step in 0..<400 {
      switch Int.random(in: step < 250 ? 0..<6 : 2..<8, using: &random) {
      case 0, 1:
        let more = Array(step * 100..<step * 100 + 100)
        more.withUnsafeBufferPointer { queue.append(contentsOf: $0) }
        expected += more
      case 2:
        queue.append(step)
        expected.append(step)
      case 3:
        let place = Int.random(in: 0...expected.count, using: &random)
        queue.insert(step, at: place)
        expected.insert(step, at: place)
      case 4 where !expected.isEmpty:
        let place = Int.random(in: expected.indices, using: &random)
        queue.remove(at: place)
        expected.remove(at: place)
      default:
        let count = min(Int.random(in: 0...150, using: &random), expected.count)
        queue.removeFirst(count)
        expected.removeFirst(count)
      }
      let isSame = queue.prefix(queue.count) == expected[...] && queue.last == expected.last
      #expect(isSame, "step \(step)")
    }
    for value in expected {
      let first = queue.popFirst()
      #expect(first == value)
    }
    let isEmpty = queue.popFirst() == nil && queue.isEmpty
    #expect(isEmpty)
  }

  /// Over several blocks.
  @Test(arguments: 0..<4 as Range<UInt64>) func blocksStayInOrder(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var blocks = Blocks<Int>()
    var expected: [Int] = []
    for step in 0..<200 {
      if Int.random(in: 0..<(step < 120 ? 2 : 4), using: &random) == 0 {
        for number in 0..<Int.random(in: 0...600, using: &random) {
          blocks.append(step * 1_000 + number)
          expected.append(step * 1_000 + number)
        }
      } else {
        let count = min(Int.random(in: 0...400, using: &random), expected.count)
        for _ in 0..<count { blocks.removeFirst() }
        expected.removeFirst(count)
      }
      if let place = expected.indices.randomElement(using: &random) {
        blocks[place] += 1
        expected[place] += 1
      }
      let isSame = (0..<blocks.count).map { blocks[$0] } == expected
      #expect(isSame && blocks.first == expected.first && blocks.last == expected.last, "step \(step)")
    }
  }

  /// Ids of up to the limit, most of which go in the order in which they came: each stays what it was, and the blocks of
  /// those that have gone are used anew.
  @Test(arguments: 0..<4 as Range<UInt64>) func idsAreWhatWasPut(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var ids = IdBytes()
    var kept: [(place: IdBytes.Place, id: [UInt8])] = []
    for step in 0..<20_000 {
      let size = Int.random(in: 1...(step % 50 == 0 ? Limits.idBytes : 40), using: &random)
      let id = (0..<size).map { UInt8(truncatingIfNeeded: step &+ $0) }
      kept.append((id.withUnsafeBufferPointer { ids.append($0) }, id))
      guard kept.count > 3_000 else { continue }
      let (place, gone) = kept.remove(at: step % 7 == 0 ? Int.random(in: 0..<20, using: &random) : 0)
      let isSame = ids[place].elementsEqual(gone)
      #expect(isSame, "step \(step)")
      ids.remove(place)
    }
    #expect(ids.blocks.count < 6)
    for (place, id) in kept {
      let isSame = ids[place].elementsEqual(id)
      #expect(isSame)
    }
  }

  @Test(arguments: 0..<20 as Range<UInt64>) func timersGoOffInOrder(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var queue = TimerQueue()
    var expected: [TimerQueue.Timer] = []
    for order in 0..<12_000 as Range<Int64> {
      if Int.random(in: 0..<3, using: &random) > 0 || order < 6_000 {
        let jitter = seed % 3 == 0 ? 0 : Int64.random(in: -40...40, using: &random)
        let timer = TimerQueue.Timer(time: order / 4 + jitter, order: order, place: 0)
        queue.insert(timer)
        expected.insert(timer, at: (expected.lastIndex { $0 < timer } ?? -1) + 1)
      } else {
        queue.removeMin()
        if !expected.isEmpty { expected.removeFirst() }
      }
      #expect(queue.min == expected.first)
    }
    for timer in expected {
      #expect(queue.min == timer)
      queue.removeMin()
    }
    #expect(queue.min == nil)
  }
}
