import Events
import TestSupport
import Testing

@testable import Engine

/// The merge's order is a function of what the lanes and watermarks hold, whatever the order of reading.
struct PartitionMergeTests {
  struct Mark {
    let time: Milliseconds
    let starts: [Int64]
  }

  enum Step: Hashable {
    case mark(Int)
    case record(lane: Int, offset: Int64)
  }

  /// The earliest time that a worker may promise which has read the lanes up to `starts`: later than what the slowest of
  /// them has passed.
  static func earliestPromise(_ lanes: [[Milliseconds?]], _ marks: [Mark], from starts: [Int64]) -> Milliseconds {
    let promised = marks.map(\.time).max() ?? .min
    let passed = lanes.indices.map { max(promised, lanes[$0][..<Int(starts[$0])].compactMap { $0 }.max() ?? .min) }
    return (passed.min() ?? .min).saturatingAdd(1)
  }

  /// Sorting everything, and cutting where a silent lane might still bring something earlier.
  static func expected(_ lanes: [[Milliseconds?]], _ marks: [Mark]) -> [Step] {
    var all: [(time: Milliseconds, lane: Int, place: Int64)] = marks.enumerated().map { ($1.time, -1, Int64($0)) }
    var frontiers: [Milliseconds] = []
    for (lane, times) in lanes.enumerated() {
      func promised(at offset: Int) -> Milliseconds {
        marks.filter { $0.starts[lane] <= Int64(offset) }.map(\.time).max() ?? .min
      }
      for offset in times.indices {
        let running = times[...offset].compactMap { $0 }.max() ?? .min
        all.append((max(running, promised(at: offset)), lane, Int64(offset)))
      }
      frontiers.append(max(times.compactMap { $0 }.max() ?? .min, promised(at: times.count)))
    }
    all.sort { ($0.time, $0.lane, $0.place) < ($1.time, $1.lane, $1.place) }
    var left = lanes.map(\.count)
    var steps: [Step] = []
    for item in all {
      let uncertain = lanes.indices.contains { lane in
        left[lane] == 0 && lane != item.lane && (frontiers[lane], lane) <= (item.time, item.lane)
      }
      if uncertain { break }
      if item.lane >= 0 { left[item.lane] -= 1 }
      steps.append(item.lane < 0 ? .mark(Int(item.place)) : .record(lane: item.lane, offset: item.place))
    }
    return steps
  }

  /// Reads in the order given: a lane's index, or the number of lanes for the next mark. Nil where a mark would be
  /// read after a record that it speaks of, which the worker never does.
  static func outcome(_ lanes: [[Milliseconds?]], _ marks: [Mark], order: [Int]) -> [Step]? {
    var merge = PartitionMerge<Int>(lanes: lanes.count)
    merge.start(at: lanes.map { _ in 0 }, watermarks: 0, now: .min)
    var read = [Int](repeating: 0, count: lanes.count + 1)
    var steps: [Step] = []
    func drain(_ merge: inout PartitionMerge<Int>) {
      while let taken = merge.take() {
        switch taken {
        case .watermark(let offset, _): steps.append(.mark(Int(offset)))
        case .record(let lane, let entry): steps.append(.record(lane: lane, offset: entry.offset))
        }
      }
    }
    for source in order {
      let place = read[source]
      read[source] += 1
      if source == lanes.count {
        guard zip(read, marks[place].starts).allSatisfy({ Int64($0) <= $1 }) else { return nil }
        merge.push(watermark: marks[place].time, starts: marks[place].starts, offset: Int64(place))
      } else {
        let promise = marks.indices.first { $0 >= read[lanes.count] && marks[$0].starts[source] <= Int64(place) }
        guard promise == nil else { return nil }
        merge.push(place, time: lanes[source][place], offset: Int64(place), lane: source)
      }
      drain(&merge)
    }
    return steps
  }

  @Test func everyScheduleOfEverySmallInputGivesTheSameOrder() {
    let times: [Milliseconds?] = [nil, 1, 2, 3]
    let lanes = [[]] + times.map { [$0] } + times.flatMap { first in times.map { [first, $0] } }
    for left in lanes {
      for right in lanes {
        let expected = Self.expected([left, right], [])
        for order in everyInterleaving([left.count, right.count]) {
          #expect(Self.outcome([left, right], [], order: order) == expected, "\(left) \(right) \(order)")
        }
      }
    }
  }

  @Test func watermarksStandInTheOrderWheneverTheyAreRead() {
    var checked = 0
    for (time, start) in [(2, 0), (2, 1), (3, 1), (3, 2), (9, 2)] as [(Milliseconds, Int64)] {
      for other in 0...Int64(2) {
        let marks = [Mark(time: time, starts: [start, other])]
        for lanes in [[[1, 3], [2, 2]], [[2, 2], [nil, 3]], [[], [1, 4]], [[3, 1], []]] as [[[Milliseconds?]]] {
          guard zip(lanes, marks[0].starts).allSatisfy({ $0.count >= $1 }) else { continue }
          guard time >= Self.earliestPromise(lanes, [], from: marks[0].starts) else { continue }
          let expected = Self.expected(lanes, marks)
          for order in everyInterleaving(lanes.map(\.count) + [1]) {
            guard let outcome = Self.outcome(lanes, marks, order: order) else { continue }
            checked += 1
            #expect(outcome == expected, "\(lanes) mark \(time) from \(marks[0].starts), order \(order)")
          }
        }
      }
    }
    #expect(checked > 100)
  }

  @Test func idleLanesAreAdvancedByWatermarksAlone() {
    let lanes: [[Milliseconds?]] = [[10, 20], [], []]
    #expect(Self.outcome(lanes, [], order: [0, 0]) == [])
    let mark = [Mark(time: 15, starts: [2, 0, 0])]
    #expect(Self.outcome(lanes, mark, order: [0, 0, 3]) == [.record(lane: 0, offset: 0), .mark(0)])
    let late = [Mark(time: 21, starts: [2, 0, 0])]
    #expect(
      Self.outcome(lanes, late, order: [0, 0, 3])
        == [.record(lane: 0, offset: 0), .record(lane: 0, offset: 1), .mark(0)])
  }

  @Test(arguments: 0..<300 as Range<UInt64>) func randomInputs(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let lanes = (0..<3).map { _ in
      (0..<Int.random(in: 0...12, using: &random)).map { _ -> Milliseconds? in
        Int.random(in: 0..<8, using: &random) == 0 ? nil : .random(in: 0...15, using: &random)
      }
    }
    var marks: [Mark] = []
    var starts = [Int64](repeating: 0, count: 3)
    var time: Milliseconds = 0
    for _ in 0..<Int.random(in: 0...3, using: &random) {
      for lane in lanes.indices { starts[lane] = .random(in: starts[lane]...Int64(lanes[lane].count), using: &random) }
      time = max(time, Self.earliestPromise(lanes, marks, from: starts)) + .random(in: 0...5, using: &random)
      marks.append(Mark(time: time, starts: starts))
    }
    let expected = Self.expected(lanes, marks)
    var orders = 0
    for _ in 0..<400 where orders < 12 {
      var order = lanes.indices.flatMap { lane in lanes[lane].map { _ in lane } }
      order.shuffle(using: &random)
      // Marks go in at places that are legal more often than not.
      var read = [Int64](repeating: 0, count: 3)
      var legal: [Int] = []
      var mark = 0
      for lane in order {
        while mark < marks.count, marks[mark].starts[lane] <= read[lane] {
          legal.append(3)
          mark += 1
        }
        legal.append(lane)
        read[lane] += 1
      }
      legal += marks[mark...].map { _ in 3 }
      guard let outcome = Self.outcome(lanes, marks, order: legal) else { continue }
      orders += 1
      #expect(outcome == expected, "order \(legal)")
    }
    #expect(orders > 0)
  }

  @Test(arguments: 0..<100 as Range<UInt64>) func goesOnAfterARestartAtAnyPlace(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let lanes = (0..<2).map { _ in (0..<8).map { _ -> Milliseconds? in .random(in: 0...9, using: &random) } }
    let whole = Self.expected(lanes, [])
    for stop in 0...16 {
      var merge = PartitionMerge<Int>(lanes: 2)
      merge.start(at: [0, 0], watermarks: 0, now: .min)
      var steps: [Step] = []
      func read(_ from: [Int64], _ limit: Int) {
        var left = limit
        for lane in [1, 0] {
          for offset in Int(from[lane])..<lanes[lane].count where left > 0 {
            left -= 1
            merge.push(offset, time: lanes[lane][offset], offset: Int64(offset), lane: lane)
            while case .record(let lane, let entry) = merge.take() {
              steps.append(.record(lane: lane, offset: entry.offset))
            }
          }
        }
      }
      read([0, 0], stop)
      let positions = merge.positions
      merge.start(at: positions, watermarks: 0, now: merge.now)
      read(positions, .max)
      #expect(steps == whole, "restart after \(stop) records")
    }
  }
}
