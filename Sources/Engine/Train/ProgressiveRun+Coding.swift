import Bytes
import Control
import Models

extension ProgressiveRun {
  private static let format: UInt8 = 2

  /// The work so far: what it takes to go on with the same rows, champion and fallback.
  ///
  /// - Parameter count: of all rows.
  func encoded(of count: Int) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(Self.format)
    writer.append(count: count)
    writer.append(count: learned)
    writer.append(challenger.encoded())
    writer.append(stem?.encoded() ?? [])
    writer.append(contest.encoded)
    writer.append(judged) { $0.append($1.output) }
    writer.append(others) { $0.append($1) }
    return writer.bytes
  }

  /// Goes on from what `encoded` wrote.
  ///
  /// - Parameters:
  ///   - beginning: the same run before its first row.
  ///   - rows: all that it learns.
  /// - Throws: `ByteError` or `ModelError` where the bytes are not the work on these rows.
  init(_ beginning: ProgressiveRun, from bytes: [UInt8], rows: [Row]) throws {
    self = beginning
    var reader = ByteReader(bytes)
    guard try reader.byte() == Self.format else { throw reader.failure("work of another format") }
    guard try reader.index() == rows.count else { throw reader.failure("work on other rows") }
    let learned = try reader.index(upTo: rows.count)
    challenger = try Model(decoding: reader.slice())
    let stem = try reader.slice()
    self.stem = stem.isEmpty ? nil : try Model(decoding: stem)
    guard challenger.schema == beginning.challenger.schema, challenger.family == beginning.challenger.family,
      learned == rows.count || learned % challenger.family.blockLength == 0
    else { throw reader.failure("work on another model") }
    contest = try Contest(contest.configuration, task: challenger.schema.task, decoding: reader.slice())
    let outputs = try reader.array { reader throws(ByteError) in try reader.output() }
    let others = try reader.array { reader throws(ByteError) in try reader.output() }
    try reader.expectEnd()
    guard outputs.count <= learned, others.isEmpty || others.count == outputs.count else {
      throw reader.failure("more outputs than rows")
    }
    for (index, row) in rows[(learned - outputs.count)..<learned].enumerated() {
      validate(outputs[index], others.isEmpty ? nil : others[index], row.target)
    }
    self.learned = learned
  }
}
