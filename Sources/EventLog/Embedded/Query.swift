/// Every statement of the hot paths, prepared once per connection.
enum Query: Int, CaseIterable {
  case beginWrite, beginRead, commit, rollback, emptyWAL
  case place, bounds, insertRow, advance
  case readRows, hasRow, rowAtTime
  case sequence, remember
  case epoch, setCommitted

  var sql: String {
    switch self {
    case .beginWrite: "BEGIN IMMEDIATE"
    case .beginRead: "BEGIN"
    case .commit: "COMMIT"
    case .rollback: "ROLLBACK"
    case .emptyWAL: "PRAGMA wal_checkpoint(TRUNCATE)"
    case .place:
      """
      SELECT part.tp, topic.compacted, topic.partitions FROM topic
      LEFT JOIN part ON part.topic = topic.id AND part.num = ?2 WHERE topic.name = ?1
      """
    case .bounds: "SELECT start_off, next_off, run_ts FROM part WHERE tp = ?1"
    case .insertRow:
      """
      INSERT INTO batch(id, tp, base, cnt, min_ts, max_ts, run_ts, sum, data)
      VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
      """
    case .advance: "UPDATE part SET next_off = ?2, run_ts = ?3, bytes = bytes + ?4 WHERE tp = ?1"
    case .readRows: "SELECT id, base, cnt, sum, run_ts, data FROM batch WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3"
    case .hasRow: "SELECT 1 FROM batch WHERE id >= ?1 AND id < ?2 LIMIT 1"
    case .rowAtTime: "SELECT id FROM batch WHERE tp = ?1 AND run_ts >= ?2 ORDER BY run_ts, id LIMIT 1"
    case .sequence: "SELECT next, recent FROM sequence WHERE producer = ?1 AND tp = ?2"
    case .remember:
      """
      INSERT INTO sequence(producer, tp, next, recent) VALUES(?1, ?2, ?3, ?4)
      ON CONFLICT DO UPDATE SET next = excluded.next, recent = excluded.recent, idle_since = NULL
      """
    case .epoch: "SELECT epoch FROM owner WHERE name = ?1"
    case .setCommitted:
      """
      INSERT INTO committed(name, tp, off) VALUES(?1, ?2, ?3)
      ON CONFLICT DO UPDATE SET off = excluded.off
      """
    }
  }
}
