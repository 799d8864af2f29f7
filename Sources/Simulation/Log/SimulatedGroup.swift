import Log

/// A consumer group as its coordinator sees it: members, who holds which partitions, and what is committed. Partitions
/// with the same number of all topics go together.
struct SimulatedGroup {
  struct Member {
    let name: String
    /// When it was last heard of.
    var seen: Int64
    /// What its worker has been told to be its own.
    var assigned: Set<Int> = []
    /// What its worker has been told to give up, and gives up by its next poll.
    var leaving: Set<Int> = []
    var positions: [TopicPartition: Int64] = [:]
    /// Which partition the next poll reads first.
    var first = 0
    /// Its open transaction.
    var transaction: Int?
  }

  let topics: [String]
  let partitions: Int
  /// Grows with every change of who is to have what.
  private(set) var generation = 0
  var members: [Int: Member] = [:]
  /// By partition: who has it, or has yet to give it up.
  var owners: [Int: Int] = [:]
  var committed: [TopicPartition: Int64] = [:]

  init(topics: [String], partitions: Int) {
    self.topics = topics
    self.partitions = partitions
  }

  /// Has partitions dealt out anew; most of them move where there are several members.
  mutating func rebalance() { generation += 1 }

  mutating func enter(_ id: Int, _ name: String, now: Int64) {
    members[id] = Member(name: name, seen: now)
    rebalance()
  }

  mutating func forget(_ topic: String) { committed = committed.filter { $0.key.topic != topic } }

  /// - Returns: its open transaction.
  mutating func remove(_ id: Int) -> Int? {
    guard let member = members.removeValue(forKey: id) else { return nil }
    owners = owners.filter { $0.value != id }
    rebalance()
    return member.transaction
  }

  func id(of name: String) -> Int? {
    members.filter { $0.value.name == name }.keys.min()
  }

  /// Who is to have a partition.
  func target(of partition: Int) -> Int? {
    guard !members.isEmpty else { return nil }
    let ids = members.keys.sorted()
    return ids[(partition + generation) % ids.count]
  }

  /// Takes note that a member is alive and has done what it was told by its last poll.
  ///
  /// - Returns: what it has to be told now.
  mutating func settle(_ id: Int, now: Int64) -> Polled? {
    guard var member = members[id] else { return nil }
    defer { members[id] = member }
    member.seen = now
    for partition in member.leaving { owners[partition] = nil }
    member.leaving = []
    let lost = member.assigned.filter { target(of: $0) != id }
    if !lost.isEmpty {
      member.assigned.subtract(lost)
      member.leaving = lost
      return .revoked(lost.sorted())
    }
    let gained = (0..<partitions).filter { owners[$0] == nil && target(of: $0) == id }
    guard !gained.isEmpty else { return nil }
    for partition in gained { owners[partition] = id }
    member.assigned.formUnion(gained)
    let places = topics.flatMap { topic in gained.map { TopicPartition(topic, $0) } }
    for place in places { member.positions[place] = committed[place] }
    return .assigned(gained, committed: committed.filter { places.contains($0.key) })
  }
}
