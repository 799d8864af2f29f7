extension Perceptron {
  /// The logit of each output, or the standardised value.
  func score(_ row: borrowing EncodedRow, _ inputs: borrowing NetworkInputs, into logits: inout [Float]) {
    var units = first(row, inputs.of)
    for layer in layers {
      for place in units.indices { units[place] = units[place].atLeast(Lanes()) }
      let sums = (0..<layer.units).map { unit in
        parameters[layer.biases + unit / 8][unit % 8] + dot(units, layer.weights + unit * units.count)
      }
      guard layer.biases < layers[layers.count - 1].biases else {
        for output in sums.indices { logits[output] = sums[output] }
        return
      }
      units = stride(from: 0, to: sums.count, by: 8).map { start in
        var vector = Lanes()
        for lane in 0..<8 { vector[lane] = sums[start + lane] }
        return vector
      }
    }
  }

  private func first(_ row: borrowing EncodedRow, _ inputs: [Int32]) -> [Lanes] {
    let vectors = Perceptron.vectors(width)
    var sums = (head..<head + vectors).map { parameters[$0] * Network.bias }
    for index in 1..<row.baseCount {
      let entry = row.entries[index]
      let place = head + Int(inputs[Int(entry.slot)]) * vectors
      for vector in 0..<vectors { sums[vector] += parameters[place + vector] * entry.value }
    }
    return sums
  }

  /// Σ unit · weight, by halves.
  private func dot(_ units: [Lanes], _ start: Int) -> Float {
    var products = units.indices.map { units[$0] * parameters[start + $0] }
    var count = products.count
    while count > 1 {
      count /= 2
      for place in 0..<count { products[place] += products[place + count] }
    }
    return products[0].total
  }

  /// What an entry of this input adds to the first layer, for a value of 1.
  func first(ofInput input: Int) -> [Float] {
    let start = head + input * Perceptron.vectors(width)
    let scale = input == 0 ? Network.bias : 1
    return (0..<width).map { parameters[start + $0 / 8][$0 % 8] * scale }
  }
}
