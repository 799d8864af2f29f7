/// Which input of a network stands for each slot of block A. A network costs time for each of its inputs, so of a
/// column's levels only the first 64 have one of their own, and the others share that of unknown levels.
struct NetworkInputs: Equatable, Sendable {
  static let levels = 64

  /// By slot.
  private(set) var of: [Int32] = [0]
  /// By input, the first slot that it stands for.
  private(set) var slots: [Int] = [0]
  /// By input, the column that the slot is of; the bias is of none.
  private(set) var columns: [Int] = [-1]

  var count: Int { slots.count }

  /// Of the slots that do not wait for a level to arrive.
  init(_ columns: [EncodedColumn]) {
    for (index, column) in columns.enumerated() {
      for part in 0..<column.kind.fixedSlots {
        if column.kind == .hashed && part > NetworkInputs.levels {
          of.append(of[of.count - NetworkInputs.levels])
        } else {
          appendOwn(index)
        }
      }
    }
  }

  /// The input of a new slot, for a column's level.
  ///
  /// - Parameters:
  ///   - rank: levels of the column that came before.
  ///   - other: the column's slot for unknown levels.
  mutating func append(column: Int, rank: Int, other: Int) {
    if rank < NetworkInputs.levels { appendOwn(column) } else { of.append(of[other]) }
  }

  private mutating func appendOwn(_ column: Int) {
    of.append(Int32(slots.count))
    slots.append(of.count - 1)
    columns.append(column)
  }
}
