import GRDB
import Log

/// The worker that owns a group.
struct GroupOwner: CustomStringConvertible {
  let member: String
  let host: String
  let pid: Int64
  let since: Int64

  var description: String {
    // A worker's own name may say no more than the process does.
    let name = member.hasPrefix("pid ") ? "" : "\(member), "
    return "\(name)process \(pid) on \(host), since \(SystemCalls.text(ofTime: since))"
  }
}

extension Store {
  /// What a group has committed, within `use`.
  func committed(group: String) throws(LogError) -> [TopicPartition: Int64] {
    var offsets: [TopicPartition: Int64] = [:]
    let sql = """
      SELECT topic.name, part.num, committed.off FROM committed
      JOIN part USING(tp) JOIN topic ON topic.id = part.topic WHERE committed.name = ?1
      """
    try each(sql, name: group) { row throws(LogError) in
      offsets[TopicPartition(row.text(0), Int(row.integer(1)))] = row.integer(2)
    }
    return offsets
  }

  /// Within `use`, `read` or `write`.
  func owner(of group: String) throws(LogError) -> GroupOwner? {
    var owner: GroupOwner?
    try each("SELECT member, host, pid, since_ms FROM owner WHERE name = ?1", name: group) { row throws(LogError) in
      owner = GroupOwner(member: row.text(0), host: row.text(1), pid: row.integer(2), since: row.integer(3))
    }
    return owner
  }

  /// Enters a new owner within `write`.
  /// - Returns: its epoch, greater than that of all owners before it.
  func enter(_ owner: GroupOwner, of group: String) throws(LogError) -> Int64 {
    try execute(
      """
      INSERT INTO owner(name, epoch, member, host, pid, since_ms) VALUES(:name, 1, :member, :host, :pid, :since)
      ON CONFLICT DO UPDATE SET epoch = epoch + 1, member = excluded.member, host = excluded.host,
        pid = excluded.pid, since_ms = excluded.since_ms
      """,
      ["name": group, "member": owner.member, "host": owner.host, "pid": owner.pid, "since": owner.since])
    return try epoch(of: group)
  }

  private func epoch(of group: String) throws(LogError) -> Int64 {
    let query = try statement(.epoch)
    query.bind(1, group)
    defer { query.reset() }
    return try query.next() ? query.integer(0) : 0
  }

  /// Throws within a transaction unless `epoch` is still the group's newest.
  func checkEpoch(_ epoch: Int64, of group: String) throws(LogError) {
    guard try self.epoch(of: group) != epoch else { return }
    let owner = try owner(of: group)
    throw LogError(
      .fenced,
      "Group \(group) has been taken over by \(owner.map(\.description) ?? "another worker"). This one must stop.")
  }
}
