extension JointProjection {
  /// The projection of these rows; nil where no two columns certainly depend on each other.
  ///
  /// Cost: n·D²/2 multiplications for n rows, at most 8,192, and D features, at most 5 of each of 48 columns; 10 D³ for the
  /// eigenvectors; before that, n/64 for each pair of columns. Below a second at 2,000 columns.
  init?(_ sample: JointSample, halves: JointHalves) {
    var fit = JointFit(sample)
    for column in halves.mostDependent(JointTuning.projectedColumns) { fit.add(column) }
    guard let components = fit.components() else { return nil }
    let read = fit.columns.indices.filter { fit.isRead($0, components) }
    self.init(
      columns: read.map { fit.columns[$0] }, bins: read.map { fit.bins[$0] },
      tables: read.flatMap { fit.table($0, components) }, signs: components.signs)
  }
}

/// Builds a projection: features, their certain correlations, and the directions that tell most.
private struct JointFit {
  struct Components {
    /// By feature.
    var weights: [JointProjection.Sums]
    var signs = JointProjection.Sums(repeating: 1)
  }

  private let sample: JointSample
  private(set) var columns: [Int] = []
  private(set) var bins: [JointBins] = []
  /// By feature: its table, its column's position in `columns`, and its value in each row.
  private var tables: [[Double]] = []
  private var owners: [Int] = []
  private var values: [[Double]] = []

  init(_ sample: JointSample) { self.sample = sample }

  mutating func add(_ column: Int) {
    let bins = JointBins(sample.columns[column])
    let places = bins.bins(of: sample.columns[column])
    var rows = [Int](repeating: 0, count: JointBins.places)
    for place in places { rows[place] += 1 }
    for table in JointFeatures(bins: bins, rows: rows).tables {
      tables.append(table)
      owners.append(columns.count)
      values.append(places.map { table[$0] })
    }
    columns.append(column)
    self.bins.append(bins)
  }

  /// Nil where nothing is certain.
  func components() -> Components? {
    var pairs: [(Int, Int, Double)] = []
    var involved = Set<Int>()
    for i in values.indices {
      for j in 0..<i where owners[i] != owners[j] {
        guard let correlation = certainCorrelation(i, j) else { continue }
        pairs.append((i, j, correlation))
        involved.formUnion([i, j])
      }
    }
    let features = involved.sorted()
    guard !features.isEmpty else { return nil }
    var place = [Int](repeating: 0, count: values.count)
    for (index, feature) in features.enumerated() { place[feature] = index }
    let n = features.count
    var matrix = [Double](repeating: 0, count: n * n)
    for i in 0..<n { matrix[i * n + i] = 1 }
    for (i, j, correlation) in pairs {
      matrix[place[i] * n + place[j]] = correlation
      matrix[place[j] * n + place[i]] = correlation
    }
    return components(SymmetricEigen(matrix, size: n), features)
  }

  /// The mean of the product, where it lies beyond chance as the stretches of time show it: stretches, not rows, since
  /// rows may depend on those before them.
  private func certainCorrelation(_ i: Int, _ j: Int) -> Double? {
    let a = values[i]
    let b = values[j]
    var total = 0.0
    var means: [Double] = []
    for stretch in sample.stretches {
      var sum = 0.0
      for row in stretch { sum += a[row] * b[row] }
      total += sum
      means.append(sum / Double(max(stretch.count, 1)))
    }
    let mean = total / Double(sample.rows)
    let count = Double(means.count)
    let spread = means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    let error = max((spread / count).squareRoot(), 0.5 / Double(sample.rows).squareRoot())
    return mean.magnitude > JointTuning.sureness * error ? mean : nil
  }

  private func components(_ eigen: SymmetricEigen, _ features: [Int]) -> Components? {
    let n = features.count
    let variances = eigen.values.map { max($0, JointTuning.leastVariance) }
    // Twice the divergence between a component that keeps its variance and one whose variance becomes 1.
    let gains = variances.map { Elementary.log($0) + 1 / $0 - 1 }
    let best = gains.indices.sorted { (gains[$1], $0) < (gains[$0], $1) }
      .prefix(JointProjection.Sums.scalarCount).filter { gains[$0] > 1e-6 }
    guard !best.isEmpty else { return nil }
    var found = Components(weights: [JointProjection.Sums](repeating: .zero, count: values.count))
    for (component, vector) in best.enumerated() {
      let excess = 1 / variances[vector] - 1
      found.signs[component] = excess < 0 ? -1 : 1
      let scale = excess.magnitude.squareRoot()
      for (index, feature) in features.enumerated() {
        found.weights[feature][component] = Float(scale * eigen.vectors[index * n + vector])
      }
    }
    return found
  }

  func isRead(_ position: Int, _ components: Components) -> Bool {
    owners.indices.contains { owners[$0] == position && components.weights[$0] != .zero }
  }

  /// What each bin of a column adds to the components.
  func table(_ position: Int, _ components: Components) -> [JointProjection.Sums] {
    var sums = [JointProjection.Sums](repeating: .zero, count: JointBins.places)
    for place in bins[position].usedPlaces {
      for feature in owners.indices where owners[feature] == position {
        sums[place] += components.weights[feature] * Float(tables[feature][place])
      }
    }
    return sums
  }
}
