/// Why a command failed, for the person who typed it: what was wrong, where, and what to do.
struct CommandError: Error, Equatable, CustomStringConvertible {
  /// A file and line, a topic and partition, or an argument; `nil` where the problem names it.
  let place: String?
  let problem: String
  let remedy: String?
  /// The caller has already reported the details: only the exit status is left to say.
  let isReported: Bool

  init(_ problem: String, at place: String? = nil, remedy: String? = nil, isReported: Bool = false) {
    self.problem = problem
    self.place = place
    self.remedy = remedy
    self.isReported = isReported
  }

  var description: String {
    let located = place.map { "\($0): \(problem)" } ?? problem
    return remedy.map { "\(located); \($0)" } ?? located
  }
}
