public import Bytes

/// The time of an event, moved where it stands.
public enum EventTime {
  private enum Field: String, CaseIterable {
    case time
    static let table = FieldTable<Field>()
  }

  /// The value of a prediction, label or feature update with its `time` moved by so many milliseconds, in the form in which
  /// it is written: all other bytes stay as they are. Nil where there is no time, or the moved one is beyond years 1 to
  /// 9999.
  public static func moved(_ value: ByteSlice, by milliseconds: Milliseconds) -> [UInt8]? {
    value.first == BinaryEvent.magic ? movedBinary(value, milliseconds) : movedJSON(value, milliseconds)
  }

  private static func movedBinary(_ value: ByteSlice, _ milliseconds: Milliseconds) -> [UInt8]? {
    guard value.count >= BinaryEvent.headerBytes else { return nil }
    let place = value.startIndex + BinaryEvent.timePosition
    let time = value[place..<place + 8].reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    guard let moved = moved(Milliseconds(bitPattern: time), milliseconds) else { return nil }
    return withUnsafeBytes(of: moved.littleEndian) { Array(value[..<place] + $0 + value[(place + 8)...]) }
  }

  private static func movedJSON(_ value: ByteSlice, _ milliseconds: Milliseconds) -> [UInt8]? {
    var found: (range: Range<Int>, time: Milliseconds, isText: Bool)?
    do throws(EventError) {
      found = try JSONScanner.read(value) { (scanner) throws(EventError) in
        var object = try ObjectReader(Field.table, &scanner)
        var found: (range: Range<Int>, time: Milliseconds, isText: Bool)?
        while try object.next(&scanner) != nil {
          let isText = try scanner.peek() == .text
          let start = scanner.next
          let time = try scanner.time()
          found = (start..<scanner.next, time, isText)
        }
        return found
      }
    } catch {
      return nil
    }
    guard let found, let moved = moved(found.time, milliseconds) else { return nil }
    let text = found.isText ? "\"\(RFC3339.format(moved))\"" : "\(moved)"
    let (start, end) = (value.startIndex + found.range.lowerBound, value.startIndex + found.range.upperBound)
    return Array(value[..<start]) + Array(text.utf8) + Array(value[end...])
  }

  private static func moved(_ time: Milliseconds, _ by: Milliseconds) -> Milliseconds? {
    let (moved, overflow) = time.addingReportingOverflow(by)
    return !overflow && (Limits.earliestTime...Limits.latestTime).contains(moved) ? moved : nil
  }
}
