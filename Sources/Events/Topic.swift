/// The topics that Leeway reads and writes, by their names without prefix.
public enum Topic: String, CaseIterable, Hashable, Sendable {
  case predictions, labels, features, watermarks
  case examples, summaries, sketches
  case drift, triggers, runs, models, artifacts
  case checkpoints, deadletters
}
