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

  static func champion(_ registry: Registry) throws -> Registry.Version { try #require(registry.champion) }

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

  @Test func aReferenceReachesBackAlongTheParents() throws {
    var registry = Registry()
    _ = registry.enter(Self.version(1, .champion, rows: 100, from: 0))
    _ = registry.enter(Self.version(2, .champion, rows: 30, from: 100, parent: 1))
    _ = registry.enter(Self.version(3, .rejected, rows: 500, from: 150, parent: 2))
    _ = registry.enter(Self.version(4, .champion, rows: 20, from: 200, parent: 2))
    for (rows, from) in [(1, 200), (20, 200), (21, 100), (50, 100), (51, 0), (9_999, 0)] as [(Int, Milliseconds)] {
      #expect(try registry.referenceStart(rows: rows, of: Self.champion(registry)) == from, "\(rows) rows")
    }
  }

  /// Counts and parents come out of records and snapshots, where anything may stand.
  @Test func hostileCountsAndParentsEnd() throws {
    var registry = Registry()
    _ = registry.enter(Self.version(1, .champion, rows: .max, from: 0, parent: 1))
    _ = registry.enter(Self.version(2, .champion, rows: 0, from: 10, parent: 2))
    #expect(try registry.referenceStart(rows: 5, of: Self.champion(registry)) == 10)
    _ = registry.enter(Self.version(3, .champion, rows: .max, from: 20, parent: 1))
    #expect(try registry.referenceStart(rows: .max, of: Self.champion(registry)) == 20)
    _ = registry.enter(Self.version(4, .champion, rows: 1, from: 30, parent: 3))
    #expect(try registry.referenceStart(rows: 9, of: Self.champion(registry)) == 20)
  }

  /// After every sequence of judged versions, back to each of them.
  @Test func rollingBackSwapsTheChampionWithTheOtherAlone() {
    for history in Self.everyHistory {
      let registry = Self.registry(history)
      for target in 0...6 {
        var changed = registry
        let outcome = changed.rollBack(to: target)
        guard let champion = registry.champion, registry.promotions.contains(target), champion.version != target else {
          #expect(outcome == nil && changed == registry)
          continue
        }
        #expect(outcome?.former.version == champion.version && outcome?.current.version == target)
        #expect(changed.champion?.version == target && changed.version(champion.version)?.status == .rolledBack)
        for version in registry.versions where ![champion.version, target].contains(version.version) {
          #expect(changed.version(version.version) == version)
        }
      }
    }
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
