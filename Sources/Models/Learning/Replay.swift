import Bytes

/// The newest rows that were learned, as the network sees them: a ring of sparse rows without their bias.
///
/// Values are kept as multiples of 2^−12, which halves the artifact and is finer than any that the network could tell
/// apart.
struct Replay: Equatable, Sendable {
  static let step: Float = 4_096
  /// Standardised labels are cut to this.
  static let labelBound: Float = 1e6

  /// Rows that are kept at most.
  let capacity: Int
  /// Entries that are kept of a row.
  let entries: Int
  /// `row · entries + entry`: the network's inputs and their values; the slot −1 behind the last.
  private(set) var rows: [Entry] = []
  private(set) var labels: [Float] = []
  /// Where the next row goes.
  private(set) var next = 0

  var count: Int { labels.count }

  init(entries: Int) {
    self.entries = entries
    capacity = min(2_000, max(64, ModelLimits.replayEntries / max(entries, 1)))
  }

  private static let none = Entry(slot: -1)

  /// Keeps a row; the oldest leaves where there is no room.
  mutating func append(_ row: borrowing EncodedRow, _ inputs: borrowing NetworkInputs, label: Float) {
    if labels.count < capacity {
      labels.append(label)
      rows.append(contentsOf: repeatElement(Replay.none, count: entries))
    } else {
      labels[next] = label
    }
    let kept = row.entries.span
    let of = inputs.of.span
    let (base, entries) = (next * entries, entries)
    var rows = rows.mutableSpan
    for entry in 1..<row.baseCount {
      rows[base + entry - 1] = Entry(
        slot: of[Int(kept[entry].slot)], value: Replay.rounded(kept[entry].value))
    }
    if row.baseCount <= entries { rows[base + row.baseCount - 1] = Replay.none }
    next = next + 1 == capacity ? 0 : next + 1
  }

  /// As the artifact holds it.
  @inline(__always)
  private static func rounded(_ value: Float) -> Float { Float(Int16(value * step)) * (1 / step) }

  /// Place of a row by its age: 0 is the newest.
  func place(age: Int) -> Int {
    let place = next - 1 - age
    return place < 0 ? place + count : place
  }
}

extension Replay {
  func encode(into writer: inout ByteWriter) {
    writer.append(count: count)
    writer.append(count: next)
    writer.append(labels)
    for place in 0..<count {
      let row = place * entries..<(place + 1) * entries
      let filled = rows[row].prefix { $0.slot >= 0 }
      writer.append(count: filled.count)
      for entry in filled {
        writer.append(count: Int(entry.slot))
        writer.append(fixed: Int16(entry.value * Replay.step))
      }
    }
  }

  /// Reads rows of as many entries at most, whose inputs are below `inputs`.
  ///
  /// - Parameter classes: 0 for a task whose labels are no classes.
  init(from reader: inout ByteReader, entries: Int, inputs: Int, classes: Int) throws(ByteError) {
    self.init(entries: entries)
    let count = try reader.count(ofAtLeast: 5)
    next = try reader.index()
    guard count <= capacity, count < capacity ? next == count : next < capacity else {
      throw reader.failure("\(count) rows to replay, the next at \(next)")
    }
    labels = try reader.floats(count, in: -Replay.labelBound...Replay.labelBound)
    guard classes == 0 || labels.allSatisfy({ $0 >= 0 && $0 < Float(classes) && $0 == $0.rounded() }) else {
      throw reader.failure("a label that is no class")
    }
    for _ in 0..<count {
      let filled = try reader.index(upTo: entries)
      try reader.expect(filled, ofBytes: 3)
      for _ in 0..<filled {
        let slot = Int32(try reader.index(upTo: inputs - 1))
        rows.append(Entry(slot: slot, value: Float(try reader.fixed(Int16.self)) * (1 / Replay.step)))
      }
      rows.append(contentsOf: repeatElement(Replay.none, count: entries - filled))
    }
  }
}
