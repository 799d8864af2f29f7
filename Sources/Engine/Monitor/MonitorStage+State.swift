public import Bytes
import Events
import Drift
import Sketches
import Windows

extension MonitorStage {
  public func encodeState(into writer: inout ByteWriter) {
    encode(passed, into: &writer)
    numbers.encode(into: &writer)
    writer.append(waiting) { writer, entry in
      writer.append(signed: entry.order)
      writer.append(entry.record.encoded())
    }
    var states = absent
    for model in models {
      var state = ByteWriter()
      model.encode(into: &state)
      states[model.configuration.name] = state.bytes[...]
    }
    writer.append(states.sorted { $0.key < $1.key }) { writer, state in
      writer.append(state.key)
      writer.append(state.value)
    }
  }

  /// What is known of models that the configuration no longer has is kept; new ones start empty.
  public mutating func restoreState(from reader: inout ByteReader) throws(ByteError) {
    passed = try decodeTimes(from: &reader)
    try numbers.restore(from: &reader)
    waiting = []
    for _ in 0..<(try reader.count()) {
      let order = try reader.signed()
      guard let record = try? SummaryRecord.decode(try reader.slice()) else {
        throw reader.failure("a summary in a snapshot")
      }
      waiting.append(Waiting(tick: record.tick, source: record.source, order: order, record: record))
    }
    for _ in 0..<(try reader.count()) {
      let name = try reader.string()
      let bytes = try reader.slice()
      guard let index = models.firstIndex(where: { $0.configuration.name == name }) else {
        absent[name] = bytes
        continue
      }
      var state = ByteReader(bytes)
      try models[index].restore(from: &state)
    }
  }

  private func encode(_ times: [Int: Milliseconds], into writer: inout ByteWriter) {
    writer.append(times.sorted { $0.key < $1.key }) { writer, item in
      writer.append(count: item.key)
      writer.append(signed: item.value)
    }
  }

  private func decodeTimes(from reader: inout ByteReader) throws(ByteError) -> [Int: Milliseconds] {
    var times: [Int: Milliseconds] = [:]
    for _ in 0..<(try reader.count()) { times[try reader.index()] = try reader.signed() }
    return times
  }
}

extension ModelMonitor {
  func encode(into writer: inout ByteWriter) {
    writer.append(versions) { writer, version in
      writer.append(count: version.number)
      writer.append(signed: version.published)
      writer.append(signed: version.windowEnd)
      version.reference.encode(into: &writer)
      version.window.encode(into: &writer) { writer, sketches in
        writer.append(sketches.columns) { $1.encode(into: &$0) }
      }
      version.detector.encode(into: &writer)
      writer.append(version.alarm) { $1.encode(into: &$0) }
    }
    for monitor in performance { monitor.encode(into: &writer) }
    for estimate in estimates { estimate.encode(into: &writer) }
    writer.append(unsettled) { $0.append(SummaryRecord.judged($1).encoded()) }
    policy.encode(into: &writer)
    writer.append(count: labels)
    writer.append(firstFresh) { $0.append(signed: $1) }
    writer.append(forgottenBefore) { $0.append(signed: $1) }
  }

  mutating func restore(from reader: inout ByteReader) throws(ByteError) {
    let monitor = configuration.monitor
    versions = []
    for _ in 0..<(try reader.count()) {
      let number = try reader.index()
      if let last = versions.last, last.number >= number { throw reader.failure("versions out of order") }
      let published = try reader.signed()
      let end = try reader.signed()
      let reference = try Reference(from: &reader)
      var version = VersionMonitor(
        number, published: published, reference: reference, configuration: monitor)
      version.windowEnd = end
      version.window = try SlidingWindow(span: version.window.span, from: &reader) { reader throws(ByteError) in
        try version.sketches(from: &reader)
      }
      version.detector = try ModelDetector(
        reference: reference, configuration: monitor.detector, from: &reader)
      version.alarm = try reader.optional { reader throws(ByteError) in try DriftAlarm(from: &reader) }
      versions.append(version)
    }
    for index in performance.indices {
      let (measure, settings) = (performance[index].measure, performance[index].configuration)
      performance[index] = try PerformanceMonitor(measure: measure, configuration: settings, from: &reader)
    }
    for index in estimates.indices {
      let (measure, length) = (estimates[index].measure, estimates[index].windowLength)
      estimates[index] = try EstimateMonitor(measure: measure, windowLength: length, from: &reader)
    }
    unsettled = []
    for _ in 0..<(try reader.count()) {
      guard case .judged(let pane)? = try? SummaryRecord.decode(try reader.slice()) else {
        throw reader.failure("a judged pane in a snapshot")
      }
      unsettled.append(pane)
    }
    policy = try TriggerPolicy(configuration: monitor.triggers, from: &reader)
    labels = try reader.index()
    firstFresh = try reader.array { reader throws(ByteError) in try reader.signed() }
    forgottenBefore = try reader.optional { reader throws(ByteError) in try reader.signed() }
  }
}
