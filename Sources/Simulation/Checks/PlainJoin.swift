public import Engine
public import Events

/// What Join and Summarize promise of one partition, written down with plain lists: everything is looked through at every
/// step. Shares nothing with the engine but its configuration.
public struct PlainJoin {
  public enum Event {
    case prediction(Prediction)
    case label(Label)
    case features(FeatureUpdate)
    /// A record that nobody can use.
    case bad
    /// Time goes on.
    case mark

    var time: Milliseconds? {
      switch self {
      case .prediction(let prediction): prediction.time
      case .label(let label): label.time
      case .features(let update): update.time
      case .bad, .mark: nil
      }
    }
  }

  /// An event in one of the topics.
  public struct Arrival {
    public let offset: Int64
    /// When it counts as having happened; nil for `bad`.
    public let time: Milliseconds?
    public let event: Event

    public init(offset: Int64, time: Milliseconds?, _ event: Event) {
      (self.offset, self.time, self.event) = (offset, time, event)
    }
  }

  /// From `starts[lane]` on no record of the lane stands before `time`.
  public struct Mark {
    public let offset: Int64
    public let time: Milliseconds
    public let starts: [Int64?]

    public init(offset: Int64, time: Milliseconds, starts: [Int64?]) {
      (self.offset, self.time, self.starts) = (offset, time, starts)
    }
  }

  /// An event in the order in which it counts; `lane` is -1 for a mark.
  public struct Ordered {
    public let time: Milliseconds
    public let lane: Int
    public let offset: Int64
    public let event: Event
  }

  /// A record that ends as a dead letter: where it stands and, where that is known without looking closer, why.
  public struct Letter: Hashable {
    public let lane: Int
    public let offset: Int64
    public let code: String?
  }

  let intake: IntakeConfiguration
  /// The versions that predictions may name; nil for any.
  let versions: Set<PlainVersion>?
  public internal(set) var records: [ExampleRecord] = []
  public internal(set) var letters: [Letter] = []
  var tally: [String: ModelCounts] = [:]
  /// Rows that were scored, and those that were judged, by pane.
  var scored: [PlainPane: Int] = [:]
  var judged: [PlainPane: PlainJudged] = [:]

  var open: [(prediction: Prediction, deadline: Milliseconds)] = []
  var early: [(label: Label, deadline: Milliseconds)] = []
  var settled: [(model: String, id: String, deadline: Milliseconds)] = []
  var updates: [FeatureUpdate] = []
  var now = Milliseconds.min
  var tick = Milliseconds.min
  var resolved = Milliseconds.min
  var seq: Int64

  public init(_ intake: IntakeConfiguration, firstNumber: Int64 = 0) {
    self.init(intake, firstNumber: firstNumber, versions: nil)
  }

  init(_ intake: IntakeConfiguration, firstNumber: Int64, versions: Set<PlainVersion>?) {
    (self.intake, self.versions, seq) = (intake, versions, firstNumber)
  }

  public func counts(of model: String) -> ModelCounts { tally[model] ?? ModelCounts(model: model) }

  /// The events of one partition in the order in which they count: by running maximum of time, then topic, then place.
  public static func order(_ lanes: [[Arrival]], marks: [Mark]) -> [Ordered] {
    var all: [Ordered] = []
    for (lane, arrivals) in lanes.enumerated() {
      var running = Milliseconds.min
      for arrival in arrivals {
        for mark in marks {
          if let start = mark.starts[lane], start <= arrival.offset { running = max(running, mark.time) }
        }
        running = max(running, arrival.time ?? .min)
        all.append(Ordered(time: running, lane: lane, offset: arrival.offset, event: arrival.event))
      }
    }
    var running = Milliseconds.min
    for mark in marks {
      running = max(running, mark.time)
      all.append(Ordered(time: running, lane: -1, offset: mark.offset, event: .mark))
    }
    return all.sorted { ($0.time, $0.lane, $0.offset) < ($1.time, $1.lane, $1.offset) }
  }

  public mutating func run(_ events: [Ordered]) {
    for entry in events {
      now = max(now, entry.time)
      letGo()
      moveOn()
      switch entry.event {
      case .prediction(let prediction): take(prediction, entry)
      case .label(let label): take(label)
      case .features(let update): updates.append(update)
      case .bad: letters.append(Letter(lane: entry.lane, offset: entry.offset, code: nil))
      case .mark: break
      }
    }
  }
}

struct PlainVersion: Hashable {
  let model: String
  let version: Int
}

struct PlainPane: Hashable {
  let version: PlainVersion
  let start: Milliseconds
}

struct PlainJudged: Hashable {
  var rows = 0
  var expired = 0
  var labels = 0.0
}
