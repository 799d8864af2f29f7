import Bytes
import Events
import Log
import Models

/// Turns raw records into events, or into dead letters that say why not. The first of the checks that keep bad input
/// from going further: form, model, times, and whether score and label fit the model's task.
struct Intake {
  enum Kind {
    case prediction, label, features
    /// A record that ends as a dead letter.
    case bad
  }

  /// An event in the merge; what it holds waits in `OpenEvents`.
  struct Arrival {
    let kind: Kind
    /// The record's timestamp.
    let timestamp: Milliseconds
  }

  let configuration: IntakeConfiguration
  /// By number of the model.
  let tasks: [Task]
  let families: [Family]
  let partition: Int

  /// Puts the event that a record holds behind those that wait.
  ///
  /// - Returns: its kind, and the time at which it stands in the order: its own, or that of its record where a clock that
  ///   is ahead gave it a later one, so that it closes no pane before its time. No time for a record that could not be
  ///   read.
  @inline(__always)
  func read(
    _ value: ByteSlice?, timestamp: Milliseconds, offset: Int64, of topic: Topic, _ models: ModelNames,
    _ layouts: LayoutTable, _ scanner: inout EventScanner, into events: inout OpenEvents
  ) -> (Kind, Milliseconds?) {
    do throws(Refusal) {
      guard let value else {
        throw Refusal("null_value", "the record has no value; \(topic.rawValue) holds no tombstones")
      }
      switch topic {
      case .predictions:
        let scanned = try Refusal.catching { () throws(EventError) in try scanner.scan(value) }
        let model = try check(scanned, value, models, layouts, &scanner)
        let time = try place(scanned.time, timestamp)
        let id = scanned.form == .whole ? Array((scanner.whole?.id ?? "").utf8)[...] : value[within: scanned.id]
        let prediction = OpenPrediction(
          key: Join.Key(model: model, id: id), version: scanned.version, time: scanned.time,
          scoreForm: scanned.scoreForm, number: scanned.number, layout: scanned.schema,
          hasUnlisted: scanned.hasUnlisted, size: (value.count, id.count))
        events.append(
          prediction, event: value, id: id, cells: scanner.row[..<layouts.width(scanned.schema)],
          score: scanned.scoreForm == .other ? scanner.otherScore : nil)
        return (.prediction, time)
      case .labels:
        let label = try Refusal.catching { () throws(EventError) in try Label.decode(value) }
        let model = try known(models.find(label.model), label.model)
        try check(label, model)
        let time = try place(label.time, timestamp)
        events.append(label, model: model)
        return (.label, time)
      default:
        let update = try Refusal.catching { () throws(EventError) in try FeatureUpdate.decode(value) }
        let time = try place(update.time, timestamp)
        events.append(update)
        return (.features, time)
      }
    } catch {
      let letter = deadLetter(
        value, timestamp: timestamp, offset: offset, of: topic, code: error.code, reason: error.reason)
      events.append(letter, of: topic)
      return (.bad, nil)
    }
  }

  /// Why a record goes no further.
  struct Refusal: Error {
    let code: String
    let reason: String

    init(_ code: String, _ reason: String) { (self.code, self.reason) = (code, reason) }

    @inline(__always)
    static func catching<Event>(_ body: () throws(EventError) -> Event) throws(Refusal) -> Event {
      do { return try body() } catch { throw Refusal(error.code.rawValue, "\(error)") }
    }
  }

  /// Throws what is wrong with a prediction, or gives the number of its model.
  @inline(__always)
  private func check(
    _ scanned: ScannedPrediction, _ value: ByteSlice, _ models: ModelNames, _ layouts: LayoutTable,
    _ scanner: inout EventScanner
  ) throws(Refusal) -> Int {
    let whole = scanned.form == .whole ? scanner.whole : nil
    var model = layouts.model(scanned.schema)
    if scanned.schema == 0 {
      let name = scanner.model(of: scanned, in: value)
      model = try known(models.find(name), name)
    }
    let fits =
      switch scanned.scoreForm {
      case .none: true
      case .number: tasks[model].accepts(.number(scanned.number))
      case .other: scanner.otherScore.map(tasks[model].accepts) ?? true
      }
    guard fits else { throw Refusal("bad_score", "the prediction does not fit the task \(tasks[model].name)") }
    if configuration.featuresTopic, whole.map({ $0.entity == nil }) ?? scanned.entity.isEmpty {
      throw Refusal("missing_field", "a prediction needs its entity where features come from their own topic")
    }
    return model
  }

  @inline(__always)
  private func place(_ time: Milliseconds, _ timestamp: Milliseconds) throws(Refusal) -> Milliseconds {
    try checkTime(time, timestamp)
    return min(time, timestamp)
  }

  /// - Throws: where what a record says lies further ahead of its timestamp than clocks may differ.
  @inline(__always)
  func checkTime(_ time: Milliseconds, _ timestamp: Milliseconds) throws(Refusal) {
    guard time <= timestamp.saturatingAdd(configuration.futureSlack) else {
      let slack = "\(configuration.futureSlack) ms"
      throw Refusal(
        "future_time",
        "time \(RFC3339.format(time)) is more than \(slack) after the record's \(timestamp)")
    }
  }

  private func check(_ label: Label, _ model: Int) throws(Refusal) {
    let task = tasks[model]
    guard (try? families[model].target(label.value.modelValue, of: task)) != nil else {
      let isNegative = families[model].learnsCounts && (try? task.target(label.value.modelValue)) != nil
      throw Refusal(
        "bad_label",
        "the label does not fit the task \(task.name)"
          + (isNegative ? " of the family \(families[model].name), which learns numbers from 0 on" : ""))
    }
  }

  /// The number of a model of the configuration.
  private func known(_ number: Int?, _ model: String) throws(Refusal) -> Int {
    guard let number, number < tasks.count else {
      throw Refusal(
        "unknown_model", "no model \(model.prefix(80).debugDescription) in the configuration")
    }
    return number
  }

  func deadLetter(
    _ value: ByteSlice?, timestamp: Milliseconds, offset: Int64, of topic: Topic, code: String, reason: String
  ) -> DeadLetter {
    DeadLetter(
      topic: topic.rawValue, partition: partition, offset: offset, code: code, reason: reason, time: timestamp,
      sample: DeadLetter.sample(of: value))
  }
}

extension ByteSlice {
  /// Places counted from the first byte.
  @inline(__always)
  fileprivate subscript(within range: Range<Int>) -> ByteSlice {
    self[startIndex + range.lowerBound..<startIndex + range.upperBound]
  }
}
