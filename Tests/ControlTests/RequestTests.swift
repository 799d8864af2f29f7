import Bytes
import Control
import Events
import TestSupport
import Testing

/// What people may ask of versions, over every short history of judged ones.
struct RequestTests {
  static func request(
    _ kind: RunRequest.Kind, _ version: Int? = nil, champion: Int?, id: String = "q"
  ) -> RunRequest {
    RunRequest(
      id: id, model: "m", kind: kind, version: version, champion: champion, who: "ada", reason: "why", time: 7)
  }

  static let kinds: [RunRequest.Kind] = [.promote, .reject, .rollback]

  /// Registries as three judged versions and one request after them leave them, with every status that there is.
  static var registries: [Registry] {
    let outcomes: [ModelStatus] = [.champion, .rejected, .inconclusive, .shadow]
    var all: [Registry] = [Registry()]
    for first in outcomes {
      for second in outcomes {
        for third in outcomes {
          let judged = RegistryTests.registry([first, second, third])
          all.append(judged)
          for kind in kinds {
            for version in [nil, 1, 2, 3] {
              var changed = judged
              let wanted = request(kind, version, champion: judged.champion?.version)
              guard let changes = try? judged.changes(for: wanted) else { continue }
              for change in changes { changed.move(change.version, to: change.status) }
              all.append(changed)
            }
          }
        }
      }
    }
    return all
  }

  @Test func aRequestIsDoneAsAskedOrNotAtAll() {
    for registry in Self.registries {
      for kind in Self.kinds {
        for version in [nil, 1, 2, 3, 4] {
          let wanted = Self.request(kind, version, champion: registry.champion?.version)
          guard let changes = try? registry.changes(for: wanted) else { continue }
          var changed = registry
          for change in changes { changed.move(change.version, to: change.status) }
          let champions = changed.versions.filter { $0.status == .champion }.map(\.version)
          switch kind {
          case .promote: #expect(champions == [version] && version != registry.champion?.version)
          case .rollback:
            #expect(champions.count == 1 && champions.first != registry.champion?.version)
            #expect(version == nil || champions == [version])
            #expect(changed.version(registry.champion?.version ?? 0)?.status == .rolledBack)
            #expect(registry.promotions.contains(champions.first ?? 0), "back to where it was")
          default:
            #expect(changed.champion == registry.champion)
            #expect(changed.version(version ?? 0)?.status == .rejected)
          }
          #expect(!changes.isEmpty && changes.last?.reason.contains("why") == true)
          #expect(Set(changes.map(\.version)).count == changes.count)
        }
      }
    }
  }

  /// Compare and set: whatever is asked for, another champion than the one that the person saw refuses it.
  @Test func anotherChampionThanThePersonSawRefuses() {
    for registry in Self.registries {
      for seen in [nil, 1, 2, 3, 9] where seen != registry.champion?.version {
        for kind in Self.kinds {
          let refusal = Self.refusal(registry, Self.request(kind, 1, champion: seen))
          #expect(refusal?.code == "champion_changed")
        }
      }
    }
  }

  @Test func whatCannotBeSaysWhy() {
    let registry = RegistryTests.registry([.champion, .champion, .rejected, .inconclusive])
    let cases: [(RunRequest.Kind, Int?, String, String)] = [
      (.promote, 2, "impossible_change", "version 2 is the champion already"),
      (.promote, 9, "unknown_version", "there is no version 9; the newest is version 4"),
      (.promote, nil, "unknown_version", "no version is named"),
      (.reject, 1, "impossible_change", "version 1 is retired"), (.reject, 3, "impossible_change", "is rejected"),
      (.reject, 2, "impossible_change", "a champion is rolled back"),
      (.rollback, 2, "impossible_change", "version 2 is the champion itself"),
      (.rollback, 4, "impossible_change", "version 4 never was champion"),
      (.rollback, 9, "unknown_version", "there is no version 9"),
    ]
    for (kind, version, code, reason) in cases {
      let refusal = Self.refusal(registry, Self.request(kind, version, champion: 2))
      #expect(
        refusal?.code == code && refusal?.reason.contains(reason) == true, "\(kind) \(version ?? 0): \(refusal as Any)")
    }
    let none = Self.refusal(Registry(), Self.request(.rollback, champion: nil))
    #expect(none?.reason == "there is no champion to roll back")
    let first = Self.refusal(RegistryTests.registry([.champion]), Self.request(.rollback, champion: 1))
    #expect(first?.reason.contains("no version was champion before version 1") == true)
    var bare = Registry()
    _ = bare.enter(
      Registry.Version(
        version: 1, status: .rejected, artifact: "", trainedRows: 0, from: 0, before: 1, parent: nil))
    #expect(Self.refusal(bare, Self.request(.promote, 1, champion: nil))?.reason == "version 1 has no artifact")
  }

  /// Each step back goes behind the one before, past what was rolled back.
  @Test func rollingBackAgainGoesFurtherBack() throws {
    var registry = RegistryTests.registry([.champion, .champion, .rejected, .champion])
    for (champion, target) in [(4, 2), (2, 1)] {
      let changes = try registry.changes(for: Self.request(.rollback, champion: champion))
      #expect(changes.map(\.version) == [champion, target])
      #expect(changes.map(\.status) == [.rolledBack, .champion])
      for change in changes { registry.move(change.version, to: change.status) }
    }
    #expect(Self.refusal(registry, Self.request(.rollback, champion: 1))?.code == "impossible_change")
    // What was rolled back may come again where a person says so.
    #expect(try registry.changes(for: Self.request(.rollback, 4, champion: 1)).last?.version == 4)
    #expect(try registry.changes(for: Self.request(.promote, 4, champion: 1)).last?.version == 4)
  }

  @Test func aRunIsNoVersion() throws {
    let cancel = RunRequest(id: "q", model: "m", kind: .cancel, run: "r", who: "ada", reason: "", time: 0)
    #expect(try RegistryTests.registry([.champion]).changes(for: cancel).isEmpty)
  }

  private static func refusal(_ registry: Registry, _ request: RunRequest) -> Registry.Refusal? {
    do throws(Registry.Refusal) {
      _ = try registry.changes(for: request)
      return nil
    } catch {
      return error
    }
  }

  @Test func idsAreRememberedUpToALimitAndSurviveTheirBytes() throws {
    var ids = RecentIDs()
    func isNew(_ id: String) -> Bool { ids.insert(id) }
    let first = (0..<RecentIDs.remembered).map { isNew("\($0)") }
    #expect(first.allSatisfy { $0 })
    let then = ["0", "\(RecentIDs.remembered - 1)", "one more", "1", "0"].map(isNew)
    #expect(then == [false, false, true, false, true], "the oldest is forgotten")
    var writer = ByteWriter()
    ids.encode(into: &writer)
    var reader = ByteReader(writer.bytes)
    #expect(try RecentIDs(from: &reader) == ids)
    try reader.expectEnd()
  }
}
