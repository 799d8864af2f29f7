import Engine
import Events
import Log
import Synchronization

/// Writes what came of runs, from whatever thread each has.
///
/// Each partition of the topic `runs` has a producer with a name, made before a run begins, so that a newcomer to the
/// partition puts an end to the reports of all runs that were begun before. Those of one partition wait for each other.
final class RunReporter: Sendable {
  private struct Place {
    var producer: (any LogProducer)?
    /// Runs that were begun and not ended.
    var begun: Set<String> = []
  }

  private final class Partition: Sendable {
    let place = Mutex(Place())
  }

  private let log: any Log
  private let configuration: EngineConfiguration
  private let partitions: [Partition]

  init(log: any Log, configuration: EngineConfiguration) {
    self.log = log
    self.configuration = configuration
    partitions = (0..<configuration.partitions(of: .runs)).map { _ in Partition() }
  }

  /// To be called before the work on a run begins.
  func begin(_ run: RunStarted) throws(LogError) {
    let partition = partition(of: run)
    try partitions[partition].place.withLock { place throws(LogError) in
      try connect(&place, partition)
      place.begun.insert(run.run)
    }
  }

  /// The work on a run has ended without an outcome.
  func end(_ run: RunStarted) {
    partitions[partition(of: run)].place.withLock { _ = $0.begun.remove(run.run) }
  }

  /// - Returns: whether it is written; no run that was begun in its partition may be reported where it is not.
  /// - Throws: any other error. Before another try the caller makes sure that the run is still this process's: a writer
  ///   that is made anew puts an end to a newcomer's.
  func write(_ report: RunReport, of run: RunStarted) throws(LogError) -> Bool {
    let partition = partition(of: run)
    return try partitions[partition].place.withLock { place throws(LogError) in
      guard place.begun.contains(run.run) else { return false }
      try connect(&place, partition)
      do throws(LogError) {
        _ = try place.producer?.append(report.batches(configuration))
      } catch {
        place.producer?.close()
        place.producer = nil
        guard error.code == .fenced else { throw error }
        place.begun = []
        return false
      }
      place.begun.remove(run.run)
      return true
    }
  }

  func close() {
    for partition in partitions {
      partition.place.withLock { place in
        place.producer?.close()
        place.producer = nil
      }
    }
  }

  private func partition(of run: RunStarted) -> Int {
    RunReport.place(of: run.model, configuration).partition
  }

  private func connect(_ place: inout Place, _ partition: Int) throws(LogError) {
    guard place.producer == nil else { return }
    place.producer = try log.makeProducer(id: "\(configuration.names.prefix)runs-\(partition)")
  }
}
