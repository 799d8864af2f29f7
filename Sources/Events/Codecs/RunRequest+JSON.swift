extension RunRequest {
  init(from json: JSON) throws(EventError) {
    let kind = try json.need("request").word(Kind.self)
    self.init(
      id: try json.need("id").identifier(), model: try json.need("model").identifier(), kind: kind,
      version: try [.promote, .reject].contains(kind) ? json.need("version").version() : json["version"]?.version(),
      run: try kind == .cancel ? json.need("run").identifier() : json["run"]?.identifier(),
      champion: try json["champion"]?.version(), who: try json.need("who").identifier(),
      reason: try json.need("reason").text(), time: try json.need("time").integer())
  }

  func encodeFields(to writer: inout JSONWriter) {
    writer.field("id", id)
    writer.field("model", model)
    writer.field("request", kind.rawValue)
    writer.field("version", version)
    writer.field("run", run)
    writer.field("champion", champion)
    writer.field("who", who)
    writer.field("reason", reason)
    writer.field("time", time)
  }
}
