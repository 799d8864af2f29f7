import Bytes
import Events
import Foundation
import Log

/// A record on one line of the terminal.
enum RecordLine {
  /// For people. Control characters are escaped, so that a record cannot steer the terminal.
  ///
  /// - Parameter topic: the contract's topic that the record stands in, if it has one.
  static func text(_ stored: StoredRecord, _ partition: TopicPartition, _ topic: Topic?) -> [UInt8] {
    let record = stored.record
    var line = "\(partition) @\(stored.offset) \(RFC3339.format(record.timestamp))"
    line += " " + (record.key.map { $0.isEmpty ? "\"\"" : shown($0) } ?? "-")
    line += " " + ((binaryEvent(record.value, topic) ?? record.value).map(shown) ?? "(no value)")
    for header in record.headers { line += " \(shown(Array(header.name.utf8)[...]))=\(shown(header.value))" }
    return Array(line.utf8)
  }

  /// For programs: one object whose `value` is the record's JSON as it was written, or that of an event in the binary
  /// form, which `form` says then.
  static func json(_ stored: StoredRecord, _ partition: TopicPartition, _ topic: Topic?) -> [UInt8] {
    let record = stored.record
    var writer = JSONWriter(reserving: 512)
    writer.object { writer in
      writer.field("topic", partition.topic)
      writer.field("partition", partition.partition)
      writer.field("offset", stored.offset)
      writer.field("timestamp", record.timestamp)
      writer.field("key", record.key)
      writer.field("headers", each: record.headers) { writer, header in
        writer.object {
          $0.field("name", header.name)
          $0.field("value", header.value)
        }
      }
    }
    var line = Array(writer.bytes.dropLast())
    let event = binaryEvent(record.value, topic)
    if event != nil { line += #","form":"binary""#.utf8 }
    line += value(event ?? record.value)
    line.append(UInt8(ascii: "}"))
    return line
  }

  /// The JSON of a prediction that was written in the binary form; nil for any other value.
  private static func binaryEvent(_ value: ByteSlice?, _ topic: Topic?) -> ByteSlice? {
    guard topic == .predictions, let value, value.first == BinaryEvent.magic else { return nil }
    do throws(EventError) {
      return try Prediction.decode(value).encoded()[...]
    } catch {
      return nil
    }
  }

  private static func value(_ value: ByteSlice?) -> [UInt8] {
    guard let value else { return Array(#","value":null"#.utf8) }
    guard isJSON(value) else {
      return Array(#","value":null,"base64":"\#(Data(value).base64EncodedString())""#.utf8)
    }
    // Line ends between JSON's tokens mean nothing, and inside strings they are escaped.
    return Array(#","value":"#.utf8) + value.map { $0 == 0x0a || $0 == 0x0d ? 0x20 : $0 }
  }

  private static func isJSON(_ bytes: ByteSlice) -> Bool {
    do throws(EventError) {
      return try JSON.read(bytes) { _ in true }
    } catch {
      return false
    }
  }

  private static func shown(_ bytes: ByteSlice) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else { return "(\(bytes.count) bytes)" }
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    return text.unicodeScalars.map { isControl($0) ? $0.escaped(asASCII: true) : String($0) }.joined()
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}

extension JSONWriter {
  /// Text where the bytes are UTF-8, else their base 64.
  fileprivate mutating func field(_ name: StaticString, _ bytes: ByteSlice?) {
    guard let bytes else {
      self.name(name)
      return null()
    }
    let text = String(validating: bytes, as: UTF8.self)
    field(name, text ?? "base64:" + Data(bytes).base64EncodedString())
  }
}
