import ArgumentParser
import Foundation

/// Names separated by commas, as an option takes them. Of an option that is given several times all names count.
struct NameList: ExpressibleByArgument {
  let names: [String]

  init?(argument: String) {
    names = argument.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
  }
}

extension [NameList] {
  /// In the order of the command line.
  var names: [String] { flatMap(\.names) }
}
