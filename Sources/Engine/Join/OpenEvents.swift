import Bytes
import Events

/// Events that wait for their turn in the merge, first in, first out: they stay in one place, as they cost more to move
/// than to read.
struct OpenEvents {
  private var predictions = Fifo<OpenPrediction>()
  /// Of the predictions. Copies: slices would hold on to all that was read with them.
  private var bytes = Fifo<UInt8>()
  /// Of the predictions. Apart from the events, which are seldom looked at again and far from the cache by then.
  private var ids = Fifo<UInt8>()
  /// Of the predictions that have a layout.
  private var cells = Fifo<Double>()
  /// Of the predictions with another score than a number.
  private var scores = Fifo<Score>()
  private var labels = Fifo<OpenLabel>()
  private var updates = Fifo<FeatureUpdate>()
  private var letters: [Topic: Fifo<DeadLetter>] = [:]

  struct OpenLabel {
    let label: Label
    let model: Int
  }

  /// - Parameter score: one that is not a number.
  @inline(__always)
  mutating func append(
    _ prediction: OpenPrediction, event: ByteSlice, id: ByteSlice, cells row: ArraySlice<Double>, score: Score?
  ) {
    predictions.append(prediction)
    event.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
    id.withUnsafeBufferPointer { ids.append(contentsOf: $0) }
    row.withUnsafeBufferPointer { cells.append(contentsOf: $0) }
    if let score { scores.append(score) }
  }

  mutating func append(_ label: Label, model: Int) { labels.append(OpenLabel(label: label, model: model)) }
  mutating func append(_ update: FeatureUpdate) { updates.append(update) }
  mutating func append(_ letter: DeadLetter, of topic: Topic) { letters[topic, default: Fifo()].append(letter) }

  var prediction: OpenPrediction? { predictions.first }

  /// The layouts of all cells that wait. Linear in the number of predictions.
  var layouts: Set<Int> { Set(predictions.prefix(predictions.count).lazy.map(\.layout)) }

  /// The id of the first prediction, borrowed.
  @inline(__always)
  func withID<Result>(of first: OpenPrediction, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    ids.withPrefix(first.size.id, body)
  }

  /// The predictions whose turn comes next, at most so many.
  @inline(__always)
  func withNext<Result>(_ count: Int, _ body: (UnsafeBufferPointer<OpenPrediction>) -> Result) -> Result {
    predictions.withPrefix(min(count, predictions.count), body)
  }

  /// The event of the first prediction, borrowed: a slice that is held beyond the event's removal would have all that wait
  /// moved.
  @inline(__always)
  func withEvent<Result>(of first: OpenPrediction, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    bytes.withPrefix(first.size.event, body)
  }

  func event(of first: OpenPrediction) -> ByteSlice { bytes.prefix(first.size.event) }
  func id(of first: OpenPrediction) -> ByteSlice { ids.prefix(first.size.id) }

  /// The cells of the first prediction, which has so many.
  @inline(__always)
  func cells(_ count: Int) -> ArraySlice<Double> { cells.prefix(count) }

  @inline(__always)
  func score(of first: OpenPrediction) -> Score? {
    switch first.scoreForm {
    case .none: nil
    case .number: .number(first.number)
    case .other: scores.first
    }
  }

  /// Lets the first prediction go, with as many cells.
  @inline(__always)
  mutating func remove(_ first: OpenPrediction, cells count: Int) {
    predictions.removeFirst()
    bytes.removeFirst(first.size.event)
    ids.removeFirst(first.size.id)
    cells.removeFirst(count)
    if first.scoreForm == .other { scores.removeFirst() }
  }

  mutating func takeLabel() -> OpenLabel? { labels.popFirst() }
  mutating func takeUpdate() -> FeatureUpdate? { updates.popFirst() }
  mutating func takeLetter(of topic: Topic) -> DeadLetter? { letters[topic]?.popFirst() }
}
