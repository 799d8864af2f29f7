import Events
import LeewayClient

/// Predictions in the binary form, one behind the other: each one's header says where the next begins.
struct BinaryRows: RowSource {
  private let source: any ByteSource
  private var bad: BadLines
  /// Of the event that came last, counted from 1.
  private var number = 0
  private var piece = [UInt8](repeating: 0, count: 1 << 16)
  /// What has been read; events before `start` have been handed out.
  private var bytes: [UInt8] = []
  private var start = 0

  init(_ source: any ByteSource) {
    self.source = source
    bad = BadLines(file: source.name)
  }

  var badLines: Int { bad.count }

  mutating func reject(_ reason: String) {
    bad.add(line: number, reason)
  }

  /// - Throws: where the source fails, or an event does not say where the next one begins.
  mutating func next() throws(CommandError) -> ServingEvent? {
    while try hold(1) {
      number += 1
      guard bytes[start] == BinaryEvent.magic else { throw broken("does not begin with the byte 0xb1") }
      guard try hold(BinaryEvent.headerBytes) else { throw broken("is cut short") }
      let size = BinaryEvent.size(header: bytes[start..<start + BinaryEvent.headerBytes])
      guard size <= Limits.recordBytes else {
        throw broken("has \(size) bytes, \(Limits.recordBytes) at most")
      }
      guard try hold(size) else { throw broken("is cut short") }
      defer { start += size }
      do throws(EventError) {
        return .prediction(try Prediction.decode(bytes[start..<start + size]))
      } catch {
        reject(error.description)
      }
    }
    return nil
  }

  /// Reads until `count` bytes from `start` are there.
  /// - Returns: false where the source ends before.
  private mutating func hold(_ count: Int) throws(CommandError) -> Bool {
    while bytes.count - start < count {
      bytes.removeFirst(start)
      start = 0
      let read = try piece.readFront(of: source)
      if read == 0 { return false }
      bytes += piece[..<read]
    }
    return true
  }

  private func broken(_ reason: String) -> CommandError {
    CommandError(
      "event \(number) \(reason), so what follows cannot be read", at: source.name,
      remedy: "write events in the binary form one behind the other, with nothing between them")
  }
}
