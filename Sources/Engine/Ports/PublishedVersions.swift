package import Events

/// The fold of `models` that tells which versions were published, when, and where their references are told of: the first
/// record with a version's reference counts, as a version has one for good, and so does the first time that it could serve
/// after that.
package struct PublishedVersions<Told> {
  private struct Name: Hashable {
    let model: String
    let version: Int
  }

  /// Of the first record with each version's reference.
  private var told: [Name: Told] = [:]
  /// With its reference, or later, where a person promoted what validation had kept back.
  private var published: [Name: Milliseconds] = [:]

  package init() {}

  /// Takes the next record of its partition.
  package mutating func note(_ record: ModelRecord, told place: @autoclosure () -> Told) {
    let name = Name(model: record.model, version: record.version)
    if record.reference != nil, told[name] == nil { told[name] = place() }
    if record.status.hasServed, told[name] != nil, published[name] == nil { published[name] = record.time }
  }

  /// Nil for a version that was not published.
  package func find(_ model: String, _ version: Int) -> (published: Milliseconds, told: Told)? {
    let name = Name(model: model, version: version)
    guard let published = published[name], let told = told[name] else { return nil }
    return (published, told)
  }
}

extension PublishedVersions: Sendable where Told: Sendable {}
