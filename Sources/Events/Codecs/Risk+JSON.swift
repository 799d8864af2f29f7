extension RiskRecord {
  init(from json: JSON) throws(EventError) {
    self.init(
      measure: try json.need("measure").identifier(), basis: try json.need("basis").identifier(),
      since: try json.need("since").integer(), until: try json.need("until").integer(),
      rows: try json.need("rows").count(), mean: try json.need("mean").figure(),
      reference: try json.need("reference").figure(), excessLow: try json.need("excess_low").figure(),
      excessHigh: try json.need("excess_high").figure(), tolerance: try json.need("tolerance").figure(),
      verdict: try json.need("verdict").identifier())
  }

  func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("measure", measure)
      writer.field("basis", basis)
      writer.field("since", since)
      writer.field("until", until)
      writer.field("rows", rows)
      writer.field("mean", mean)
      writer.field("reference", reference)
      writer.field("excess_low", excessLow)
      writer.field("excess_high", excessHigh)
      writer.field("tolerance", tolerance)
      writer.field("verdict", verdict)
    }
  }
}

extension EstimateRecord {
  init(from json: JSON) throws(EventError) {
    self.init(
      measure: try json.need("measure").identifier(), windowStart: try json.need("window_start").integer(),
      windowEnd: try json.need("window_end").integer(), rows: try json.need("rows").count(),
      estimate: try json.need("estimate").figure(), matured: try json["matured"].map(Matured.init(from:)))
  }

  func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("measure", measure)
      writer.field("window_start", windowStart)
      writer.field("window_end", windowEnd)
      writer.field("rows", rows)
      writer.field("estimate", estimate)
      if let matured {
        writer.name("matured")
        matured.encode(to: &writer)
      }
    }
  }
}

extension EstimateRecord.Matured {
  fileprivate init(from json: JSON) throws(EventError) {
    self.init(
      windowStart: try json.need("window_start").integer(), windowEnd: try json.need("window_end").integer(),
      rows: try json.need("rows").count(), estimate: try json.need("estimate").figure(),
      actual: try json.need("actual").figure())
  }

  fileprivate func encode(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("window_start", windowStart)
      writer.field("window_end", windowEnd)
      writer.field("rows", rows)
      writer.field("estimate", estimate)
      writer.field("actual", actual)
    }
  }
}
