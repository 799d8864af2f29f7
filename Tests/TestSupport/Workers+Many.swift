import Dispatch
public import Parallel

extension Workers {
  /// Several threads, the last piece first.
  public static let many = Workers(
    each: { count, piece in DispatchQueue.concurrentPerform(iterations: count) { piece(count - 1 - $0) } },
    begin: { work in
      let group = DispatchGroup()
      DispatchQueue.global().async(group: group, execute: work)
      return { group.wait() }
    })
}
