extension Mixture {
  mutating func repeatRows(_ rows: ArraySlice<(Row, Target)>) {
    // Nobody else holds it while it learns: it is changed where it is.
    guard var perceptron = perceptron.take() else { return }
    let known = rows.filter { label(of: $0.1, $0.0) != nil }
    let order = perceptron.order(known.count)
    var scratch = takeScratch()
    for start in stride(from: 0, to: order.count, by: Perceptron.batch) {
      let batch = order[start..<min(start + Perceptron.batch, order.count)]
      perceptron.clear()
      for (place, index) in batch.enumerated() {
        guard let label = label(of: known[index].1, known[index].0) else { continue }
        evaluate(known[index].0, &scratch)
        perceptron.put(scratch.row, encoder.inputs, label: scaled(label), at: place)
      }
      perceptron.step(rows: batch.count, weights)
    }
    self.scratch = scratch
    self.perceptron = perceptron
  }
}
