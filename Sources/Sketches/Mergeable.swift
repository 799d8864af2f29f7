/// A summary of a stream that can absorb the summary of another part of it.
///
/// Moments and the sketches of a table (anchored histograms) conform here; quantile, distinct-count and frequent-item
/// sketches belong beside them, one folder each. The verbs are the same for all: `add` or `update`,
/// `merge`, `encode(into:)`, `init(from:)`.
public protocol Mergeable {
  /// Adds what `other` has seen. The order of merges may show in the last bits of floating-point members only.
  mutating func merge(_ other: Self)

  /// Gives back memory that only further merges would use. For summaries that are kept.
  mutating func trim()
}

extension Mergeable {
  public mutating func trim() {}
}

/// A summary from which a part that was merged earlier can be taken away again.
public protocol Subtractable: Mergeable {
  /// The part of the summary that subtraction leaves inexact, and that a window therefore sums anew.
  associatedtype Inexact: Mergeable

  /// Takes away `other`, which must have been merged before. All but `inexact` becomes exact.
  mutating func subtract(_ other: Self)

  var inexact: Inexact { get set }
}

extension Array: Mergeable where Element: Mergeable {
  /// Merges element by element; both arrays must be of one length.
  @specialized(where Element == Moments)
  public mutating func merge(_ other: Self) {
    precondition(count == other.count, "columns of different tables cannot be merged")
    for index in indices { self[index].merge(other[index]) }
  }

  @specialized(where Element == Moments)
  public mutating func trim() {
    for index in indices { self[index].trim() }
  }
}
