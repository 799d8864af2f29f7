public import Bytes

/// The ids of the newest requests or triggers, so that what comes twice is done once.
public struct RecentIDs: Hashable, Sendable {
  public static let remembered = 1_000

  private var ids: [String] = []

  public init() {}

  /// - Returns: whether the id is new.
  public mutating func insert(_ id: String) -> Bool {
    guard !ids.contains(id) else { return false }
    ids.append(id)
    if ids.count > Self.remembered { ids.removeFirst() }
    return true
  }

  public func contains(_ id: String) -> Bool { ids.contains(id) }

  public func encode(into writer: inout ByteWriter) {
    writer.append(ids) { $0.append($1) }
  }

  public init(from reader: inout ByteReader) throws(ByteError) {
    ids = try reader.array { reader throws(ByteError) in try reader.string() }
  }
}
