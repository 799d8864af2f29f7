import Dispatch
import Synchronization

/// The results of `count` independent pieces of work, on all cores.
func parallel<T: Sendable>(_ count: Int, _ work: @Sendable (Int) -> T) -> [T] {
  let results = Mutex<[Int: T]>([:])
  DispatchQueue.concurrentPerform(iterations: count) { index in
    let result = work(index)
    results.withLock { $0[index] = result }
  }
  return results.withLock { found in (0..<count).compactMap { found[$0] } }
}
