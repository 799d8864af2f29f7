import Bytes
import Control
import Events
import Testing

struct RegistryTests {
  static func version(_ number: Int, _ status: ModelStatus, rows: Int = 10, from: Milliseconds = 0, parent: Int? = nil)
    -> Registry.Version
  {
    Registry.Version(
      version: number, status: status, artifact: "a\(number)", trainedRows: rows, from: from, before: from + 100,
      parent: parent)
  }

  static let outcomes: [ModelStatus] = [.champion, .rejected, .inconclusive]

  /// Every sequence of five judged versions.
  static var everyHistory: [[ModelStatus]] {
    var all: [[ModelStatus]] = [[]]
    for _ in 0..<5 { all = all.flatMap { history in outcomes.map { history + [$0] } } }
    return all
  }

  static func registry(_ history: [ModelStatus]) -> Registry {
    var registry = Registry()
    for status in history {
      _ = registry.enter(version(registry.nextVersion, status, parent: registry.champion?.version))
    }
    return registry
  }

  @Test func thereIsAtMostOneChampionAndItIsTheLastPromoted() {
    for history in Self.everyHistory {
      let registry = Self.registry(history)
      #expect(registry.versions.filter { $0.status == .champion }.count == (history.contains(.champion) ? 1 : 0))
      #expect(registry.champion?.version == history.lastIndex(of: .champion).map { $0 + 1 })
      #expect(registry.versions.map(\.version) == Array(1...5))
      for (version, status) in zip(registry.versions, history) where status != .champion {
        #expect(version.status == status, "only champions change")
      }
      #expect(registry.nextVersion == 6)
    }
  }

  @Test func promotionNamesTheRetired() {
    var registry = Registry()
    let retired = [
      registry.enter(Self.version(1, .champion)), registry.enter(Self.version(2, .rejected)),
      registry.enter(Self.version(3, .champion)),
    ]
    #expect(retired == [nil, nil, Self.version(1, .retired)])
    #expect(registry.version(1)?.status == .retired && registry.version(4) == nil)
  }

  @Test func aReferenceReachesBackAlongTheParents() {
    var registry = Registry()
    #expect(registry.referenceStart(rows: 10) == nil)
    _ = registry.enter(Self.version(1, .champion, rows: 100, from: 0))
    _ = registry.enter(Self.version(2, .champion, rows: 30, from: 100, parent: 1))
    _ = registry.enter(Self.version(3, .rejected, rows: 500, from: 150, parent: 2))
    _ = registry.enter(Self.version(4, .champion, rows: 20, from: 200, parent: 2))
    for (rows, from) in [(1, 200), (20, 200), (21, 100), (50, 100), (51, 0), (9_999, 0)] as [(Int, Milliseconds)] {
      #expect(registry.referenceStart(rows: rows) == from, "\(rows) rows")
    }
    #expect(registry.referenceStart(rows: 50, after: 40) == 200)
  }

  /// Counts and parents come out of records and snapshots, where anything may stand.
  @Test func hostileCountsAndParentsEnd() {
    var registry = Registry()
    _ = registry.enter(Self.version(1, .champion, rows: .max, from: 0, parent: 1))
    _ = registry.enter(Self.version(2, .champion, rows: 0, from: 10, parent: 2))
    #expect(registry.referenceStart(rows: 5) == 10)
    _ = registry.enter(Self.version(3, .champion, rows: .max, from: 20, parent: 1))
    #expect(registry.referenceStart(rows: .max, after: .max) == 20)
    _ = registry.enter(Self.version(4, .champion, rows: 1, from: 30, parent: 3))
    #expect(registry.referenceStart(rows: 9) == 20)
  }

  @Test func comesBackFromItsBytesAndFromNoOthers() throws {
    for history in Self.everyHistory.enumerated() where history.offset % 13 == 0 {
      let registry = Self.registry(history.element)
      var writer = ByteWriter()
      registry.encode(into: &writer)
      var reader = ByteReader(writer.bytes)
      #expect(try Registry(from: &reader) == registry)
      try reader.expectEnd()
      for length in 0..<writer.bytes.count {
        var cut = ByteReader(writer.bytes[..<length])
        #expect(throws: ByteError.self) { _ = try Registry(from: &cut) }
      }
    }
  }
}
