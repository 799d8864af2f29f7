public import Parallel
public import Sketches

/// A column's name and how its values are counted.
public struct ColumnSchema: Hashable, Sendable {
  public let name: String
  public let kind: ColumnKind

  public init(name: String, kind: ColumnKind) {
    self.name = name
    self.kind = kind
  }
}

/// Makes a reference from rows.
///
/// The newest `mostRows` are kept until `finish`, eight bytes a number and four a category, since quantile bins need
/// them sorted and their order in time tells how far they depend on each other.
public struct ReferenceBuilder: Sendable {
  /// Rows that are kept at most.
  public static let mostRows = 131_072

  let isOrdered: Bool
  let cycle: Int64?
  let isJoint: Bool
  private(set) var columns: [ColumnStore]
  private(set) var prediction: ColumnStore?
  /// Event time of each kept row.
  private(set) var times: [Int64] = []
  private var losses: [Double] = []
  private var rowsSeen = 0
  private var everyRowHasTime = true

  /// - Parameters:
  ///   - prediction: how the version's own predictions are counted; nil where rows come without one.
  ///   - isOrdered: false where the rows' order in time is lost, as in a shuffled file.
  ///   - cycle: milliseconds after which a season may repeat, such as 86,400,000 for a day; nil to match none.
  ///   - joint: whether the dependence between columns is watched too, by derived columns of its own.
  public init(
    columns: [ColumnSchema], prediction: ColumnKind? = nil, isOrdered: Bool = true, cycle: Int64? = nil,
    joint: Bool = false
  ) {
    self.columns = columns.map(ColumnStore.init)
    self.prediction = prediction.map { ColumnStore(ColumnSchema(name: "prediction", kind: $0)) }
    self.isOrdered = isOrdered
    isJoint = joint
    self.cycle = cycle.flatMap { SeasonRanks.cycles.contains($0) ? $0 : nil }
  }

  /// Adds a row: a value for each column of the schema, in its order.
  ///
  /// - Parameter time: event time, milliseconds. Where every row has one, rows count in its order; else in the order
  ///   in which they are added.
  public mutating func add(_ row: [ColumnValue], prediction: ColumnValue = .missing, time: Int64? = nil) {
    precondition(row.count == columns.count, "a row must have a value for every column")
    let slot = rowsSeen % Self.mostRows
    for (column, value) in row.enumerated() { columns[column].put(value, at: slot) }
    self.prediction?.put(prediction, at: slot)
    if slot == times.count { times.append(time ?? 0) } else { times[slot] = time ?? 0 }
    if time == nil { everyRowHasTime = false }
    rowsSeen += 1
  }

  /// Adds the version's loss on a validation row, in order of time; larger is worse. Of these too the newest count.
  public mutating func add(loss: Double) {
    losses.append(loss.magnitude <= SketchLimits.magnitude ? loss : .nan)
    if losses.count >= 2 * Self.mostRows { losses.removeFirst(losses.count - Self.mostRows) }
  }

  /// The reference of all rows added. `loss` and `error` are the version's figures on its validation rows; nil for
  /// `provisional` leaves that to `Reference.settledRows`. Sorts every column and measures its dependence: about
  /// 10 ms a column of 131,072 rows.
  ///
  /// - Parameter workers: who does that, column by column.
  public func finish(
    loss: Moments? = nil, error: Moments? = nil, provisional: Bool? = nil, workers: Workers = .one
  ) -> Reference {
    let slots = slotsInOrder()
    let references = workers.map(columns.count) { columns[$0].reference(slots) }
    let prediction = self.prediction?.reference(slots)
    return Reference(
      rows: slots.count, columns: references,
      derived: seasons(of: references, prediction, slots, workers)
        + (isJoint ? JointMaker(columns: columns, slots: slots).derived() : []),
      prediction: prediction,
      lossColumn: losses.isEmpty
        ? nil : ColumnStore.numericReference("loss", Array(losses.suffix(Self.mostRows))),
      loss: loss, error: error, provisional: provisional, isOrdered: isOrdered)
  }

  private func slotsInOrder() -> [Int] {
    let first = rowsSeen > Self.mostRows ? rowsSeen % Self.mostRows : 0
    let added = Array(first..<times.count) + Array(0..<first)
    guard everyRowHasTime, zip(added, added.dropFirst()).contains(where: { times[$0] > times[$1] }) else {
      return added
    }
    return added.enumerated().sorted { (times[$0.element], $0.offset) < (times[$1.element], $1.offset) }
      .map(\.element)
  }

  private func seasons(
    of references: [ColumnReference], _ prediction: ColumnReference?, _ slots: [Int], _ workers: Workers
  ) -> [DerivedColumn] {
    guard isOrdered, everyRowHasTime, let cycle else { return [] }
    let maker = SeasonMaker(cycle: cycle, times: slots.map { times[$0] })
    guard let maker else { return [] }
    var watched = columns.indices.map { (ColumnSource.column($0), columns[$0], references[$0]) }
    if let store = self.prediction, let prediction { watched.append((.prediction, store, prediction)) }
    let all = watched.filter { $0.1.schema.kind == .numeric }
    return workers.map(all.count) { index in
      let (source, store, reference) = all[index]
      return maker.season(of: source, slots.map { store.numbers[$0] }, raw: reference)
    }.compactMap(\.self)
  }
}
