import Dispatch
import Parallel

extension Workers {
  /// The threads of this machine's cores, the caller's among them.
  static let cores = Workers(
    each: { count, piece in DispatchQueue.concurrentPerform(iterations: count, execute: piece) },
    begin: { work in
      let group = DispatchGroup()
      DispatchQueue.global().async(group: group, execute: work)
      return { group.wait() }
    })
}
