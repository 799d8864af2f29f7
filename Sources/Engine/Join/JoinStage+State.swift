public import Bytes
public import Events
import Sketches
import Windows

extension JoinStage {
  public func encodeState(into writer: inout ByteWriter) {
    writer.append(signed: merge.now)
    writer.append(signed: tick)
    writer.append(signed: resolved)
    writer.append(counts.all) { $1.encode(into: &$0) }
    join.encode(into: &writer, models)
    features.encode(into: &writer)
    summarize.encode(into: &writer)
  }

  public mutating func restoreState(from reader: inout ByteReader) throws(ByteError) {
    let now = try reader.signed()
    tick = try reader.signed()
    resolved = try reader.signed()
    counts.removeAll()
    for _ in 0..<(try reader.count()) {
      let count = try ModelCounts(from: &reader)
      counts.restore(count, model: models.number(of: count.model))
    }
    try join.restore(from: &reader, &models)
    try features.restore(from: &reader)
    try summarize.restore(from: &reader, closedUpTo: closedUpTo)
    merge.start(at: lanes.map { _ in 0 }, watermarks: 0, now: now)
  }

  public mutating func start(at positions: [Topic: Int64]) {
    merge.start(
      at: lanes.map { positions[$0, default: 0] }, watermarks: positions[.watermarks, default: 0], now: merge.now)
  }
}

extension ModelCounts {
  fileprivate func encode(into writer: inout ByteWriter) {
    writer.append(model)
    for count in [predictions, examples, duplicatePredictions, duplicateLabels, orphanLabels, expired, late] {
      writer.append(count: count)
    }
  }

  fileprivate init(from reader: inout ByteReader) throws(ByteError) {
    self.init(
      model: try reader.string(), predictions: try reader.rows(), examples: try reader.rows(),
      duplicatePredictions: try reader.rows(), duplicateLabels: try reader.rows(),
      orphanLabels: try reader.rows(), expired: try reader.rows(), late: try reader.rows())
  }
}

extension Summarize {
  func encode(into writer: inout ByteWriter) {
    writer.append(introduced.sorted()) { writer, name in
      writer.append(name.model)
      writer.append(count: name.version)
    }
    writer.append(scored.sorted { $0.key < $1.key }) { writer, item in
      item.key.encode(into: &writer)
      item.value.encode(into: &writer)
    }
    writer.append(stretches) { writer, stretches in
      writer.append(signed: stretches.length)
      stretches.encode(into: &writer) { writer, versions in
        writer.append(versions.sorted { $0.key < $1.key }) { writer, item in
          writer.append(item.key.model)
          writer.append(count: item.key.version)
          item.value.encode(into: &writer)
        }
      }
    }
    writer.append(judged.sorted { $0.key < $1.key }) { writer, item in
      item.key.encode(into: &writer)
      writer.append(count: item.value.rows)
      writer.append(item.value.lossBins) { $0.append(count: $1) }
      for moments in [item.value.loss, item.value.error, item.value.label] { moments.encode(into: &writer) }
      writer.append(count: item.value.expired)
    }
  }

  mutating func restore(from reader: inout ByteReader, closedUpTo: Milliseconds) throws(ByteError) {
    introduced = []
    for _ in 0..<(try reader.count()) {
      introduced.insert(VersionName(model: try reader.string(), version: try reader.index()))
    }
    scored = [:]
    moved()
    for _ in 0..<(try reader.count()) {
      let key = try PaneKey(from: &reader)
      scored[key] = try ScoredPane(from: &reader)
    }
    try restoreStretches(from: &reader, closedUpTo: closedUpTo)
    judged = [:]
    for _ in 0..<(try reader.count()) {
      let key = try PaneKey(from: &reader)
      judged[key] = Judged(
        rows: try reader.rows(), lossBins: try reader.array { reader throws(ByteError) in try reader.rows() },
        loss: try Moments(from: &reader), error: try Moments(from: &reader),
        label: try Moments(from: &reader), expired: try reader.rows())
    }
  }
}

extension ByteReader {
  /// A count of rows, so small that no stream makes it overflow.
  fileprivate mutating func rows() throws(ByteError) -> Int { try index(upTo: SketchLimits.count) }
}

extension Summarize {
  /// Those of another length than the configuration now asks for are let go, and the first of its own is whole.
  private mutating func restoreStretches(
    from reader: inout ByteReader, closedUpTo: Milliseconds
  ) throws(ByteError) {
    let restored = try reader.optional { reader throws(ByteError) in
      try OpenPanes(length: try reader.signed(), lateness: 0, from: &reader) { reader throws(ByteError) in
        var versions: [VersionName: RowDigest] = [:]
        for _ in 0..<(try reader.count()) {
          let name = VersionName(model: try reader.string(), version: try reader.index())
          versions[name] = try RowDigest(from: &reader)
        }
        return versions
      }
    }
    guard let configured = stretches else { return }
    if let restored, restored.length == configured.length {
      stretches = restored
    } else if configured.start(of: closedUpTo) < closedUpTo {
      _ = stretches?.advance(to: configured.start(of: closedUpTo).saturatingAdd(configured.length))
    }
  }
}

extension Summarize.PaneKey {
  fileprivate func encode(into writer: inout ByteWriter) {
    writer.append(signed: start)
    writer.append(model)
    writer.append(count: version)
  }

  fileprivate init(from reader: inout ByteReader) throws(ByteError) {
    self.init(start: try reader.signed(), model: try reader.string(), version: try reader.index())
  }
}
