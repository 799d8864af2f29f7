import Engine
import Events
import Log

/// What recorded versions were made of: predictions are judged against the training data of the version that made them,
/// whichever policy is tried. Never changes, so that all policies can ask the same one.
final class RecordedVersions: VersionDirectory, Sendable {
  private let versions: PublishedVersions<ModelRecord>

  /// - Parameter recording: its topic `models` from the beginning.
  init(_ recording: any TopicRecording) throws {
    var versions = PublishedVersions<ModelRecord>()
    try recording.read([.models]) { run in
      for stored in run.records {
        guard let value = stored.record.value, let record = try? ModelRecord.decode(value) else { continue }
        versions.note(record, told: record)
      }
    }
    self.versions = versions
  }

  func facts(of model: String, version: Int) throws(LogError) -> VersionFacts? {
    guard let (published, record) = versions.find(model, version), let reference = record.reference else { return nil }
    return VersionFacts(published: published, task: record.task, reference: reference)
  }
}
