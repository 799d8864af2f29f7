import ArgumentParser
import Foundation

/// Who asks for something that the log keeps, and why.
struct PersonOptions: ParsableArguments {
  private static let whoBytes = 1_000
  private static let whyBytes = 10_000

  @Option(help: "Who asks (default: the login name).") var who: String?
  @Option(help: "Why, for the record.") var why: String

  var name: String { who ?? NSUserName() }

  func validate() throws {
    func isBlank(_ text: String) -> Bool { text.allSatisfy(\.isWhitespace) }
    if isBlank(why) { throw ValidationError("--why must say something") }
    if let who, isBlank(who) { throw ValidationError("--who must name somebody") }
    if why.utf8.count > Self.whyBytes || who?.utf8.count ?? 0 > Self.whoBytes {
      throw ValidationError("--why takes 10,000 bytes at most, --who 1,000")
    }
  }
}
