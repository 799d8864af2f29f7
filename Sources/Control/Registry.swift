public import Bytes
public import Events

/// The versions of one model and where each stands: a view of the `models` topic, changed by the rules here alone.
public struct Registry: Hashable, Sendable {
  /// What later decisions need of a version.
  public struct Version: Hashable, Sendable {
    public let version: Int
    public var status: ModelStatus
    public let artifact: String
    public let trainedRows: Int
    /// Rows with `from <= time < before` have been learned by this version or by the ones it continues.
    public let from: Milliseconds
    public let before: Milliseconds
    public let parent: Int?

    public init(
      version: Int, status: ModelStatus, artifact: String, trainedRows: Int, from: Milliseconds, before: Milliseconds,
      parent: Int?
    ) {
      self.version = version
      self.status = status
      self.artifact = artifact
      self.trainedRows = trainedRows
      self.from = from
      self.before = before
      self.parent = parent
    }
  }

  public private(set) var versions: [Version] = []
  /// Every version that was made champion, in that order; one that became it again stands there again.
  public private(set) var promotions: [Int] = []
  /// The number of the version that is made next. A rejected version keeps its own; a run that fails makes none.
  public private(set) var nextVersion = 1

  public init() {}

  public var champion: Version? {
    versions.last { $0.status == .champion }
  }

  public func version(_ number: Int) -> Version? {
    versions.first { $0.version == number }
  }

  /// Lets a version that has served take the champion's place again, which is rolled back.
  /// - Returns: the two as they stand now; nil, and nothing changes, where the version never was champion, or is.
  public mutating func rollBack(to number: Int) -> (former: Version, current: Version)? {
    guard let champion, champion.version != number, promotions.contains(number) else { return nil }
    move(champion.version, to: .rolledBack)
    move(number, to: .champion)
    guard let former = version(champion.version), let current = version(number) else { return nil }
    return (former, current)
  }

  /// Enters a judged version, made under the next number. Promotion retires the champion.
  /// - Returns: the version that is champion no longer, if any.
  public mutating func enter(_ version: Version) -> Version? {
    var retired: Version?
    if version.status == .champion, let champion {
      move(champion.version, to: .retired)
      retired = self.version(champion.version)
    }
    versions.append(version)
    move(version.version, to: version.status)
    nextVersion = max(nextVersion, version.version + 1)
    return retired
  }

  /// Changes a version's status; the only place where that is done. A version that is not there stays so.
  public mutating func move(_ version: Int, to status: ModelStatus) {
    guard let index = versions.lastIndex(where: { $0.version == version }) else { return }
    versions[index].status = status
    if status == .champion { promotions.append(version) }
  }

  /// Where rows for a reference of at least `rows` rows start: at the first row of the nearest ancestor with which
  /// the rows of `version` and those it continues suffice.
  public func referenceStart(rows: Int, of version: Version) -> Milliseconds {
    var current = version
    // Counted down: the counts are other programs' words, and their sum may be any number.
    var missing = rows
    missing -= min(current.trainedRows, missing)
    // A parent is older than its child, so this ends.
    while missing > 0, let number = current.parent, number < current.version, let parent = self.version(number) {
      current = parent
      missing -= min(current.trainedRows, missing)
    }
    return current.from
  }
}

extension Registry {
  public func encode(into writer: inout ByteWriter) {
    writer.append(count: nextVersion)
    writer.append(versions) { writer, version in
      writer.append(count: version.version)
      writer.append(version.status.rawValue)
      writer.append(version.artifact)
      writer.append(count: version.trainedRows)
      writer.append(signed: version.from)
      writer.append(signed: version.before)
      writer.append(version.parent) { $0.append(count: $1) }
    }
    writer.append(promotions) { $0.append(count: $1) }
  }

  /// A registry that has come so far is no registry.
  private static let mostVersions = 1 << 60

  public init(from reader: inout ByteReader) throws(ByteError) {
    nextVersion = try reader.index(upTo: Self.mostVersions)
    versions = try reader.array { reader throws(ByteError) in
      let number = try reader.index()
      guard let status = ModelStatus(rawValue: try reader.string()) else {
        throw reader.failure("an unknown status of a version")
      }
      return Version(
        version: number, status: status, artifact: try reader.string(), trainedRows: try reader.index(),
        from: try reader.signed(), before: try reader.signed(),
        parent: try reader.optional { reader throws(ByteError) in try reader.index() })
    }
    promotions = try reader.array { reader throws(ByteError) in try reader.index() }
  }
}
