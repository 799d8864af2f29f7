import Bytes
import Control

/// What Train remembers of one model beside its registry, for what people ask and for the chain of its records.
struct Lineage: Equatable {
  /// SHA-256 of the model's newest record in `models`.
  var newestRecord: String?
  /// The newest record that stood in the topic when a replay began, which does not write it again.
  var written: WrittenRecord?
  var requests = RecentIDs()

  init() {}
}

struct WrittenRecord: Equatable {
  /// Among all outputs of the stage.
  let number: Int64
  let checksum: String
}

extension Lineage {
  func encode(into writer: inout ByteWriter) {
    writer.append(newestRecord) { $0.append($1) }
    requests.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(ByteError) {
    newestRecord = try reader.optional { reader throws(ByteError) in try reader.string() }
    requests = try RecentIDs(from: &reader)
  }
}
