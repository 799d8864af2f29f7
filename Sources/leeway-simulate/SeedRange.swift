import ArgumentParser

/// Seeds from the first to the last, as `1...300`; or one.
struct SeedRange: ExpressibleByArgument {
  let seeds: ClosedRange<UInt64>

  init?(argument: String) {
    let bounds = argument.components(separatedBy: "...").map { UInt64($0) }
    guard let first = bounds.first ?? nil, let last = bounds.last ?? nil, bounds.count <= 2, first <= last else {
      return nil
    }
    seeds = first...last
  }

  var defaultValueDescription: String { "\(seeds.lowerBound)...\(seeds.upperBound)" }
}

extension String {
  fileprivate func components(separatedBy separator: String) -> [Substring] {
    var parts: [Substring] = []
    var rest = self[...]
    while let range = rest.firstRange(of: separator) {
      parts.append(rest[..<range.lowerBound])
      rest = rest[range.upperBound...]
    }
    return parts + [rest]
  }
}
