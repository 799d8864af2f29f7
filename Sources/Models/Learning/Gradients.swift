/// Of a batch of rows, as the networks learn them.
enum Gradients {
  /// Turns each row's logits, or its standardised value, into the loss's gradients by them.
  ///
  /// - Parameters:
  ///   - numbers: `row · outputs + output`.
  ///   - label: of a row of the batch.
  @inline(__always)
  static func differentiate(
    _ numbers: inout [Float], rows: Int, task: Task, weights: ClassWeights, label: (Int) -> Float
  ) {
    switch task {
    case .regression:
      for row in 0..<rows {
        numbers[row] = (numbers[row] - label(row)).clipped(LinearExperts.regressionClip)
      }
    case .binary:
      for start in stride(from: 0, to: rows, by: 8) {
        var logits = Lanes()
        for row in start..<min(start + 8, rows) { logits[row - start] = numbers[row] }
        let probabilities = Elementary.sigmoid(logits)
        for row in start..<min(start + 8, rows) {
          numbers[row] = (probabilities[row - start] - label(row)) * weights.weight(of: label(row))
        }
      }
    case .multiclass:
      let outputs = task.outputs
      for row in 0..<rows {
        let own = row * outputs..<(row + 1) * outputs
        Elementary.softmax(&numbers, in: own)
        numbers[own.lowerBound + Int(label(row))] -= 1
        if weights.isNone { continue }
        let weight = weights.weight(of: label(row))
        for place in own { numbers[place] *= weight }
      }
    }
  }
}
