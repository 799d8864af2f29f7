extension Schema {
  /// The schema of sample rows: columns in order of first appearance; a column is numeric unless `categorical` names it,
  /// or a string is seen in it that `numeric` does not excuse, and is left out where `dropped` names it; one that `hashed`
  /// or `times` names is of that kind. A name that never comes with a value makes a numeric column.
  ///
  /// Throws an error of code `schema` where nothing is left, or where a set names a column that no row has.
  ///
  /// Fastest where rows have their names in one order; otherwise one look-up a name.
  @inlinable
  public static func infer(
    task: Task, rows: some Sequence<some Sequence<(name: String, value: Value)>>, categorical: Set<String> = [],
    numeric: Set<String> = [], dropped: Set<String> = [], hashed: Set<String> = [], times: Set<String> = []
  ) throws(ModelError) -> Schema {
    var scan = SchemaScan(categorical: categorical, numeric: numeric, dropped: dropped)
    for row in rows {
      scan.beginRow()
      for (name, value) in row { scan.see(name, value) }
    }
    return try scan.schema(task, hashed: hashed, times: times)
  }
}

/// The columns of the rows seen so far.
@usableFromInline
struct SchemaScan {
  private let categorical: Set<String>
  private let numeric: Set<String>
  private let dropped: Set<String>
  private var names: [String] = []
  private var kinds: [Column.Kind] = []
  private var isExcused: [Bool] = []
  private var positions: [String: Int] = [:]
  /// Where the next name of the row is expected.
  private var expected = 0

  @usableFromInline
  init(categorical: Set<String>, numeric: Set<String>, dropped: Set<String>) {
    self.categorical = categorical
    self.numeric = numeric
    self.dropped = dropped
  }

  @usableFromInline
  mutating func beginRow() { expected = 0 }

  @usableFromInline
  mutating func see(_ name: String, _ value: Value) {
    let position = expected < names.count && names[expected] == name ? expected : positions[name] ?? add(name)
    expected = position + 1
    if case .category = value, !isExcused[position] { kinds[position] = .categorical }
  }

  private mutating func add(_ name: String) -> Int {
    positions[name] = names.count
    names.append(name)
    kinds.append(categorical.contains(name) ? .categorical : .numeric)
    isExcused.append(numeric.contains(name))
    return names.count - 1
  }

  @usableFromInline
  func schema(_ task: Task, hashed: Set<String>, times: Set<String>) throws(ModelError) -> Schema {
    let kept = names.indices.filter { !dropped.contains(names[$0]) }
    for (kind, named) in [
      ("categorical", categorical), ("numeric", numeric), ("hashed", hashed), ("time", times),
    ] {
      guard let absent = named.subtracting(dropped).filter({ positions[$0] == nil }).min() else { continue }
      let names = kept.map { self.names[$0] }
      throw ModelError(.schema, "\(kind) column \"\(absent)\" is in none of the rows; the columns are \(names)")
    }
    return try Schema(
      task: task,
      columns: kept.map { index in
        let name = names[index]
        return Column(
          name: name, kind: hashed.contains(name) ? .hashed : times.contains(name) ? .time : kinds[index])
      })
  }
}
