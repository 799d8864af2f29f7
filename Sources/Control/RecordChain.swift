/// The records of one model in `models` as a chain, each of which names the SHA-256 of the one before it.
///
/// Tells which records do not fit: altered, removed, moved or inserted ones. What nobody can tell by a chain: that its
/// newest records were removed, or that the newest one was altered. Signatures tell the latter.
public struct RecordChain: Hashable, Sendable {
  public struct Link: Hashable, Sendable {
    public let offset: Int64
    /// SHA-256 of the record's value.
    public let checksum: String
    public let previous: String?
    /// Whether it says who decided: records of before there was a chain do not.
    public let namesWho: Bool
    public let isChampion: Bool

    public init(offset: Int64, checksum: String, previous: String?, namesWho: Bool, isChampion: Bool) {
      self.offset = offset
      self.checksum = checksum
      self.previous = previous
      self.namesWho = namesWho
      self.isChampion = isChampion
    }

    fileprivate var isUnchained: Bool { previous == nil && !namesWho }
  }

  public struct Fault: Hashable, Sendable {
    public let offset: Int64
    public let reason: String
  }

  /// In order of offset.
  public private(set) var faults: [Fault] = []
  /// Records of before there was a chain: they may have been altered.
  public private(set) var unchained = 0
  /// Champions that were published again as they were, as `leeway models sign` does.
  public private(set) var repeated = 0

  private let links: [Link]
  /// The first record with each checksum.
  private var places: [String: Int] = [:]
  /// The last record that follows each checksum.
  private var followers: [String: Int] = [:]
  private var reasons: [Int: String] = [:]
  /// Records that stand before the one that they follow, by its checksum.
  private var early: [String: Int] = [:]
  private var end: Int?
  private var champion: Int?

  /// - Parameter links: all records of the model, in order of offset. Costs time and memory in proportion.
  public init(_ links: [Link]) {
    self.links = links
    for (index, link) in links.enumerated() {
      if places[link.checksum] == nil { places[link.checksum] = index }
      if let previous = link.previous { followers[previous] = index }
    }
    for index in links.indices { take(index) }
    faults = reasons.sorted { $0.key < $1.key }.map { Fault(offset: links[$0.key].offset, reason: $0.value) }
  }

  private mutating func take(_ index: Int) {
    let link = links[index]
    if let first = places[link.checksum], first < index { return takeCopy(index, of: first) }
    if link.isChampion { champion = index }
    guard fits(link) else { return misfit(index) }
    if link.isUnchained { unchained += 1 }
    end = index
    // What stood before its turn has it now.
    while let last = end, let waiting = early.removeValue(forKey: links[last].checksum) { end = waiting }
  }

  private mutating func takeCopy(_ index: Int, of first: Int) {
    if first == champion {
      repeated += 1
    } else {
      reasons[index] = "is the record at offset \(links[first].offset), written again"
    }
  }

  private func fits(_ link: Link) -> Bool {
    guard let end else { return link.previous == nil }
    if let previous = link.previous { return previous == links[end].checksum }
    // The chain may begin behind records that know of none, and nowhere else.
    return links[end].isUnchained
  }

  private func isFollowed(_ index: Int, after other: Int) -> Bool {
    followers[links[index].checksum] ?? -1 > other
  }

  private mutating func misfit(_ index: Int) {
    guard let last = end else {
      reasons[index] = "follows a record that is not there: the topic's beginning is gone"
      end = index
      return
    }
    // Go on from here where later records do, and none goes on from the last one.
    let moves = isFollowed(index, after: index) && !isFollowed(last, after: index)
    tell(index, behind: last, moves: moves)
    if moves { end = index }
  }

  private mutating func tell(_ index: Int, behind last: Int, moves: Bool) {
    let link = links[index]
    guard let previous = link.previous else {
      reasons[index] =
        link.namesWho
        ? "names no record before it, which only the first of a model may"
        : "does not say who decided, and names no record before it: Leeway did not write it, or an earlier build"
      return
    }
    guard let named = places[previous] else {
      reasons[index] =
        "follows a record that is not there: the one before it, at offset \(links[last].offset), was altered, or one "
        + "between them was removed"
      return
    }
    let place = "the record at offset \(links[named].offset)"
    if named > index {
      reasons[index] = "stands before \(place), which it follows"
      early[previous] = index
    } else if links[last].previous == previous {
      let (inserted, other) = moves ? (last, index) : (index, last)
      let isSure = moves || isFollowed(last, after: index)
      reasons[inserted] =
        "follows \(place), as the one at offset \(links[other].offset) does: "
        + (isSure ? "it was inserted" : "one of the two was inserted")
    } else {
      reasons[index] = "follows \(place), and not the one before it, at offset \(links[last].offset)"
    }
  }
}
