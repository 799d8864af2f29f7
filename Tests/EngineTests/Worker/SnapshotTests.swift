import Bytes
import EventLog
import Events
import Log
import Models
import Synchronization
import Testing

@testable import Engine

/// When snapshots are written, how large a commit they make, and which one is found again.
struct SnapshotTests {
  static func configuration(partitions: Int) -> EngineConfiguration {
    EngineConfiguration(
      inputPartitions: partitions,
      intake: IntakeConfiguration(
        pane: 1_000, lateness: 0, labelHorizon: 10_000, futureSlack: 60_000, featuresTopic: false),
      models: [ModelConfiguration(name: "m", task: .binary)])
  }

  static let eager = WorkerSettings(snapshotCommits: 1, snapshotBytesPerRecord: .max)

  /// Reasons of the letters: how many records the partition had taken at each.
  static func seen(_ log: TestLog, _ partition: Int = 0) throws -> [String] {
    try log.read(.deadletters, as: DeadLetter.self).filter { $0.partition == partition }.map(\.reason)
  }

  @Test func onePartitionAtATime() throws {
    let test = try TestLog(Self.configuration(partitions: 3))
    let log = WatchedLog(test.log)
    let worker = try log.worker(test.configuration, Self.eager)
    var saved: [Set<Int>] = []
    for round in 0..<4 {
      for partition in 0..<3 {
        try test.append(.predictions, partition, [text("go", at: Int64(10 * round + partition))])
      }
      try worker.exhaust()
      let commits = log.takeCommits()
      #expect(commits.allSatisfy { $0.outputs == [0, 1, 2] && $0.snapshots.count <= 1 })
      saved += commits.map(\.snapshots)
      // Partition 2 is saved in the third round, when partition 0 was saved in the first.
      #expect(worker.savedTime == [nil, nil, 0, 11][round])
    }
    #expect(saved == [[0], [1], [2], [0]])
    try worker.close()
    #expect(log.takeCommits().map(\.snapshots) == [[1], [2]])
  }

  /// What has not been told for a while a cluster forgets.
  @Test func offsetsThatStandStillAreToldWithSnapshots() throws {
    let test = try TestLog(Self.configuration(partitions: 1))
    let log = WatchedLog(test.log)
    let worker = try Worker(log: log, configuration: test.configuration, settings: WorkerSettings(snapshotCommits: 3)) {
      partition, reader in
      JoinStage(
        partition: partition, configuration: test.configuration,
        versions: LogVersionDirectory(reader: reader, configuration: test.configuration), firstFreeNumber: 0)
    }
    try test.append(.labels, 0, [text("x", at: 0)])
    try BadInputTests.settle(worker, at: 1)
    _ = log.takeCommits()
    for time in 2..<10 {
      try test.append(.predictions, 0, [text("x", at: Int64(time))])
      try BadInputTests.settle(worker, at: Int64(time))
    }
    let commits = log.takeCommits()
    let labels = TopicPartition("labels", 0)
    #expect(commits.contains { $0.snapshots == [0] } && commits.contains { $0.snapshots.isEmpty })
    for commit in commits { #expect(commit.offsets[labels] == (commit.snapshots.isEmpty ? nil : 1)) }
  }

  /// What was committed stays so, however far back a snapshot is that a replay brings.
  @Test func toldOffsetsNeverFallBehindTheCommit() throws {
    let test = try TestLog(Self.configuration(partitions: 1))
    let log = WatchedLog(test.log)
    let settings = WorkerSettings(pollRecords: 1, commitRecords: 1, snapshotCommits: 1_000)
    var worker: Worker<ProbeStage>? = try log.worker(test.configuration, settings)
    log.notes.withLock { $0.limit = 3_000 }
    for (time, command) in ["go", "size 5000", "save", "go"].enumerated() {
      try test.append(.predictions, 0, [text(command, at: Int64(time))])
      try worker?.exhaust()
    }
    let place = TopicPartition("predictions", 0)
    #expect(log.takeCommits().map { $0.offsets[place] } == [1, 2, 3, 4])
    worker = nil
    log.notes.withLock { $0.limit = .max }
    worker = try log.worker(test.configuration, settings)
    try worker?.exhaust()
    let repeated = log.takeCommits()
    #expect(repeated.map(\.snapshots) == [[0]] && repeated.map { $0.offsets[place] } == [4])
    try test.append(.predictions, 0, [text("go", at: 9)])
    try worker?.exhaust()
    #expect(log.takeCommits().map { $0.offsets[place] } == [5])
    #expect(try Self.seen(test) == ["1", "2", "3", "4", "5"])
  }

  /// Each goes with the outputs that it belongs to.
  @Test func demandedSnapshotsAreNotPutOff() throws {
    let test = try TestLog(Self.configuration(partitions: 4))
    let log = WatchedLog(test.log)
    let worker = try log.worker(test.configuration, WorkerSettings(snapshotCommits: 1_000))
    for partition in 0..<4 { try test.append(.predictions, partition, [text("go", at: 0)]) }
    try worker.exhaust()
    _ = log.takeCommits()
    for partition in 0..<4 {
      try test.append(.predictions, partition, [text([1, 3].contains(partition) ? "save" : "go", at: 1)])
    }
    try worker.exhaust()
    let commits = log.takeCommits()
    #expect(commits.allSatisfy { $0.snapshots.count == 1 && $0.snapshots.isSubset(of: $0.outputs) })
    #expect(commits.flatMap(\.snapshots).sorted() == [1, 3])
    #expect(commits.flatMap(\.outputs).sorted() == [0, 1, 2, 3])
  }

  @Test func largeStatesAreSavedLessOften() throws {
    let test = try TestLog(Self.configuration(partitions: 1))
    let log = WatchedLog(test.log)
    let settings = WorkerSettings(snapshotCommits: 2, snapshotBytesPerRecord: 64)
    let worker = try log.worker(test.configuration, settings)
    try test.append(.predictions, 0, [text("size 1280", at: 0)])
    try worker.exhaust()
    #expect(log.takeCommits().map(\.snapshots) == [[0]])
    var pause = 0
    for record in 1...30 {
      try test.append(.predictions, 0, [text("go", at: Int64(record))])
      try worker.exhaust()
      if log.takeCommits().contains(where: { !$0.snapshots.isEmpty }) { break }
      pause += 1
    }
    #expect(pause == 19)
  }

  /// A group's offsets can go while nobody is at work. The outputs say what has been written.
  @Test(arguments: 0..<12) func offsetsAreForgotten(records: Int) throws {
    let test = try TestLog(Self.configuration(partitions: 1))
    let log = WatchedLog(test.log)
    let settings = WorkerSettings(snapshotCommits: 5)
    var worker: Worker<ProbeStage>? = try log.worker(test.configuration, settings)
    for time in 0..<records {
      try test.append(.predictions, 0, [text("go", at: Int64(time))])
      try worker?.exhaust()
    }
    worker = nil
    let isSaved = log.takeCommits().last.map { !$0.snapshots.isEmpty } ?? true
    log.notes.withLock { $0.forgets = true }
    var other = test.configuration
    other.fingerprint = "another"
    let elsewhere = try log.worker(other, settings)
    if isSaved {
      #expect(throws: Never.self) { try elsewhere.exhaust() }
    } else {
      #expect { try elsewhere.exhaust() } throws: { ($0 as? EngineError)?.code == .offsetsLost }
    }
    elsewhere.leave()
    try test.append(.predictions, 0, [text("go", at: 99)])
    worker = try log.worker(test.configuration, settings)
    try worker?.exhaust()
    #expect(try Self.seen(test) == (1...records + 1).map(String.init))
  }

  @Test func anOversizedSnapshotDoesNotStopOutputs() throws {
    let test = try TestLog(Self.configuration(partitions: 1))
    let log = WatchedLog(test.log)
    log.notes.withLock { $0.limit = 3_000 }
    var worker: Worker<ProbeStage>? = try log.worker(test.configuration, Self.eager)
    for (time, command) in ["go", "size 5000", "go", "go"].enumerated() {
      try test.append(.predictions, 0, [text(command, at: Int64(time))])
      try worker?.exhaust()
    }
    #expect(log.takeCommits().map(\.snapshots) == [[0], [], [], []])
    #expect((worker?.oversizedSnapshots[0]?.bytes ?? 0) > 5_000 && worker?.savedTime == 0)
    #expect(worker?.oversizedSnapshots[0]?.reason.hasSuffix(" bytes") == true)
    worker = nil
    worker = try log.worker(test.configuration, Self.eager)
    try test.append(.predictions, 0, [text("size 10", at: 9)])
    try worker?.exhaust()
    #expect(worker?.oversizedSnapshots == [:] && worker?.savedTime == 9)
    #expect(log.takeCommits().map(\.snapshots) == [[0]])
    #expect(try Self.seen(test) == ["1", "2", "3", "4", "5"])
  }

  @Test func aSnapshotTooLargeBesideTheOutputsGoesBehindThem() throws {
    let test = try TestLog(Self.configuration(partitions: 1))
    let log = WatchedLog(test.log)
    log.notes.withLock { $0.limit = 5_000 }
    let worker = try log.worker(test.configuration, Self.eager)
    try test.append(.predictions, 0, [text("size 4700", at: 0)] + (1..<20).map { text("go", at: $0) })
    try worker.exhaust()
    let commits = log.takeCommits()
    #expect(commits.map(\.snapshots) == [[], [0]] && commits.map(\.outputs) == [[0], []])
    #expect(worker.oversizedSnapshots == [:] && worker.savedTime == 19)
  }

  /// Snapshots of every sequence of lengths; the newest, the one before or both lose any one chunk.
  @Test func theOtherGenerationIsThereWhenTheNewestIsDamaged() throws {
    let size = Snapshot.chunkSize
    func snapshot(_ number: Int64, chunks: Int) -> Snapshot {
      Snapshot(
        positions: [.predictions: number], emitted: number, fingerprint: "",
        state: Array(repeating: UInt8(number), count: (chunks - 1) * size + 10))
    }
    for code in 0..<8 {
      let lengths = [code & 1, code >> 1 & 1, code >> 2 & 1].map { $0 * 2 + 1 }
      let test = try TestLog(Self.configuration(partitions: 1))
      let reader = try test.log.makeReader()
      func found() throws -> SnapshotStore.Found? {
        try SnapshotStore.newest(of: "probe", in: reader, topic: TopicPartition("checkpoints", 0))[2]
      }
      for (index, chunks) in lengths.enumerated() {
        let number = Int64(index + 1)
        let records = snapshot(number, chunks: chunks).records(stage: "probe", partition: 2, number: number)
        #expect(records.count == chunks)
        try test.append(.checkpoints, 0, records)
        #expect(try found()?.snapshot?.emitted == number && found()?.number == number)
      }
      let newest = snapshot(3, chunks: lengths[2]).records(stage: "probe", partition: 2, number: 3)
      var spoilt = newest[code % newest.count]
      spoilt.value = spoilt.value?.dropLast()
      try test.append(.checkpoints, 0, [spoilt])
      // The next is number 5, in the place of the damaged number 3.
      #expect(try found()?.snapshot?.emitted == 2 && found()?.number == 4, "\(lengths)")
      let next = snapshot(5, chunks: 2).records(stage: "probe", partition: 2, number: 5)
      try test.append(.checkpoints, 0, next)
      #expect(try found()?.snapshot?.emitted == 5)
      let older = snapshot(2, chunks: lengths[1]).records(stage: "probe", partition: 2, number: 2)
      try test.append(.checkpoints, 0, (older + next).map { Record(timestamp: 0, key: $0.key, value: nil) })
      #expect(try found()?.snapshot == nil)
      reader.close()
    }
  }

  @Test(arguments: ["9223372036854775807", "-3", "2", "", "x"]) func strangeNumbersAreNone(number: String) throws {
    let test = try TestLog(Self.configuration(partitions: 1))
    var record = Snapshot(positions: [:], emitted: 0, fingerprint: "", state: [])
      .records(stage: "probe", partition: 0, number: 1)[0]
    record.headers.removeAll { $0.name == "snapshot" }
    record.headers.append(Header("snapshot", number))
    try test.append(.checkpoints, 0, [record])
    let worker = try WatchedLog(test.log).worker(test.configuration, Self.eager)
    try test.append(.predictions, 0, [text("go", at: 0)])
    try worker.exhaust()
    #expect(worker.savedTime == 0)
  }
}
