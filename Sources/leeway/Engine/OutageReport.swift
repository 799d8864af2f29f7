import Foundation

/// Decides what people are told of a cluster, or another server, that nobody can reach: once that it is gone and why, now
/// and then that it still is, and once that it is back.
struct OutageReport {
  struct Note: Equatable {
    let text: String
    let isGood: Bool
  }

  /// What is said of one that is gone.
  struct Words {
    var isGone = "is not reachable"
    var hasBeenGone = "has not been reachable"
  }

  let cluster: String
  /// Seconds between two notes of one outage.
  let pause: Double
  private let words: Words
  /// Whether it is worth trying.
  private(set) var isInDoubt = false
  /// Whether somebody has complained since the last try began: its answer may be older.
  private var isSuspectedAnew = false
  private var start: (seconds: Double, clock: Date)?
  private var last = 0.0

  init(cluster: String, pause: Double = 30, words: Words = Words()) {
    self.cluster = cluster
    self.pause = pause
    self.words = words
  }

  /// A client has lost its last broker: whether the cluster is gone has to be tried.
  mutating func suspect() { (isInDoubt, isSuspectedAnew) = (true, true) }

  /// The cluster is about to be asked, if it is in doubt.
  /// - Returns: whether it is.
  mutating func beginTrying() -> Bool {
    isSuspectedAnew = false
    return isInDoubt
  }

  /// - Parameters:
  ///   - outage: why the cluster does not answer; nil where it does.
  ///   - seconds: by a clock that never goes back.
  mutating func tried(outage cause: String?, at seconds: Double, clock: Date) -> Note? {
    guard isInDoubt else { return nil }
    guard let cause else {
      defer { (isInDoubt, start) = (isSuspectedAnew, nil) }
      return start.map {
        Note(text: "\(cluster) answers again after \(Self.shown(seconds - $0.seconds))", isGood: true)
      }
    }
    guard let start else {
      (self.start, last) = ((seconds, clock), seconds)
      return Note(text: "\(cluster) \(words.isGone) (\(cause)); waiting, nothing is lost", isGood: false)
    }
    guard seconds - last >= pause else { return nil }
    last = seconds
    return Note(
      text: "\(cluster) \(words.hasBeenGone) since \(start.clock.ISO8601Format()), for "
        + "\(Self.shown(seconds - start.seconds)) (\(cause)); waiting, nothing is lost", isGood: false)
  }

  private static func shown(_ seconds: Double) -> String { "\(Int(seconds.rounded())) s" }
}

/// Lets lines through that say something new. The same line, whatever its numbers, comes once in a while, with how often it
/// was said.
struct LineSieve {
  /// Seconds for which a line is not repeated.
  static let pause = 30.0
  /// Different lines that are remembered.
  static let capacity = 100

  private struct Seen {
    var text: String
    var level: Int
    var since: Double
    var repeats = 0
  }

  private var seen: [String: Seen] = [:]
  /// Lines beyond those.
  private var others = (count: 0, since: 0.0)

  /// - Returns: the line, where it is to be shown now.
  mutating func take(_ text: String, level: Int, at seconds: Double) -> String? {
    let key = "\(level) \(text.filter { !$0.isNumber })"
    if var known = seen[key] {
      (known.text, known.repeats) = (text, known.repeats + 1)
      seen[key] = known
      return nil
    }
    guard seen.count < Self.capacity else {
      others = (others.count + 1, others.count == 0 ? seconds : others.since)
      return nil
    }
    seen[key] = Seen(text: text, level: level, since: seconds)
    return text
  }

  /// What was held back for long enough, by its text.
  mutating func due(at seconds: Double) -> [(text: String, level: Int)] {
    let over = seen.filter { seconds - $0.value.since >= Self.pause }
    for (key, line) in over {
      seen[key] = line.repeats == 0 ? nil : Seen(text: line.text, level: line.level, since: seconds)
    }
    var due = over.values.filter { $0.repeats > 0 }.sorted { $0.text < $1.text }.map {
      ("\($0.text) (\($0.repeats) more like this in \(Int(seconds - $0.since)) s)", $0.level)
    }
    if others.count > 0, seconds - others.since >= Self.pause {
      due.append(("\(others.count) other lines in \(Int(seconds - others.since)) s", 4))
      others = (0, 0)
    }
    return due
  }
}
