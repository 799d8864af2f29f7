import Log

extension SimulatedState {
  /// A worker that comes under the name of another takes its place: the other is fenced, its transaction is aborted.
  mutating func join(group: String, topics: [String], member: String) throws(LogError) -> Int {
    if let fault = operate() { throw Self.failure(fault) }
    guard !group.isEmpty, SimulatedName.isValid(group) else {
      throw LogError(.invalidArgument, "\(group.debugDescription) cannot be the name of a group")
    }
    var counts: Set<Int> = []
    for topic in topics {
      guard let spec = self.topics[topic] else { throw LogError(.unknownTopic, "there is no topic \(topic)") }
      counts.insert(spec.partitions)
    }
    guard counts.count == 1, let partitions = counts.first else {
      throw LogError(.invalidArgument, "topics of a group must have the same number of partitions")
    }
    var joined = groups[group] ?? SimulatedGroup(topics: topics, partitions: partitions)
    if settings.fences, let same = joined.id(of: member) { _ = joined.remove(same) }
    let id = number()
    joined.enter(id, member, now: now)
    groups[group] = joined
    let left = transactions.filter { $0.value.owner == "\(group)/\(member)" }.keys.sorted()
    for number in left { abort(number) }
    return id
  }

  mutating func leave(group: String, id: Int) {
    if let transaction = groups[group]?.remove(id) { abort(transaction) }
  }

  mutating func poll(_ topics: [String], limit: ReadLimit, group: String, id: Int) throws(LogError) -> Polled {
    if let fault = operate() { throw Self.failure(fault) }
    guard groups[group]?.members[id] != nil else { throw lost(group) }
    if let told = groups[group]?.settle(id, now: now) { return told }
    return try fetch(topics, limit: limit, group: group, id: id)
  }

  private mutating func fetch(
    _ topics: [String], limit: ReadLimit, group: String, id: Int
  ) throws(LogError) -> Polled {
    guard let known = groups[group], var member = known.members[id] else { throw lost(group) }
    var fetches: [Fetch] = []
    var left = limit.records
    let own = member.assigned.sorted()
    for topic in topics {
      for step in own.indices where left > 0 {
        let place = TopicPartition(topic, own[(member.first + step) % own.count])
        let share = ReadLimit(records: max(1, left / (own.count - step)), bytes: limit.bytes)
        let partition = try partition(place)
        let position = member.positions[place] ?? partition.start
        let bound = end(of: partition, place, known)
        guard (partition.start...partition.end).contains(position) else {
          throw LogError(
            .offsetOutOfRange, "\(place) holds offsets \(partition.start) to \(partition.end)", partition: place,
            offsets: min(position, partition.start)..<partition.start)
        }
        guard position < bound else { continue }
        let records = partition.read(from: position, until: bound, limit: share)
        // Behind the last record may lie what is never shown.
        let behind = (records.last?.offset ?? position - 1) + 1
        let next = partition.hasRecord(from: behind, until: bound) ? behind : bound
        member.positions[place] = next
        left -= records.count
        fetches.append(Fetch(partition: place, records: records, next: next, end: bound))
      }
    }
    member.first += 1
    groups[group]?.members[id] = member
    return fetches.isEmpty ? .idle : .records(fetches)
  }

  /// The end that a consumer sees: that of a slow partition is one that it had, if not before what is committed.
  private func end(of partition: SimulatedPartition, _ place: TopicPartition, _ group: SimulatedGroup) -> Int64 {
    let bound = bound(of: partition)
    guard let slow = slow[place], slow.until > now else { return bound }
    return min(bound, max(slow.end, group.committed[place] ?? 0))
  }

  /// Whether a poll would bring something.
  func wouldBring(_ topics: [String], group: String, id: Int) throws(LogError) -> Bool {
    guard let known = groups[group], let member = known.members[id] else { throw lost(group) }
    let gains = (0..<known.partitions).contains { known.target(of: $0) == id && known.owners[$0] == nil }
    if gains || member.assigned.contains(where: { known.target(of: $0) != id }) { return true }
    for place in topics.flatMap({ topic in member.assigned.map { TopicPartition(topic, $0) } }) {
      let partition = try partition(place)
      if partition.hasRecord(from: member.positions[place] ?? partition.start, until: bound(of: partition)) {
        return true
      }
    }
    return false
  }
}

/// Kafka's rules for names.
enum SimulatedName {
  static func isValid(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 249 && name != "." && name != ".."
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
      }
  }
}
