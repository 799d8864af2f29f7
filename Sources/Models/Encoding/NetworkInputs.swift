/// Which input of a network stands for each slot of block A. A network costs time for each of its inputs, so of a
/// column's levels only the first 64 have one of their own, and the others share that of unknown levels.
struct NetworkInputs: Equatable, Sendable {
  static let levels = 64

  /// By slot.
  private(set) var of: [Int32] = [0]
  /// By input, the first slot that it stands for.
  private(set) var slots: [Int] = [0]

  var count: Int { slots.count }

  /// Of the slots that do not wait for a level to arrive.
  init(kinds: [Column.Kind]) {
    for kind in kinds {
      for part in 0..<kind.fixedSlots {
        if kind == .hashed && part > NetworkInputs.levels {
          of.append(of[of.count - NetworkInputs.levels])
        } else {
          appendOwn()
        }
      }
    }
  }

  /// The input of a new slot, for a column's level.
  ///
  /// - Parameters:
  ///   - rank: levels of the column that came before.
  ///   - other: the column's slot for unknown levels.
  mutating func append(rank: Int, other: Int) {
    if rank < NetworkInputs.levels { appendOwn() } else { of.append(of[other]) }
  }

  private mutating func appendOwn() {
    of.append(Int32(slots.count))
    slots.append(of.count - 1)
  }
}
