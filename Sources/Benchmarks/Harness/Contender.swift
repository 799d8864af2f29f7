import Foundation

/// One side of a comparison: a name, a version, and a way to do the work once and tell how long it took.
struct Contender {
  let name: String
  let version: String
  let seconds: () throws -> Double

  /// Code of this process, timed from outside.
  init(_ name: String, version: String = "", _ body: @escaping () throws -> Void) {
    self.name = name
    self.version = version
    seconds = { try Stopwatch.seconds(body) }
  }

  /// Work that tells its time, so that preparing it costs nothing, or that another process times.
  static func reporting(
    _ name: String, version: String = "", _ seconds: @escaping () throws -> Double
  ) -> Contender {
    Contender(name: name, version: version, seconds: seconds)
  }

  private init(name: String, version: String, seconds: @escaping () throws -> Double) {
    self.name = name
    self.version = version
    self.seconds = seconds
  }
}

/// Whom Leeway is measured against in a row.
enum Peer {
  case none
  case contender(Contender)
  /// Would be measured if it were there.
  case missing(name: String, reason: String)
}

/// What is counted as time.
enum Stopwatch {
  /// Monotonic time.
  case elapsed
  /// What the calling thread has had of processors: what others do meanwhile hardly shows in it.
  case ownProcessor
  /// What all other threads of the process have had of processors.
  case otherProcessors

  static func seconds(_ body: () throws -> Void) rethrows -> Double { try elapsed.seconds(body) }

  func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = now
    try body()
    return now - start
  }

  var now: Double {
    switch self {
    case .elapsed: Self.read(CLOCK_MONOTONIC)
    case .ownProcessor: Self.read(CLOCK_THREAD_CPUTIME_ID)
    case .otherProcessors: Self.read(CLOCK_PROCESS_CPUTIME_ID) - Self.read(CLOCK_THREAD_CPUTIME_ID)
    }
  }

  private static func read(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

extension Table {
  /// Short work is repeated more often, up to this long: a quiet moment is then found even on a busy machine.
  private static let enough = 0.5
  private static let mostRounds = 200

  /// Measures both sides in turn, at least `repetitions` times after a round of warming up, and adds the best time of
  /// each as a row: a machine that others use too slows both alike, and the best times are those it left alone.
  mutating func compare(_ figure: Figure, items: Int, ours: Contender, peer: Peer) throws {
    var rival: Contender?
    var peerFigure = peer.withoutFigure
    if case .contender(let contender) = peer { rival = contender }
    _ = try ours.seconds()
    if let contender = rival {
      do {
        _ = try contender.seconds()
      } catch let fault as PeerFault {
        peerFigure = .missing(name: contender.name, reason: fault.reason)
        rival = nil
      }
    }
    var best = (ours: Double.infinity, peer: Double.infinity)
    var (round, spent) = (0, 0.0)
    while round < repetitions || (spent < Self.enough && round < Self.mostRounds) {
      let own = try ours.seconds()
      let theirs = try rival?.seconds() ?? 0
      best = (min(best.ours, own), min(best.peer, theirs))
      spent += own + theirs
      round += 1
    }
    if let rival {
      peerFigure = .measured(
        name: rival.name, version: rival.version, value: figure.unit.value(seconds: best.peer, items: items))
    }
    add(Row(figure: figure, ours: figure.unit.value(seconds: best.ours, items: items), peer: peerFigure))
  }
}

extension Peer {
  fileprivate var withoutFigure: Row.PeerFigure {
    if case .missing(let name, let reason) = self { .missing(name: name, reason: reason) } else { .none }
  }
}
