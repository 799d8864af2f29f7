import ArgumentParser
import Recording

/// `old=new`: a topic goes under another name.
struct TopicRename: Equatable, ExpressibleByArgument {
  let old: String
  let new: String

  init?(argument: String) {
    let parts = argument.split(separator: "=", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
    (old, new) = (String(parts[0]), String(parts[1]))
  }
}

extension [TopicRename] {
  /// The name that each topic goes under.
  ///
  /// - Throws: `CommandError` for a topic that is not there, or two that would go under one name.
  func names(of topics: RecordedTopics) throws(CommandError) -> [String: String] {
    var names = Dictionary(topics.topics.map { ($0.name, $0.name) }) { $1 }
    for rename in self {
      guard names[rename.old] != nil else {
        throw CommandError(
          "there is no topic \"\(rename.old)\" to go under another name", at: "--topic",
          remedy: "there are \(topics.topics.map(\.name).joined(separator: ", "))")
      }
      names[rename.old] = rename.new
    }
    let taken = Dictionary(grouping: names.sorted { $0.key < $1.key }) { $0.value }.filter { $0.value.count > 1 }
    if let (name, olds) = taken.min(by: { $0.key < $1.key }) {
      throw CommandError("\(olds.map(\.key).joined(separator: " and ")) would both go under \"\(name)\"", at: "--topic")
    }
    return names
  }
}
