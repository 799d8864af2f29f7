import Dispatch
import Simulation
import Synchronization

/// Runs simulations of many seeds, as many at once as there are cores.
struct SeedRun {
  let rows: Int
  let mutation: Mutation?
  /// Seeds with findings after which no more are tried.
  let enough: Int
  /// Called with how many are done, now and then.
  let progress: @Sendable (Int) -> Void

  struct Outcome {
    var tried = 0
    /// By seed.
    var failed: [(seed: UInt64, findings: [String])] = []
  }

  private static let block: UInt64 = 25

  func run(_ seeds: ClosedRange<UInt64>) -> Outcome {
    let starts = Array(stride(from: seeds.lowerBound, through: seeds.upperBound, by: UInt64.Stride(Self.block)))
    let outcome = Mutex(Outcome())
    DispatchQueue.concurrentPerform(iterations: starts.count) { index in
      guard outcome.withLock({ $0.failed.count < enough }) else { return }
      for seed in starts[index]...min(starts[index] + (Self.block - 1), seeds.upperBound) {
        let findings = Simulation(seed: seed, rows: rows, mutation: mutation).findings
        let tried = outcome.withLock { outcome in
          outcome.tried += 1
          if !findings.isEmpty { outcome.failed.append((seed, findings)) }
          return outcome.tried
        }
        if tried.isMultiple(of: 250) { progress(tried) }
      }
    }
    return outcome.withLock { outcome in
      outcome.failed.sort { $0.seed < $1.seed }
      return outcome
    }
  }
}
