public import Events

// The registry as what `models` says: whoever reads the topic from its beginning knows what Train knows.

extension Registry {
  /// Takes the next record of the model.
  ///
  /// A version's first record tells what it is; later ones change its status alone. Where a record names a champion while
  /// another version is it, that one is retired, as serving systems take it.
  public mutating func take(_ record: ModelRecord) {
    if version(record.version) != nil {
      if record.status == .champion, let champion, champion.version != record.version {
        move(champion.version, to: .retired)
      }
      // A record that is published again, under another signature, is no second promotion.
      if version(record.version)?.status != record.status { move(record.version, to: record.status) }
      return
    }
    _ = enter(
      Version(
        version: record.version, status: record.status, artifact: record.artifact ?? "",
        trainedRows: record.trainedRows ?? 0, from: record.rows?.from ?? .min, before: record.rows?.before ?? .min,
        parent: record.parent))
  }

  /// The newest version that is judged still: what there is to promote or to reject.
  public var challenger: Version? {
    versions.last { $0.status.isJudgedStill }
  }
}
