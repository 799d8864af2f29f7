import Bytes
import Events

/// The latest features of every entity, and as much of their past as an out-of-order prediction may ask for.
///
/// A value holds from its own time until a later one of the same name; a prediction sees the newest value whose time is
/// not after its own. Values older than the time to live are gone.
struct FeatureStore {
  private struct Version {
    let time: Milliseconds
    let value: FeatureValue
  }

  /// Per entity and feature name, in order of time.
  private var entities: [String: [String: [Version]]] = [:]
  private var swept = Milliseconds.min
  let timeToLive: Milliseconds

  init(timeToLive: Milliseconds) {
    self.timeToLive = timeToLive
  }

  mutating func update(_ update: FeatureUpdate, settledBefore: Milliseconds) {
    for feature in update.features {
      var versions = entities[update.entity]?[feature.name] ?? []
      let place = versions.firstIndex { $0.time > update.time } ?? versions.endIndex
      versions.insert(Version(time: update.time, value: feature.value), at: place)
      // No prediction earlier than `settledBefore` can still come: of the past only the newest value counts.
      if let newest = versions.lastIndex(where: { $0.time < settledBefore }), newest > 0 {
        versions.removeFirst(newest)
      }
      entities[update.entity, default: [:]][feature.name] = versions
    }
  }

  /// The entity's features as of `time`, in order of name, without those that `own` gives already.
  func features(of entity: String, at time: Milliseconds, beside own: [Feature]) -> [Feature] {
    guard let known = entities[entity] else { return [] }
    let given = Set(own.map(\.name))
    return known.keys.sorted().compactMap { name in
      guard !given.contains(name), let version = known[name]?.last(where: { $0.time <= time }) else { return nil }
      guard version.time.distanceNotBeyond(timeToLive, to: time) else { return nil }
      return Feature(name: name, value: version.value)
    }
  }

  /// Forgets what no prediction at or after `now` could see. Cheap: the whole store is looked through once per
  /// quarter of the time to live.
  mutating func sweep(now: Milliseconds) {
    guard !swept.distanceNotBeyond(timeToLive / 4, to: now) else { return }
    swept = now
    for (entity, features) in entities {
      let live = features.filter { $0.value.last?.time.distanceNotBeyond(timeToLive, to: now) ?? false }
      entities[entity] = live.isEmpty ? nil : live
    }
  }
}

extension Milliseconds {
  /// Whether `later` is at most `span` after this; overflow counts as beyond.
  @inline(__always)
  func distanceNotBeyond(_ span: Milliseconds, to later: Milliseconds) -> Bool {
    let (distance, overflow) = later.subtractingReportingOverflow(self)
    return !overflow && distance <= span
  }
}

extension FeatureStore {
  func encode(into writer: inout ByteWriter) {
    writer.append(signed: swept)
    writer.append(entities.keys.sorted()) { writer, entity in
      writer.append(entity)
      let features = entities[entity] ?? [:]
      writer.append(features.keys.sorted()) { writer, name in
        writer.append(name)
        writer.append(features[name] ?? []) { writer, version in
          writer.append(signed: version.time)
          version.value.encode(into: &writer)
        }
      }
    }
  }

  mutating func restore(from reader: inout ByteReader) throws(ByteError) {
    swept = try reader.signed()
    entities = [:]
    for _ in 0..<(try reader.count()) {
      let entity = try reader.string()
      for _ in 0..<(try reader.count()) {
        let name = try reader.string()
        entities[entity, default: [:]][name] = try reader.array { reader throws(ByteError) in
          Version(time: try reader.signed(), value: try FeatureValue(from: &reader))
        }
      }
    }
  }
}
