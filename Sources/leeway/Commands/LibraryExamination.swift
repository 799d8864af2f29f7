import CZlib
import Foundation

/// The libraries that the program runs with.
enum LibraryExamination {
  private typealias VersionFunction = @convention(c) () -> UnsafePointer<CChar>?

  /// - Parameter isEmbedded: whether the log is the one that lies in SQLite.
  static func findings(isEmbedded: Bool) -> [Finding] {
    (isEmbedded ? [sqlite(version: version("sqlite3_libversion", in: nil))] : []) + [
      Finding("zlib", .ok, "version \(String(cString: zlibVersion()))"),
      optional(
        "librdkafka", files: ["librdkafka.so.1", "librdkafka.1.dylib", "/opt/homebrew/lib/librdkafka.1.dylib"],
        symbol: "rd_kafka_version_str", use: "logs on Kafka"),
      optional(
        "OpenBLAS",
        files: ["libopenblas.so.0", "libopenblas.dylib", "/opt/homebrew/opt/openblas/lib/libopenblas.dylib"],
        symbol: "openblas_get_config", use: "model families that compute with BLAS"),
    ]
  }

  /// SQLite 3.7.0 to 3.51.2 can damage a database where two processes run overlapping checkpoints; mended in 3.51.3 and,
  /// for the 3.50 line, in 3.50.7.
  static func sqlite(version: String?) -> Finding {
    guard let version, let number = SQLiteVersion(version) else {
      return Finding("SQLite", .warning, "of unknown version", "run a build that links SQLite 3.51.3 or newer")
    }
    guard number.hasCheckpointDefect else { return Finding("SQLite", .ok, "version \(version)") }
    return Finding(
      "SQLite", .warning,
      "version \(version) can damage a database when checkpoints of two processes overlap (3.7.0 to 3.51.2); "
        + "Leeway's own processes take turns, so that theirs do not",
      "open the log with nothing but Leeway while it is in use, or install SQLite 3.51.3 or newer (or 3.50.7)")
  }

  private static func optional(_ name: String, files: [String], symbol: String, use: String) -> Finding {
    for file in files {
      guard let library = dlopen(file, RTLD_LAZY | RTLD_LOCAL) else { continue }
      return Finding(name, .ok, version(symbol, in: library).map { "version \($0)" } ?? "found")
    }
    return Finding(
      name, .warning, "not found; \(use) need it",
      "start Leeway through the script ./leeway after removing .build/leeway.stamp: it installs what is missing")
  }

  /// What a function without parameters answers; without a library, one that the program itself is linked with.
  private static func version(_ symbol: String, in library: UnsafeMutableRawPointer?) -> String? {
    guard let handle = library ?? dlopen(nil, RTLD_LAZY), let address = dlsym(handle, symbol) else { return nil }
    return unsafeBitCast(address, to: VersionFunction.self)().map { String(cString: $0) }
  }
}

/// A version such as 3.40.1.
struct SQLiteVersion: Comparable {
  let parts: [Int]

  init?(_ text: String) {
    let parts = text.split(separator: ".").map { Int($0) }
    guard parts.count >= 2, !parts.contains(nil) else { return nil }
    self.parts = parts.compactMap { $0 } + (parts.count == 2 ? [0] : [])
  }

  private init(_ parts: [Int]) {
    self.parts = parts
  }

  static func < (left: Self, right: Self) -> Bool {
    left.parts.lexicographicallyPrecedes(right.parts)
  }

  var hasCheckpointDefect: Bool {
    let mendedLine = Self([3, 50, 7])..<Self([3, 51, 0])
    return self >= Self([3, 7, 0]) && self < Self([3, 51, 3]) && !mendedLine.contains(self)
  }
}
