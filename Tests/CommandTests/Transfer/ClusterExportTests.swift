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

  /// A folder with the configuration of a cluster that holds so many records in one partition.
  private func place(_ count: Int) throws -> (Depot, MockCluster) {
    let (depot, cluster) = (try Depot(), try MockCluster())
    try depot.folder.write("kafka.yaml", "log:\n  kafka:\n    servers: \(cluster.servers)\n")
    try cluster.createTopic("labels", partitions: 1)
    let producer = try KafkaLog(KafkaOptions(servers: cluster.servers)).makeProducer(id: nil)
    defer { producer.close() }
    let records = (0..<count).map { Record(timestamp: 1_762_345_600_000 + Int64($0), value: Array("\($0)".utf8)[...]) }
    try producer.append([AppendBatch(TopicPartition("labels", 0), records)])
    return (depot, cluster)
  }

  @Test("A signal ends a replay whose cluster has gone, and the same command goes on when it is back")
  func goneInAReplay() throws {
    let (depot, cluster) = try place(5_000)
    let command = ["replay", "labels", "--config", "kafka.yaml", "--into", "b.db"]
    let child = try Child(command + ["--rate", "1000"], in: depot.folder.path)
    try wait(for: "the first records", within: 30) {
      guard FileManager.default.fileExists(atPath: depot.folder.file("b.db")) else { return false }
      let log = try depot.log("b.db")
      return try log.partitions(of: "labels") != nil
        && log.makeReader().bounds(of: TopicPartition("labels", 0)).upperBound > 0
    }
    cluster.setUp(false)
    try wait(for: "a word on the cluster", within: 30) { child.errors.contains("waiting for Kafka") }
    child.terminate()
    let ended = try child.end(within: 20)
    #expect(ended.status == 1 && ended.errors.contains("the same command goes on from there"), "\(ended)")
    cluster.setUp(true)
    let rest = try Child(command, in: depot.folder.path).end(within: 60)
    #expect(rest.status == 0, "\(rest)")
    let reader = try depot.log("b.db").makeReader()
    var texts: [String] = []
    try reader.each(of: TopicPartition("labels", 0)) { stored in
      texts.append(String(decoding: stored.record.value ?? [], as: UTF8.self))
    }
    #expect(texts == (0..<5_000).map { "\($0)" })
  }

  @Test("Nothing is left of an export that is stopped while its cluster is gone", arguments: [1, 2])
  func goneInAnExport(signals: Int) throws {
    let (depot, cluster) = try place(5_000)
    // Of more than one read.
    cluster.setDelay(milliseconds: 300)
    let child = try Child(
      ["export", "labels", "--config", "kafka.yaml", "--out", "a.lwr"], in: depot.folder.path)
    let part = depot.folder.file("a.lwr.part")
    try wait(for: "the file", within: 30) { FileManager.default.fileExists(atPath: part) }
    cluster.setUp(false)
    for _ in 0..<signals {
      child.terminate()
      Thread.sleep(forTimeInterval: 0.5)
    }
    let ended = try child.end(within: 20)
    #expect(ended.status == (signals == 1 ? 1 : 128 + SIGTERM), "\(ended)")
    #expect(signals == 2 || ended.errors.contains("nothing is left of it"), "\(ended)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: depot.folder.path) == ["kafka.yaml"])
  }
}
