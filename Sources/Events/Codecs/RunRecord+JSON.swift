public import Bytes

extension RunRecord: EventRecord {
  private enum Kind: String, CaseIterable {
    case started, finished, requested
  }

  public static func decode(_ bytes: ByteSlice) throws(EventError) -> RunRecord {
    try JSON.read(bytes) { (json) throws(EventError) in
      switch try json.need("kind").word(Kind.self) {
      case .started: .started(try RunStarted(from: json))
      case .finished: .finished(try RunFinished(from: json))
      case .requested: .requested(try RunRequest(from: json))
      }
    }
  }

  public func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      switch self {
      case .started(let started):
        writer.field("kind", Kind.started.rawValue)
        started.encodeFields(to: &writer)
      case .finished(let finished):
        writer.field("kind", Kind.finished.rawValue)
        finished.encodeFields(to: &writer)
      case .requested(let request):
        writer.field("kind", Kind.requested.rawValue)
        request.encodeFields(to: &writer)
      }
    }
  }
}

extension RunStarted {
  fileprivate init(from json: JSON) throws(EventError) {
    self.init(
      run: try json.need("run").identifier(), model: try json.need("model").identifier(),
      time: try json.need("time").integer(), version: try json.need("version").version(),
      parent: try json["parent"]?.version(), parentArtifact: try json["parent_artifact"]?.text(),
      champion: try json["champion"].map(NamedVersion.init(from:)),
      fallback: try json["fallback"].map(NamedVersion.init(from:)), contest: try json["contest"]?.identifier(),
      family: try json.need("family").text(), seed: try json.need("seed").unsigned(),
      rows: try RowSet(from: try json.need("rows")), referenceFrom: try json["reference_from"]?.integer(),
      onset: try json["onset"]?.integer(), holdout: try Self.holdout(json.need("holdout")))
  }

  /// Whoever holds rows out counts them by it.
  private static func holdout(_ json: JSON) throws(EventError) -> Double {
    let share = try json.number()
    guard share > 0, share < 1 else {
      throw EventError(.outOfRange, at: json.position, "\(share), a share above 0 and below 1 expected")
    }
    return share
  }

  fileprivate func encodeFields(to writer: inout JSONWriter) {
    writer.field("run", run)
    writer.field("model", model)
    writer.field("time", time)
    writer.field("version", version)
    writer.field("parent", parent)
    writer.field("parent_artifact", parentArtifact)
    writer.versionName("champion", champion)
    writer.versionName("fallback", fallback)
    writer.field("contest", contest)
    writer.field("family", family)
    writer.field("seed", seed)
    writer.name("rows")
    rows.encode(to: &writer)
    writer.field("reference_from", referenceFrom)
    writer.field("onset", onset)
    writer.field("holdout", holdout)
  }
}

extension NamedVersion {
  fileprivate init(from json: JSON) throws(EventError) {
    self.init(version: try json.need("version").version(), artifact: try json.need("artifact").identifier())
  }
}

extension JSONWriter {
  fileprivate mutating func versionName(_ name: StaticString, _ named: NamedVersion?) {
    guard let named else { return }
    self.name(name)
    object { writer in
      writer.field("version", named.version)
      writer.field("artifact", named.artifact)
    }
  }
}

extension RunFinished {
  fileprivate init(from json: JSON) throws(EventError) {
    self.init(
      run: try json.need("run").identifier(), model: try json.need("model").identifier(),
      version: try json.need("version").version(), failure: try json["failure"]?.text(),
      seconds: try json.need("seconds").figure(), result: try json["result"].map(RunResult.init(from:)))
  }

  fileprivate func encodeFields(to writer: inout JSONWriter) {
    writer.field("run", run)
    writer.field("model", model)
    writer.field("version", version)
    writer.field("failure", failure)
    writer.field("seconds", seconds)
    if let result {
      writer.name("result")
      result.encode(to: &writer)
    }
  }
}

extension RunResult {
  fileprivate init(from json: JSON) throws(EventError) {
    self.init(
      artifact: try json.need("artifact").identifier(), artifactBytes: try json.need("artifact_bytes").count(),
      trainedRows: try json.need("trained_rows").count(), validatedRows: try json.need("validated_rows").count(),
      refusedRows: try json.need("refused_rows").count(), learned: try RowSet(from: try json.need("learned")),
      validated: try RowSet(from: try json.need("validated")), rowsHash: try json.need("rows_hash").text(),
      challenger: try MetricsRecord(from: try json.need("challenger")),
      champion: try json["champion"].map(MetricsRecord.init(from:)),
      difference: try MomentsRecord(json["difference"]), gate: try GateRecord(from: try json.need("gate")),
      contest: try json["contest"]?.identifier(),
      reference: try ReferenceRecord(from: try json.need("reference")),
      unpairedRows: try json["unpaired_rows"]?.count(),
      reported: try json["reported"].map { (json) throws(EventError) in try ReportedFigure.list(from: json) } ?? [])
  }

  fileprivate func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("artifact", artifact)
      writer.field("artifact_bytes", artifactBytes)
      writer.field("trained_rows", trainedRows)
      writer.field("validated_rows", validatedRows)
      writer.field("refused_rows", refusedRows)
      writer.name("learned")
      learned.encode(to: &writer)
      writer.name("validated")
      validated.encode(to: &writer)
      writer.field("rows_hash", rowsHash)
      writer.metrics("challenger", challenger)
      writer.metrics("champion", champion)
      writer.moments("difference", difference)
      writer.name("gate")
      gate.encode(to: &writer)
      writer.field("contest", contest)
      writer.name("reference")
      reference.encode(to: &writer)
      writer.field("unpaired_rows", unpairedRows)
      guard !reported.isEmpty else { return }
      writer.name("reported")
      writer.object { writer in
        for figure in reported {
          writer.name(text: figure.name)
          writer.value(figure.value)
        }
      }
    }
  }
}

extension ReportedFigure {
  /// The members of an object of numbers, in its order.
  public static func list(from json: JSON) throws(EventError) -> [ReportedFigure] {
    var figures: [ReportedFigure] = []
    for member in try json.members() {
      figures.append(ReportedFigure(name: member.name, value: try member.value.number()))
    }
    return figures
  }
}

extension MetricsRecord {
  init(from json: JSON) throws(EventError) {
    self.init(
      rows: try json.need("rows").count(), loss: try json.need("loss").figure(),
      accuracy: try json["accuracy"]?.number(), logLoss: try json["log_loss"]?.number(),
      auc: try json["auc"]?.number(), mae: try json["mae"]?.number(), rmse: try json["rmse"]?.number())
  }
}

extension JSONWriter {
  /// The field as records have it; nothing for `nil`.
  public mutating func metrics(_ name: StaticString, _ metrics: MetricsRecord?) {
    guard let metrics else { return }
    self.name(name)
    object { writer in
      writer.field("rows", metrics.rows)
      writer.field("loss", metrics.loss)
      writer.field("accuracy", metrics.accuracy)
      writer.field("log_loss", metrics.logLoss)
      writer.field("auc", metrics.auc)
      writer.field("mae", metrics.mae)
      writer.field("rmse", metrics.rmse)
    }
  }
}
