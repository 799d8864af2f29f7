import Engine
import Events
import Log
import Testing

@testable import Simulation

/// The checkers have to notice what they are there for.
struct CheckTests {
  let configuration: EngineConfiguration
  let records: [TopicPartition: [StoredRecord]]

  init() throws {
    let plan = SimulationPlan(seed: 1, rows: 40)
    let world = try World(plan, mutation: nil, isTracing: false)
    world.live()
    world.settle()
    configuration = world.configuration
    var records: [TopicPartition: [StoredRecord]] = [:]
    for place in world.log.with({ $0.partitions.keys.sorted() }) { records[place] = world.log.history(of: place) }
    self.records = records
  }

  private func findings(_ records: [TopicPartition: [StoredRecord]]) -> [String] {
    let ledger = Ledger(records, configuration)
    return JoinCheck(ledger).findings() + ModelCheck(ledger: ledger).findings()
  }

  @Test func whatIsRightIsRight() { #expect(findings(records).isEmpty) }

  /// Any record of these that is lost or comes twice; the imported rows and the first trigger are input.
  @Test(arguments: [Topic.examples, .deadletters, .runs, .models]) func nothingMayBeLostOrComeTwice(topic: Topic) {
    for (place, stored) in records.sorted(by: { $0.key < $1.key }) where place.topic == topic.rawValue {
      for index in stored.indices {
        let source = stored[index].record.header("ce_source")
        guard let source, source != "leeway/trainer" else { continue }
        var changed = records
        changed[place]?.remove(at: index)
        #expect(!findings(changed).isEmpty, "\(place), record \(index) lost")
        changed = records
        changed[place]?.insert(stored[index], at: index)
        #expect(!findings(changed).isEmpty, "\(place), record \(index) twice")
      }
    }
  }

  @Test func rowsAreCountedInSummaries() {
    var seen = 0
    for (place, stored) in records where place.topic == Topic.summaries.rawValue {
      for index in stored.indices {
        guard case .pane(var pane)? = try? SummaryRecord.decode(value: stored[index].record.value) else { continue }
        pane.rows += 1
        var record = stored[index].record
        record.value = SummaryRecord.pane(pane).encoded()[...]
        var changed = records
        changed[place]?[index] = StoredRecord(offset: stored[index].offset, record: record)
        #expect(!findings(changed).isEmpty)
        seen += 1
      }
    }
    #expect(seen > 3)
  }

  @Test func examplesHaveTheirOrder() {
    for partition in 0..<configuration.inputPartitions {
      let place = TopicPartition(Topic.examples.rawValue, partition)
      var changed = records
      let count = changed[place]?.count ?? 0
      guard count > 2 else { continue }
      changed[place]?.swapAt(count - 1, count - 2)
      #expect(!findings(changed).isEmpty)
    }
  }
}
