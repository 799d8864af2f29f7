import Foundation
import TestSupport
import Testing

@testable import leeway

@Suite("Backtests that are stopped, or cannot say what they found")
struct BacktestEndTests {
  private static func rows(_ count: Int) -> [UInt8] {
    var random = SplitMix64(seed: 5)
    var text = "x,z,label\n"
    for _ in 0..<count {
      let x = random.uniform()
      text += "\(x),\(random.uniform()),\(x > 0.5 ? 1 : 0)\n"
    }
    return Array(text.utf8)
  }

  private static let arguments = [
    "backtest", "--csv", "rows.csv", "--label", "label", "--label-delay", "20", "--predictions", "p.csv",
  ]

  @Test("A signal leaves the file that stood there, and neither a half-written one nor a folder of its own")
  func stopped() throws {
    let scratch = try Scratch()
    try scratch.write("rows.csv", Self.rows(20_000))
    try scratch.write("p.csv", "old")
    let temporary = scratch.file("temporary")
    try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
    var environment = ProcessInfo.processInfo.environment
    environment["TMPDIR"] = temporary
    let process = try TestProcess(
      Run.leeway, Self.arguments, in: scratch.path, environment: environment)
    try wait(for: "the first rows", within: 60) {
      try FileManager.default.fileExists(atPath: scratch.file("p.csv.part"))
        && FileManager.default.contentsOfDirectory(atPath: temporary).contains { $0.hasPrefix("leeway-backtest") }
    }
    process.terminate()
    #expect(try process.wait(within: 60) == 128 + SIGTERM)
    #expect(try String(contentsOfFile: scratch.file("p.csv"), encoding: .utf8) == "old")
    #expect(!FileManager.default.fileExists(atPath: scratch.file("p.csv.part")))
    #expect(try FileManager.default.contentsOfDirectory(atPath: temporary) == [])
  }

  #if os(Linux)
    @Test("A result that cannot be printed is an error")
    func fullOutput() throws {
      let scratch = try Scratch()
      try scratch.write("rows.csv", Self.rows(300))
      for more in [[], ["--json"]] {
        try scratch.write("errors", "")
        let process = try TestProcess(
          Run.leeway, Array(Self.arguments.dropLast(2)) + ["--baselines", "none"] + more, in: scratch.path,
          output: "/dev/full", errors: scratch.file("errors"))
        #expect(try process.wait(within: 60) == 1)
        #expect(try String(contentsOfFile: scratch.file("errors"), encoding: .utf8).contains("standard output"))
      }
    }
  #endif
}
