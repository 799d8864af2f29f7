/// What happened, one line each; of a long run the beginning and the end.
public struct SimulationTrace: Sendable {
  static let kept = 4_000
  private var head: [String] = []
  private var tail: [String] = []
  private var count = 0
  let isOn: Bool

  init(isOn: Bool) { self.isOn = isOn }

  mutating func note(_ line: @autoclosure () -> String) {
    guard isOn else { return }
    count += 1
    if head.count < Self.kept {
      head.append(line())
    } else {
      tail.append(line())
      if tail.count > 2 * Self.kept { tail.removeFirst(Self.kept) }
    }
  }

  public var lines: [String] {
    let end = tail.suffix(Self.kept)
    let left = count - head.count - end.count
    return head + (left > 0 ? ["… \(left) lines …"] : []) + end
  }
}
