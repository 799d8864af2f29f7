/// The layouts of the versions that have been met, numbered from 1 on in the order of their meeting.
struct LayoutTable {
  private var layouts: [VersionLayout] = []
  private var numbers: [VersionName: Int] = [:]
  /// By number, apart from the layouts, as they are asked for with every event: the number of the model, and of columns.
  private var facts: [(model: Int, width: Int)] = [(0, 0)]

  /// The number that the next layout gets.
  var next: Int { facts.count }

  subscript(number: Int) -> VersionLayout { layouts[number - 1] }
  subscript(name: VersionName) -> VersionLayout? { numbers[name].map { self[$0] } }

  /// How many cells a row has; 0 for the number 0.
  func width(_ number: Int) -> Int { facts[number].width }

  /// The number of the model.
  func model(_ number: Int) -> Int { facts[number].model }

  mutating func append(_ layout: VersionLayout, model: Int) {
    numbers[VersionName(model: layout.model, version: layout.version)] = next
    layouts.append(layout)
    facts.append((model, layout.names.count))
  }
}
