/// The layouts of the versions that are in use, by number. A number is a place: once there are many, a new version takes
/// that of one which has been out of use for longest.
///
/// So a model that is retrained every hour for years leaves no more behind than `kept` layouts here and as many schemas
/// in the scanner. A version that comes back is looked up again, like a new one.
struct LayoutTable {
  /// Layouts from which on a new one takes the place of another. There are more only where more are in use at once.
  static let kept = 64

  private var layouts: [VersionLayout] = []
  private var numbers: [VersionName: Int] = [:]
  /// By number, apart from the layouts, as they are asked for with every event: the number of the model, and of columns.
  private var facts: [(model: Int, width: Int)] = [(0, 0)]
  /// By number: when the layout was asked for by name last, counted in such questions.
  private var uses: [Int] = [0]
  private var now = 0

  var count: Int { layouts.count }

  subscript(number: Int) -> VersionLayout { layouts[number - 1] }
  subscript(name: VersionName) -> VersionLayout? { numbers[name].map { self[$0] } }

  /// How many cells a row has; 0 for the number 0.
  func width(_ number: Int) -> Int { facts[number].width }

  /// The number of the model.
  func model(_ number: Int) -> Int { facts[number].model }

  /// The layout of a version, which is then the last to lose its place.
  mutating func use(_ name: VersionName) -> VersionLayout? {
    guard let number = numbers[name] else { return nil }
    now += 1
    uses[number] = now
    return self[number]
  }

  /// The number whose place the next layout takes; nil for one of its own.
  ///
  /// - Parameter isBusy: whether something still refers to the layout. Asked of few or none while there is room.
  func replaceable(unless isBusy: (VersionLayout) -> Bool) -> Int? {
    guard count >= Self.kept else { return nil }
    return layouts.filter { !isBusy($0) }.map(\.number).min { uses[$0] < uses[$1] }
  }

  /// - Parameter layout: one with a known number, whose place it takes, or with the next.
  mutating func enter(_ layout: VersionLayout, model: Int) {
    let number = layout.number
    if number > count {
      layouts.append(layout)
      facts.append((model, layout.names.count))
      uses.append(now)
    } else {
      numbers[VersionName(self[number])] = nil
      layouts[number - 1] = layout
      facts[number] = (model, layout.names.count)
    }
    numbers[VersionName(layout)] = number
    _ = use(VersionName(layout))
  }
}

extension VersionName {
  init(_ layout: VersionLayout) { self.init(model: layout.model, version: layout.version) }
}
