import Bytes

/// The levels of all categorical columns that have a weight of their own, in order of arrival: of each column the first
/// `limit` that were learned, and no more than `total` together. One open-addressed table serves all columns, since
/// looking levels up is the dearest step of encoding.
struct LevelTable: Sendable {
  private let limit: Int
  private let total: Int
  private var levels: [String] = []
  private var columns: [Int32] = []
  /// Compared before the text, which Swift takes for equal where only its Unicode form differs: levels are bytes.
  private var hashes: [Int] = []
  /// By column of the schema.
  private var counts: [Int]
  /// Index into `levels`, −1 where empty; a power of two long and at most half full.
  private var buckets = [Int32](repeating: -1, count: 16)

  var count: Int { levels.count }

  /// Levels of one column.
  func count(of column: Int) -> Int { counts[column] }

  /// A level and its column by its place in order of arrival.
  func entry(_ place: Int) -> (level: String, column: Int) { (levels[place], Int(columns[place])) }

  init(columns: Int, limit: Int, total: Int) {
    self.limit = limit
    self.total = total
    counts = [Int](repeating: 0, count: columns)
  }

  /// The level's place in order of arrival, −1 where it has none.
  func find(_ level: String, column: Int) -> Int {
    Int(buckets[bucket(of: level, column: column, hash: LevelTable.hash(level, column: column))])
  }

  /// The same, after adding the level where it is new and its column has room.
  mutating func findOrAdmit(_ level: String, column: Int) -> Int {
    let hash = LevelTable.hash(level, column: column)
    let bucket = bucket(of: level, column: column, hash: hash)
    let found = Int(buckets[bucket])
    guard found < 0, counts[column] < limit, count < total, level.utf8.count <= ModelLimits.nameLength else {
      return found
    }
    buckets[bucket] = Int32(levels.count)
    levels.append(level)
    columns.append(Int32(column))
    hashes.append(hash)
    counts[column] += 1
    if 2 * levels.count > buckets.count { grow() }
    return levels.count - 1
  }

  /// Where the level is, or else the empty bucket where it belongs.
  private func bucket(of level: String, column: Int, hash: Int) -> Int {
    let mask = buckets.count - 1
    var bucket = hash & mask
    while buckets[bucket] >= 0 {
      let entry = Int(buckets[bucket])
      if hashes[entry] == hash, columns[entry] == Int32(column), levels[entry] == level { break }
      bucket = (bucket + 1) & mask
    }
    return bucket
  }

  private mutating func grow() {
    buckets = [Int32](repeating: -1, count: 2 * buckets.count)
    for entry in levels.indices {
      let bucket = bucket(of: levels[entry], column: Int(columns[entry]), hash: hashes[entry])
      buckets[bucket] = Int32(entry)
    }
  }

  static func hash(_ level: String, column: Int) -> Int {
    let seed = UInt64(truncatingIfNeeded: column) &* 0x9e37_79b9_7f4a_7c15
    return level.utf8.withContiguousStorageIfAvailable { hash(UnsafeRawBufferPointer($0), seed: seed) }
      ?? Array(level.utf8).withUnsafeBytes { hash($0, seed: seed) }
  }

  /// Eight bytes a step, multiply and fold. The standard library's hash is several times as dear on short text.
  private static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> Int {
    var hash = seed ^ UInt64(truncatingIfNeeded: bytes.count)
    var position = 0
    while position + 8 <= bytes.count {
      hash = fold(hash ^ UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)))
      position += 8
    }
    var tail: UInt64 = 0
    while position < bytes.count {
      tail = tail << 8 | UInt64(bytes[position])
      position += 1
    }
    return Int(truncatingIfNeeded: fold(hash ^ tail) >> 1)
  }

  private static func fold(_ word: UInt64) -> UInt64 {
    let product = word.multipliedFullWidth(by: 0xa076_1d64_78bd_642f)
    return product.high ^ product.low
  }
}

extension LevelTable: Equatable {
  static func == (one: LevelTable, other: LevelTable) -> Bool {
    one.columns == other.columns && one.levels == other.levels
  }
}

extension LevelTable {
  func encode(into writer: inout ByteWriter) {
    writer.append(count: levels.count)
    for (level, column) in zip(levels, columns) {
      writer.append(count: Int(column))
      writer.append(level)
    }
  }

  /// Adds the levels that were written to an empty table.
  mutating func decode(from reader: inout ByteReader, schema: Schema) throws(ByteError) {
    let count = try reader.count(ofAtLeast: 2)
    for entry in 0..<count {
      let column = try reader.index()
      let level = try reader.string()
      guard column < schema.columns.count, schema.columns[column].kind == .categorical,
        findOrAdmit(level, column: column) == entry
      else { throw reader.failure("a level that is repeated, too long or too many") }
    }
  }
}
