import Bytes
import Crypto
import Events
import Foundation
import LeewayClient
import Log
import Models
import Synchronization
import TestSupport

/// Collects from any thread.
final class Collected<Element: Sendable>: Sendable {
  private let elements = Mutex<[Element]>([])

  func add(_ more: [Element]) { elements.withLock { $0 += more } }
  func add(_ one: Element) { add([one]) }
  var all: [Element] { elements.withLock { $0 } }
}

/// Waits until `condition` holds, at most five seconds.
func eventually(_ condition: () -> Bool) async -> Bool {
  for _ in 0..<5_000 {
    if condition() { return true }
    try? await _Concurrency.Task.sleep(for: .milliseconds(1))
  }
  return condition()
}

func prediction(_ number: Int, entity: String? = nil, features: [Feature] = []) -> Prediction {
  Prediction(
    id: "p-\(number)", model: "m", version: 1, time: Milliseconds(1_000 + number), entity: entity,
    features: features, score: .number(0.5))
}

func label(_ number: Int, entity: String? = nil) -> Label {
  Label(
    prediction: "p-\(number)", model: "m", time: Milliseconds(2_000 + number), value: .number(1), entity: entity)
}

/// A producer that sends nothing before a batch is full or it is told to.
func patient(_ batch: Int = 1_000) -> ProducerConfiguration {
  var configuration = ProducerConfiguration()
  configuration.id = "test"
  configuration.timestamps = .eventTime
  configuration.batch.events = batch
  configuration.batch.linger = nil
  configuration.retry.pause = .milliseconds(1)
  configuration.retry.longestPause = .milliseconds(2)
  return configuration
}

extension Record {
  var keyText: String { String(decoding: key ?? [], as: UTF8.self) }
}

/// A small model that has learned `rows` rows: more rows, other bytes.
func trainedModel(rows: Int = 20, seed: UInt64 = 1) throws -> Model {
  var model = Model(
    schema: try Schema(
      task: .binary,
      columns: [Column(name: "x", kind: .numeric), Column(name: "c", kind: .categorical)]))
  var random = SplitMix64(seed: seed)
  for _ in 0..<rows {
    let x = Double.random(in: -1...1, using: &random)
    let row = model.schema.row(from: [(name: "x", value: .number(x)), (name: "c", value: .category("a"))])
    model.learn(row, .number(x > 0 ? 1 : 0))
  }
  return model
}

func artifact(rows: Int = 20) throws -> [UInt8] {
  try trainedModel(rows: rows).encoded()
}

func checksum(_ bytes: [UInt8]) -> String {
  SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
}

func record(
  _ model: String, _ version: Int, _ status: ModelStatus = .champion, artifact: [UInt8]?, checksum sum: String? = nil,
  family: String = "mixture"
) -> ModelRecord {
  ModelRecord(
    model: model, version: version, status: status, reason: "test", time: Milliseconds(version), family: family,
    task: "binary", artifact: sum ?? artifact.map { checksum($0) }, artifactBytes: artifact?.count,
    configuration: "c", code: "1", seed: 1)
}

/// The records of `artifacts` that hold these bytes.
func artifactRecords(_ bytes: [UInt8], size: Int = 300, checksum sum: String? = nil) -> [Record] {
  let sum = sum ?? checksum(bytes)
  return Chunk.cut(bytes, size: size).map { chunk in
    Record(
      timestamp: 0, key: Array(Chunk.artifactKey(checksum: sum, index: chunk.index).utf8)[...],
      value: chunk.bytes[...], headers: chunk.headers.map { Header($0.name, $0.value) })
  }
}

func modelRecord(_ record: ModelRecord) -> Record {
  Record(timestamp: record.time, key: Array(record.model.utf8)[...], value: record.encoded()[...])
}

extension MemoryLog {
  /// Publishes a version: artifact first, then the record that names it champion.
  func publish(_ model: String, _ version: Int, _ bytes: [UInt8]) {
    write("artifacts", artifactRecords(bytes))
    write("models", [modelRecord(record(model, version, artifact: bytes))])
  }
}
