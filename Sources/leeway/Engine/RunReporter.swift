import Engine
import Events
import Log

/// Writes what came of runs. Belongs to one thread.
///
/// Each partition of the topic `runs` has a producer with a name, made before a run begins, so that a newcomer to the
/// partition puts an end to the reports of all runs that were begun before.
struct RunReporter {
  private let log: any Log
  private let configuration: EngineConfiguration
  private var producers: [Int: any LogProducer] = [:]
  /// Runs that were begun and not ended, by partition.
  private var begun: [Int: Set<String>] = [:]

  init(log: any Log, configuration: EngineConfiguration) {
    self.log = log
    self.configuration = configuration
  }

  /// To be called before the work on a run begins.
  mutating func begin(_ run: RunStarted) throws(LogError) {
    let partition = partition(of: run)
    _ = try producer(partition)
    begun[partition, default: []].insert(run.run)
  }

  /// The work on a run has ended without an outcome.
  mutating func end(_ run: RunStarted) {
    begun[partition(of: run)]?.remove(run.run)
  }

  /// - Returns: whether it is written; no run that was begun in its partition may be reported where it is not.
  /// - Throws: any other error, after which it may be tried again.
  mutating func write(_ report: RunReport, of run: RunStarted) throws(LogError) -> Bool {
    let partition = partition(of: run)
    guard begun[partition]?.contains(run.run) == true else { return false }
    do throws(LogError) {
      try producer(partition).append(report.batches(configuration))
    } catch {
      producers[partition] = nil
      guard error.code == .fenced else { throw error }
      begun[partition] = nil
      return false
    }
    end(run)
    return true
  }

  func close() {
    for producer in producers.values { producer.close() }
  }

  private func partition(of run: RunStarted) -> Int {
    RunReport.place(of: run.model, configuration).partition
  }

  private mutating func producer(_ partition: Int) throws(LogError) -> any LogProducer {
    if let producer = producers[partition] { return producer }
    let producer = try log.makeProducer(id: "\(configuration.names.prefix)runs-\(partition)")
    producers[partition] = producer
    return producer
  }
}
