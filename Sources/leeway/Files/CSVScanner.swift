/// Cuts a stream of bytes into rows of cells: the state machine behind `CSVReader`.
struct CSVScanner {
  enum Outcome: Equatable {
    case row
    /// The row could not be read for this reason; the next call goes on behind it.
    case bad(String)
    case end
  }

  private enum State {
    case cellStart, unquoted, quoted
    /// Behind a quote inside quotes: the cell's end, or the first of a doubled quote.
    case afterQuote
    /// Behind a carriage return that stood outside quotes.
    case afterReturn
    /// In a row that is bad already: only its end is looked for.
    case skipping
  }

  private static let comma = UInt8(ascii: ",")
  private static let quote = UInt8(ascii: "\"")
  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  private let source: any ByteSource
  private var buffer = [UInt8](repeating: 0, count: 1 << 18)
  private var position = 0
  private var limit = 0
  private var line = 1
  private var quoteLine = 0
  private var state = State.cellStart
  private var problem: String?

  init(_ source: any ByteSource) throws(CommandError) {
    let peeked = try PeekedSource(source, count: 3)
    self.source = peeked
    if peeked.front.starts(with: [0xff, 0xfe]) || peeked.front.starts(with: [0xfe, 0xff]) {
      throw CommandError("the file is UTF-16", at: source.name, remedy: "convert it: iconv -f UTF-16 -t UTF-8")
    }
    if peeked.front == [0xef, 0xbb, 0xbf] {
      var mark = [UInt8](repeating: 0, count: 3)
      _ = try mark.readFront(of: peeked)
    }
  }

  mutating func next(_ row: inout CSVRow) throws(CommandError) -> Outcome {
    while true {
      row.begin(line: line)
      state = .cellStart
      problem = nil
      let isEnd = try !scanLine(&row)
      if isEnd { finishLast(&row) }
      if let problem { return .bad(problem) }
      if row.count == 0 {
        if isEnd { return .end }
        continue
      }
      return row.isValidText ? .row : .bad("text that is not UTF-8")
    }
  }

  /// Reads on to the end of a row.
  /// - Returns: `false` where the stream ended first.
  private mutating func scanLine(_ row: inout CSVRow) throws(CommandError) -> Bool {
    while true {
      if position == limit {
        limit = try buffer.readFront(of: source)
        position = 0
        if limit == 0 { return false }
      }
      if consumeBuffer(&row) { return true }
      if row.byteCount > CSVReader.maximumRowBytes, state != .skipping {
        fail("a row of more than \(CSVReader.maximumRowBytes) bytes" + (isInQuotes ? unclosed : ""))
      }
    }
  }

  /// - Returns: whether the row ended inside the buffer.
  private mutating func consumeBuffer(_ row: inout CSVRow) -> Bool {
    while position < limit {
      if state == .unquoted || state == .cellStart {
        takePlainRun(&row)
        if position == limit { return false }
      }
      let byte = buffer[position]
      position += 1
      if byte == Self.lineFeed {
        line += 1
        if endsRow(&row) { return true }
      } else {
        consume(byte, &row)
      }
    }
    return false
  }

  /// Takes the bytes up to the next one that means something outside quotes.
  private mutating func takePlainRun(_ row: inout CSVRow) {
    let (end, union) = Self.plainRun(in: buffer.span, from: position, to: limit)
    guard end > position else { return }
    row.append(buffer, position..<end, union: union)
    position = end
    state = .unquoted
  }

  /// Where the run ends, and what OR makes of its bytes.
  private static func plainRun(in bytes: Span<UInt8>, from start: Int, to limit: Int) -> (end: Int, union: UInt8) {
    var end = start
    var union: UInt8 = 0
    while end < limit {
      let byte = bytes[end]
      if byte == comma || byte == lineFeed || byte == quote || byte == carriageReturn { break }
      union |= byte
      end += 1
    }
    return (end, union)
  }

  private mutating func endsRow(_ row: inout CSVRow) -> Bool {
    switch state {
    case .quoted:
      row.append(Self.lineFeed)
      return false
    case .cellStart where row.count == 0, .skipping:
      return true
    case .cellStart, .unquoted, .afterQuote, .afterReturn:
      if state != .afterReturn || !isBlankReturn { row.endCell() }
      return true
    }
  }

  /// Set where a carriage return was the first byte of its line, so that the line is blank.
  private var isBlankReturn = false

  private mutating func consume(_ byte: UInt8, _ row: inout CSVRow) {
    switch (state, byte) {
    case (.quoted, Self.quote): state = .afterQuote
    case (.quoted, _): row.append(byte)
    case (.skipping, _): break
    case (.cellStart, Self.comma), (.unquoted, Self.comma), (.afterQuote, Self.comma):
      row.endCell()
      state = .cellStart
    case (.cellStart, Self.carriageReturn), (.unquoted, Self.carriageReturn), (.afterQuote, Self.carriageReturn):
      isBlankReturn = state == .cellStart && row.count == 0
      state = .afterReturn
    case (.cellStart, Self.quote):
      quoteLine = line
      state = .quoted
    case (.afterQuote, Self.quote):
      row.append(byte)
      state = .quoted
    case (.unquoted, Self.quote): fail("a quote inside a cell that does not begin with one")
    case (.afterQuote, _): fail("text behind a closing quote")
    case (.afterReturn, _): fail("a carriage return without a line feed")
    case (.cellStart, _), (.unquoted, _):
      row.append(byte)
      state = .unquoted
    }
  }

  /// What the end of the stream makes of a last row without a line end.
  private mutating func finishLast(_ row: inout CSVRow) {
    switch state {
    case .quoted: fail("the row is cut short" + unclosed + ", so all that follows was taken for this row")
    case .cellStart where row.count == 0, .skipping: break
    case .afterReturn where isBlankReturn: break
    case .cellStart, .unquoted, .afterQuote, .afterReturn: row.endCell()
    }
  }

  private var isInQuotes: Bool { state == .quoted }
  private var unclosed: String { ": the quote on line \(quoteLine) is never closed" }

  private mutating func fail(_ reason: String) {
    problem = reason
    state = .skipping
  }
}
