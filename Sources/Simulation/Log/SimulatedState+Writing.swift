import Log

/// A batch of a producer that the log remembers.
struct SimulatedSequence {
  let first: Int64
  let records: [Record]
  let offset: Int64

  var next: Int64 { first + Int64(records.count) }
}

// Producers.

extension SimulatedState {
  func nextSequence(_ producer: String, _ place: TopicPartition) -> Int64 {
    sequences[SequenceKey(producer: producer, partition: place)]?.last?.next ?? 0
  }

  mutating func append(_ batches: [AppendBatch], producer: String) throws(LogError) -> [Int64] {
    let fault = operate()
    if let fault, fault != .unacknowledged { throw Self.failure(fault) }
    // On a copy: all or nothing.
    var copy = self
    var offsets: [Int64] = []
    var written: [TopicPartition] = []
    for batch in batches {
      try copy.check(batch)
      let (offset, isNew) = try copy.append(batch, producer: producer)
      offsets.append(offset)
      if isNew, !written.contains(batch.partition) { written.append(batch.partition) }
    }
    if settings.marksAppends { for place in written { copy.partitions[place]?.mark() } }
    self = copy
    if let fault { throw Self.failure(fault) }
    return offsets
  }

  private mutating func append(_ batch: AppendBatch, producer: String) throws(LogError) -> (Int64, isNew: Bool) {
    let key = SequenceKey(producer: producer, partition: batch.partition)
    let next = sequences[key]?.last?.next ?? 0
    if settings.deduplicates, let sequence = batch.sequence, sequence != next {
      guard sequence >= 0 else { throw LogError(.invalidArgument, "sequences start at 0") }
      guard sequence < next, let known = sequences[key]?.first(where: { $0.first == sequence }) else {
        throw LogError(.sequenceGap, "sequence \(sequence) where \(next) is expected")
      }
      guard known.records == batch.records else {
        throw LogError(.fenced, "sequence \(sequence) has been used for other records")
      }
      return (known.offset, false)
    }
    let offset = partitions[batch.partition, default: SimulatedPartition()].append(batch.records, transaction: nil)
    guard !batch.records.isEmpty else { return (offset, false) }
    sequences[key, default: []].append(SimulatedSequence(first: next, records: batch.records, offset: offset))
    note(batch.partition, batch.records, at: offset)
    return (offset, true)
  }

  private mutating func note(_ place: TopicPartition, _ records: [Record], at offset: Int64) {
    let stored = records.enumerated().map { StoredRecord(offset: offset + Int64($0.offset), record: $0.element) }
    journal.append((place, stored))
  }

  /// Writes records at their own offsets, as an undisturbed log is given what ended up in another.
  mutating func place(_ records: [StoredRecord], in place: TopicPartition) throws(LogError) {
    try check(place)
    partitions[place, default: SimulatedPartition()].place(records)
    journal.append((place, records))
  }
}

// Transactions.

extension SimulatedState {
  /// Writes into the transaction of a member, which is opened where it has none.
  mutating func send(_ outputs: [AppendBatch], group: String, id: Int) throws(LogError) {
    for batch in outputs { try check(batch) }
    guard let member = groups[group]?.members[id] else { throw lost(group) }
    var open = member.transaction
    if open == nil {
      let number = number()
      transactions[number] = SimulatedTransaction(owner: "\(group)/\(member.name)", since: now)
      groups[group]?.members[id]?.transaction = number
      open = number
    }
    // One that its time has aborted is not followed by another: its worker has to begin anew.
    guard let open, var transaction = transactions[open] else { throw lost(group) }
    for batch in outputs where !batch.records.isEmpty {
      _ = partitions[batch.partition, default: SimulatedPartition()].append(batch.records, transaction: open)
      if !transaction.partitions.contains(batch.partition) { transaction.partitions.append(batch.partition) }
    }
    transactions[open] = transaction
  }

  mutating func commit(
    _ outputs: [AppendBatch], _ offsets: [TopicPartition: Int64], group: String, id: Int
  ) throws(LogError) {
    let fault = operate()
    guard groups[group]?.members[id] != nil else { throw lost(group) }
    if let fault, fault != .unacknowledged {
      let cut = outputs.prefix(outputs.count / 2)
      if fault == .torn { try send(Array(cut), group: group, id: id) }
      throw Self.failure(fault)
    }
    for (place, offset) in offsets.sorted(by: { $0.key < $1.key }) {
      guard (0...(try partition(place).end)).contains(offset) else {
        throw LogError(.offsetOutOfRange, "\(place) has no offset \(offset)", partition: place)
      }
    }
    try send(outputs, group: group, id: id)
    groups[group]?.members[id]?.seen = now
    groups[group]?.committed.merge(offsets) { _, new in new }
    if let number = groups[group]?.members[id]?.transaction { settle(number) }
    groups[group]?.members[id]?.transaction = nil
    if let fault { throw Self.failure(fault) }
  }

  private mutating func settle(_ number: Int) {
    guard let transaction = transactions.removeValue(forKey: number) else { return }
    for place in transaction.partitions {
      let settled = partitions[place]?.settle(number) ?? []
      if settings.marksCommits { partitions[place]?.mark() }
      journal.append((place, settled))
    }
  }

  mutating func abort(_ number: Int) {
    guard settings.aborts else { return settle(number) }
    guard let transaction = transactions.removeValue(forKey: number) else { return }
    for place in transaction.partitions {
      partitions[place]?.abort(number)
      if settings.marksCommits { partitions[place]?.mark() }
    }
  }

  func lost(_ group: String) -> LogError {
    LogError(.fenced, "this worker of group \(group) has lost its place to another", retriable: true)
  }
}
