/// Small batches: there are many commits, and so many places between two of them, for a kill to hit. No partition is
/// advanced by the clock: the input is to be the same however long it takes.
enum SmallSteps {
  static func configuration(prefix: String = "") -> String {
    """
    topics: {prefix: "\(prefix)", partitions: 3}
    time: {pane: 50s, lateness: 10s, label_horizon: 400s, idle: 1h}
    engine: {commit_records: 80, poll_records: 60, snapshot_commits: 12}
    monitor:
      window: 500s
      minimum_rows: 200
      drift: {spacing: 500s}
      performance: {minimum_rows: 100}
      volume: {labels: 900}
      cooldown: 600s
    train: {minimum_rows: 50, reference_rows: 400}
    models: [{name: m, task: binary}]
    """
  }
}
