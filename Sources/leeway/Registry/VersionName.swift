import ArgumentParser
import Control
import Events

/// A version as people name it: by its number, or by what it is at present.
enum VersionName: Equatable, ExpressibleByArgument, CustomStringConvertible {
  case number(Int)
  case champion
  /// The newest version that is judged still.
  case challenger

  static let help = "a number, champion, or challenger (the newest that is judged still)"

  init?(argument: String) {
    switch argument {
    case "champion": self = .champion
    case "challenger": self = .challenger
    default:
      guard let number = Int(argument), number > 0 else { return nil }
      self = .number(number)
    }
  }

  var description: String {
    switch self {
    case .number(let number): "version \(number)"
    case .champion: "champion"
    case .challenger: "challenger"
    }
  }

  /// - Parameter records: the newest of each version of one model, in order.
  func pick(of records: [ModelRecord]) -> ModelRecord? {
    switch self {
    case .number(let number): records.first { $0.version == number }
    case .champion: records.last { $0.status == .champion }
    case .challenger: records.last { $0.status.isJudgedStill }
    }
  }

  /// Whether a record could be what is meant, if it were believed.
  func mayMean(_ record: ModelRecord) -> Bool {
    if case .number(let number) = self { number == record.version } else { true }
  }
}
