extension Perceptron {
  /// Takes a row with its label, and every sixteenth time two steps.
  mutating func learn(
    _ row: borrowing EncodedRow, _ inputs: borrowing NetworkInputs, label: Float, weights: ClassWeights
  ) {
    replay.append(row, inputs, label: label)
    rows += 1
    guard rows % Perceptron.period == 0 else { return }
    for _ in 0..<Perceptron.steps {
      clear()
      for place in 0..<Perceptron.batch {
        let kept = place < Perceptron.period ? replay.place(age: place) : generator.below(replay.count)
        put(kept, at: place)
      }
      step(rows: Perceptron.batch, weights)
    }
  }

  /// Numbers from 0 to below `count` in an order drawn anew.
  mutating func order(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for place in order.indices.dropFirst().reversed() { order.swapAt(place, generator.below(place + 1)) }
    return order
  }

  /// An empty batch.
  mutating func clear() {
    let count = Perceptron.batch * inputs
    if work.inputs.count == count {
      for place in work.inputs.indices { work.inputs[place] = 0 }
    } else {
      work.inputs = [Float](repeating: 0, count: count)
    }
  }

  /// Puts a row into the batch.
  mutating func put(_ row: borrowing EncodedRow, _ of: borrowing NetworkInputs, label: Float, at place: Int) {
    let start = place * inputs
    work.labels[place] = label
    work.inputs[start] = Network.bias
    for index in 1..<row.baseCount {
      work.inputs[start + Int(of.of[Int(row.entries[index].slot)])] += row.entries[index].value
    }
  }

  /// Puts a row of the replay into the batch.
  private mutating func put(_ kept: Int, at place: Int) {
    let start = place * inputs
    work.labels[place] = replay.labels[kept]
    work.inputs[start] = Network.bias
    for entry in replay.rows[kept * replay.entries..<(kept + 1) * replay.entries] {
      if entry.slot < 0 { break }
      work.inputs[start + Int(entry.slot)] += entry.value
    }
  }

  /// A step by the first rows of the batch, of which each has an equal share.
  mutating func step(rows: Int, _ weights: ClassWeights) {
    differentiate(rows: rows, weights)
    let (most, least) = (Lanes(repeating: Perceptron.gradientBound), Lanes(repeating: -Perceptron.gradientBound))
    for place in gradients.indices { gradients[place] = gradients[place].atMost(most).atLeast(least) }
    steps += 1
    Adam.move(&parameters, &firsts, &seconds, &gradients, rate: Adam.rate(step: steps))
    for place in parameters.indices { parameters[place] = parameters[place].clipped(Perceptron.weightBound) }
  }

  /// Fills the gradients of the mean loss of the first rows of the batch.
  mutating func differentiate(rows: Int, _ weights: ClassWeights) {
    forward(rows)
    let last = layers.count
    let labels = work.labels
    Gradients.differentiate(&work.sums[last], rows: rows, task: task, weights: weights) { labels[$0] }
    let share = 1 / Float(rows)
    for place in work.sums[last].indices { work.sums[last][place] *= share }
    backward(rows)
  }

  /// Fills the sums of every layer.
  private mutating func forward(_ rows: Int) {
    if work.sums.first?.count != rows * width {
      work.sums = ([width] + layers.map(\.units)).map { [Float](repeating: 0, count: rows * $0) }
      work.active = work.sums.dropLast()
    }
    Products.put(
      Products.Matrix(work.inputs, rows: rows, columns: inputs),
      Products.Matrix(parameters, from: head, rows: inputs, columns: width), into: &work.sums[0])
    for (number, layer) in layers.enumerated() {
      for place in work.sums[number].indices { work.active[number][place] = max(work.sums[number][place], 0) }
      for place in work.sums[number + 1].indices {
        let unit = place % layer.units
        work.sums[number + 1][place] = parameters[layer.biases + unit / 8][unit % 8]
      }
      Products.put(
        Products.Matrix(work.active[number], rows: rows, columns: layer.inputs), matrix(layer).transposed,
        into: &work.sums[number + 1], adding: true)
    }
  }

  private func matrix(_ layer: Layer) -> Products.Matrix {
    Products.Matrix(parameters, from: layer.weights, rows: layer.units, columns: layer.inputs)
  }

  /// From the gradients by the last layer's sums to those by all parameters.
  private mutating func backward(_ rows: Int) {
    for (number, layer) in layers.enumerated().reversed() {
      let errors = Products.Matrix(work.sums[number + 1], rows: rows, columns: layer.units)
      Products.put(
        errors.transposed, Products.Matrix(work.active[number], rows: rows, columns: layer.inputs), into: &gradients,
        from: layer.weights)
      for place in work.sums[number + 1].indices {
        let unit = place % layer.units
        gradients[layer.biases + unit / 8][unit % 8] += work.sums[number + 1][place]
      }
      Products.put(errors, matrix(layer), into: &work.sums[number])
      for place in work.sums[number].indices where work.active[number][place] <= 0 { work.sums[number][place] = 0 }
    }
    Products.put(
      Products.Matrix(work.inputs, rows: rows, columns: inputs).transposed,
      Products.Matrix(work.sums[0], rows: rows, columns: width), into: &gradients, from: head)
  }
}
