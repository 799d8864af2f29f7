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
  /// `row · entries + entry`: the network's inputs, −1 behind the last.
  private(set) var slots: [Int32] = []
  private(set) var values: [Int16] = []
  private(set) var labels: [Float] = []
  /// Where the next row goes.
  private(set) var next = 0

  var count: Int { labels.count }

  init(entries: Int) {
    self.entries = entries
    capacity = min(2_000, max(64, ModelLimits.replayEntries / max(entries, 1)))
  }

  /// Keeps a row; the oldest leaves where there is no room.
  mutating func append(_ row: borrowing SparseRow, _ inputs: borrowing NetworkInputs, label: Float) {
    if labels.count < capacity {
      labels.append(label)
      slots.append(contentsOf: repeatElement(-1, count: entries))
      values.append(contentsOf: repeatElement(0, count: entries))
    } else {
      labels[next] = label
    }
    let base = next * entries
    for entry in 0..<entries {
      let isThere = entry + 1 < row.count
      slots[base + entry] = isThere ? inputs.of[Int(row.slots[entry + 1])] : -1
      values[base + entry] = isThere ? Int16(row.values[entry + 1] * Replay.step) : 0
    }
    next = next + 1 == capacity ? 0 : next + 1
  }

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
      let filled = slots[row].firstIndex { $0 < 0 } ?? row.upperBound
      writer.append(count: filled - row.lowerBound)
      for entry in row.lowerBound..<filled {
        writer.append(count: Int(slots[entry]))
        writer.append(fixed: values[entry])
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
        slots.append(Int32(try reader.index(upTo: inputs - 1)))
        values.append(try reader.fixed())
      }
      slots.append(contentsOf: repeatElement(-1, count: entries - filled))
      values.append(contentsOf: repeatElement(0, count: entries - filled))
    }
  }
}
