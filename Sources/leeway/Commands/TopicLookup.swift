import Log

extension [TopicSpec] {
  /// The topic that a person means: by its name without the prefix, else by its whole name.
  func find(_ name: String, prefix: String, log: String) throws(CommandError) -> TopicSpec {
    if let spec = first(where: { $0.name == prefix + name }) ?? first(where: { $0.name == name }) { return spec }
    let nearest = Spelling.nearest(to: name, among: map { String($0.name.trimming(prefix: prefix)) })
    let list = isEmpty ? "the log has none: leeway topics create" : "list them with: leeway topics list"
    throw CommandError(
      "there is no topic \"\(prefix + name)\"", at: log, remedy: nearest.map { "did you mean \"\($0)\"?" } ?? list)
  }
}

extension String {
  fileprivate func trimming(prefix: String) -> Substring {
    hasPrefix(prefix) ? dropFirst(prefix.count) : self[...]
  }
}
