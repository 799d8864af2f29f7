/// How a policy's line looks in charts of several: colour, dashes and marks, so that no two of 64 are the same.
struct PolicyStyle {
  private static let colours = 8

  let line: String
  let mark: Mark
  let markStyle: String

  /// - Parameter index: of the policy, from 0.
  init(_ index: Int) {
    let shapes = Mark.allCases
    line = "p p\(index % Self.colours)"
    mark = shapes[(index + index / Self.colours) % shapes.count]
    markStyle = "m\(index % Self.colours)"
  }

  func key(_ name: String) -> Page.Key {
    Page.Key(text: name, line: line, mark: (mark, markStyle))
  }
}
