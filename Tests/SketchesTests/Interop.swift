import Foundation
import Testing
enum Interop {
  static let folder = ProcessInfo.processInfo.environment["LEEWAY_INTEROP"].map { URL(fileURLWithPath: $0) }

  static func read(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: try #require(folder).appending(path: name)))
  }

  static func write(_ bytes: [UInt8], to name: String) throws {
    try Data(bytes).write(to: try #require(folder).appending(path: name))
  }
}
