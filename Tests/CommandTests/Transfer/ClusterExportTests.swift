import EventLog
import Foundation
import KafkaMock
import Log
import Recording
import TestSupport
import Testing

@testable import leeway

/// Against librdkafka's mock cluster, which creates and describes no topics and finds nothing by time.
@Suite("Export from a cluster")
struct ClusterExportTests {
  @Test("A cluster's topics are exported by offsets, and their import holds the same records")
  func exported() throws {
    let cluster = try MockCluster()
    let depot = try Depot()
    try depot.folder.write("kafka.yaml", "log:\n  kafka:\n    servers: \(cluster.servers)\n")
    let log = try KafkaLog(KafkaOptions(servers: cluster.servers))
    for topic in Depot.topics { try cluster.createTopic(topic, partitions: 2) }
    let own = try depot.log()
    try Depot.fill(own, 300)
    let producer = try log.makeProducer(id: nil)
    for (index, records) in try Depot.contents(of: own).enumerated() {
      try producer.append([AppendBatch(TopicPartition(Depot.topics[index / 2], index % 2), records)])
    }
    producer.close()
    let whole = try depot.leeway("export", "predictions", "labels", "--config", "kafka.yaml", "--out", "a.lwr")
    #expect(whole.status == 0 && whole.output.hasPrefix("300 records of labels, predictions"), "\(whole)")
    let range = try depot.leeway(
      "export", "labels", "--config", "kafka.yaml", "--out", "b.lwr", "--from", "10", "--to", "12", "--json")
    #expect(range.status == 0 && range.output.contains(#""records":4,"#), "\(range)")
    #expect(try depot.leeway("import", "a.lwr", "--log", "b.db").status == 0)
    #expect(try Depot.contents(of: depot.log("b.db")) == Depot.contents(of: own))
    let beyond = try depot.leeway("export", "labels", "--config", "kafka.yaml", "--out", "c.lwr", "--to", "5000")
    #expect(beyond.status == 1 && beyond.errors.contains("ends at offset"), "\(beyond)")
  }
}
