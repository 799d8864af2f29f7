import Engine
import Events
import Log

/// What recorded versions were made of: predictions are judged against the training data of the version that made them,
/// whichever policy is tried.
final class RecordedVersions: VersionDirectory {
  private struct Name: Hashable {
    let model: String
    let version: Int
  }

  private var references: [Name: ModelRecord] = [:]
  private var published: [Name: Milliseconds] = [:]

  /// - Parameter recording: its topic `models` from the beginning.
  init(_ recording: any TopicRecording) throws {
    try recording.read([.models]) { run in
      for stored in run.records {
        guard let value = stored.record.value, let record = try? ModelRecord.decode(value) else { continue }
        let name = Name(model: record.model, version: record.version)
        if record.reference != nil, references[name] == nil { references[name] = record }
        if record.status.hasServed, references[name] != nil, published[name] == nil { published[name] = record.time }
      }
    }
  }

  func facts(of model: String, version: Int) throws(LogError) -> VersionFacts? {
    let name = Name(model: model, version: version)
    guard let published = published[name], let record = references[name], let reference = record.reference else {
      return nil
    }
    return VersionFacts(published: published, task: record.task, reference: reference)
  }
}
