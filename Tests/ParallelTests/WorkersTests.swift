import Parallel
import TestSupport
import Testing

@Suite struct WorkersTests {
  static let all: [Workers] = [.one, .many]

  @Test func piecesComeInTheirOrder() {
    for workers in Self.all {
      for count in 0...20 { #expect(workers.map(count) { $0 * $0 } == (0..<count).map { $0 * $0 }) }
      #expect(workers.map(5) { $0 % 2 == 0 ? $0 : nil } == [0, nil, 2, nil, 4])
    }
  }

  @Test func slicesCoverTheArray() {
    let numbers = Array(0..<40)
    for workers in Self.all {
      for first in 0...20 {
        for length in 1...21 {
          let slices = workers.map(numbers[first...], by: length) { Array($0) }
          #expect(slices.flatMap(\.self) == Array(numbers[first...]))
          #expect(slices.dropLast().allSatisfy { $0.count == length })
        }
      }
    }
  }

  @Test func whatGoesOnAsideIsThereWhenAskedFor() {
    for workers in Self.all {
      let aside = (0..<10).map { number in workers.aside { workers.map(number) { $0 + number } } }
      for (number, aside) in aside.enumerated() { #expect(aside.value() == (0..<number).map { $0 + number }) }
    }
  }
}
