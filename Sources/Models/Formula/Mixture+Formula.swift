extension Mixture {
  var formula: Formula {
    let lanes = isMixed ? 16 : hasExperts ? 1 : 0
    return Formula(
      outputs: task.outputs, lanes: lanes, units: units, columns: encoder.parts,
      base: base(lanes: lanes), curves: curves, head: network?.formula, blend: isMixed ? mixer.formula : nil,
      layers: perceptron?.formula ?? [], isLogarithmic: counts != nil, target: (target.mean, target.deviation))
  }

  /// Hidden ones that a row's entries make.
  private var units: Int { perceptron?.width ?? (network == nil ? 0 : Units.count) }

  private func base(lanes: Int) -> Formula.Table {
    let outputs = task.outputs
    let width = outputs * lanes + units
    var values: [Float] = []
    values.reserveCapacity(encoder.width * width)
    for slot in 0..<encoder.width {
      for place in slot * outputs..<(slot + 1) * outputs where lanes > 0 {
        let plain = experts.plain.cells[place].weights
        guard lanes > 1 else {
          values.append(plain[0])
          continue
        }
        let curved = experts.isCurved ? experts.curved.cells[place].weights : Lanes()
        for lane in 0..<8 { values.append(plain[lane]) }
        for lane in 0..<8 { values.append(curved[lane]) }
      }
      if let perceptron { values += perceptron.first(ofInput: Int(encoder.inputs.of[slot])) }
      if let network { values += network.hidden(ofInput: Int(encoder.inputs.of[slot])) }
    }
    return Formula.Table(width: width, values: values)
  }

  private var curves: Formula.Table {
    let cells = experts.isCurved ? experts.hats.cells : []
    return Formula.Table(
      width: 8 * task.outputs, values: cells.flatMap { cell in (0..<8).map { cell.weights[$0] } })
  }
}

extension Encoder {
  var parts: [Formula.Part] {
    var levels = [[Formula.Level]](repeating: [], count: columns.count)
    for place in 0..<self.levels.count {
      let (name, column) = self.levels.entry(place)
      levels[column].append(Formula.Level(name: name, slot: fixedSlots + place))
    }
    return columns.indices.map { index in
      let start = columns[index].start
      switch columns[index].kind {
      case .numeric: return .number(number(columns[index]))
      case .categorical: return .names(levels: levels[index], unseen: start, missing: start + 1)
      case .hashed: return .hashed
      case .time: return .time(missing: start, hours: start + 1, weekdays: start + 25)
      }
    }
  }

  private func number(_ column: EncodedColumn) -> Formula.Number {
    let moments = moments[column.number]
    let knots = hats.map { $0.knots(of: column.number) } ?? []
    return Formula.Number(
      slot: column.start, mean: moments.mean, deviation: moments.deviation, precision: moments.precision,
      knots: Array(knots), slopes: hats.map { Array($0.slopes(of: column.number)) } ?? [],
      curve: column.number * Hats.knots)
  }
}

extension Network {
  var formula: Formula.Head {
    let weights = (0..<outputs * Units.count).map { parameters[$0 / 8][$0 % 8] }
    return Formula.Head(weights: weights, biases: (0..<outputs).map(bias))
  }
}

extension Perceptron {
  var formula: [Formula.Layer] {
    layers.map { layer in
      Formula.Layer(
        units: layer.units, weights: numbers(layer.weights, layer.units * layer.inputs),
        biases: numbers(layer.biases, layer.units))
    }
  }

  private func numbers(_ start: Int, _ count: Int) -> [Float] {
    (0..<count).map { parameters[start + $0 / 8][$0 % 8] }
  }
}

extension Mixer {
  var formula: Formula.Blend {
    let first = [linear, plain].map(\.weights) + [hasNetwork ? all.weights : Members()]
    return Formula.Blend(
      bound: Mixer.clip * scale, first: first.map { weights in weights.indices.map { weights[$0] } },
      sources: last.mask.indices.map { shape(of: $0).source }, factors: last.mask.indices.map { shape(of: $0).factor },
      bounds: last.mask.indices.map { shape(of: $0).bound }, weights: last.mask.indices.map { last.weights[$0] })
  }

  /// How the second level's input of this lane is made; see `shapes`.
  private func shape(of lane: Int) -> (source: Int, factor: Float, bound: Float) {
    let none: Float = .greatestFiniteMagnitude
    let places = [(Place.linear, 0), (Place.all, 2), (Place.plain, 1), (Place.network, 3)]
    guard last.mask[lane] != 0, let (place, source) = places.filter({ $0.0 <= lane }).max(by: { $0.0 < $1.0 }) else {
      return (0, 0, none)
    }
    switch (place, lane - place) {
    case (_, 0): return (source, 1, none)
    case (Place.network, 1), (_, 4): return (source, 0.5, none)
    case (_, let step): return (source, 1, Float(step) * scale)
    }
  }
}
