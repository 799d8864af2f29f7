import Bytes
import TestSupport
import Testing

@testable import Models

@Suite("Perceptron")
struct PerceptronTests {
  @Test("Products are those of the definition, whichever side is transposed")
  func products() {
    var random = SplitMix64(seed: 80)
    for (rows, inner, columns) in [(1, 1, 1), (3, 8, 2), (32, 40, 16), (5, 16, 9)] {
      let one = (0..<rows * inner).map { _ in Float(random.normal()) }
      let other = (0..<inner * columns).map { _ in Float(random.normal()) }
      let turned = (0..<inner * rows).map { one[$0 % rows * inner + $0 / rows] }
      let otherTurned = (0..<inner * columns).map { other[$0 % inner * columns + $0 / inner] }
      let start = (0..<rows * columns).map { _ in Float(random.normal()) }
      let expected = (0..<rows * columns).map { place in
        (0..<inner).reduce(0.0) { sum, k in
          sum + Double(one[place / columns * inner + k]) * Double(other[k * columns + place % columns])
        }
      }
      let ones = [
        Products.Matrix(one, rows: rows, columns: inner),
        Products.Matrix(turned, rows: inner, columns: rows).transposed,
      ]
      let others = [
        Products.Matrix(other, rows: inner, columns: columns),
        Products.Matrix(otherTurned, rows: columns, columns: inner).transposed,
      ]
      for (one, other) in ones.flatMap({ one in others.map { (one, $0) } }) {
        var product = start
        Products.put(one, other, into: &product)
        #expect(zip(product, expected).allSatisfy { abs(Double($0) - $1) < 1e-4 })
        product = start
        Products.put(one, other, into: &product, adding: true)
        #expect(zip(product, zip(expected, start)).allSatisfy { abs(Double($0) - $1.0 - Double($1.1)) < 1e-4 })
      }
    }
  }

  /// Against differences of the loss, computed by the arithmetic that scores.
  @Test("Gradients are the slopes of the loss", arguments: everyTask)
  func gradients(task: Task) throws {
    let schema = try Schema(task: task, columns: fewColumns)
    let rows = fewRows(24, seed: 81, schema: schema)
    var encoder = Encoder(schema: schema, constants: Family.perceptron.constants, seed: 1)
    for (row, _) in rows { _ = encoder.admit(row) }
    let weights = try ClassWeights(
      task == .regression ? .none : .fixed([task == .binary ? "1" : "b": 3]), task: task)
    var perceptron = Perceptron(task: task, hidden: [16, 8], entries: encoder.baseCapacity - 1, seed: 1)
    perceptron.widen(encoder)
    var random = SplitMix64(seed: 82)
    for place in perceptron.parameters.indices {
      for lane in 0..<8 { perceptron.parameters[place][lane] = Float(0.4 * random.normal()) }
    }
    let labels = rows.map { Float(Labels(task).label(of: $0.1) ?? 0).clipped(2) }
    var encoded = EncodedRow(encoder)
    func loss(_ perceptron: Perceptron) -> Double {
      var logits = [Float](repeating: 0, count: task.outputs)
      var sum = 0.0
      for (index, (row, _)) in rows.enumerated() {
        encoder.encode(row, into: &encoded)
        perceptron.score(encoded, encoder.inputs, into: &logits)
        let z = logits.map(Double.init)
        let weight = Double(weights.weight(of: labels[index]))
        switch task {
        case .regression:
          // Beyond three an error's loss goes on as a line.
          let error = abs(z[0] - Double(labels[index]))
          sum += error < 3 ? error * error / 2 : 3 * error - 4.5
        case .binary: sum -= weight * Elementary.log(Elementary.sigmoid(labels[index] == 1 ? z[0] : -z[0]))
        case .multiclass:
          var p = z
          Elementary.softmax(&p)
          sum -= weight * Elementary.log(p[Int(labels[index])])
        }
      }
      return sum / Double(rows.count)
    }
    perceptron.clear()
    for (index, (row, _)) in rows.enumerated() {
      encoder.encode(row, into: &encoded)
      perceptron.put(encoded, encoder.inputs, label: labels[index], at: index)
    }
    perceptron.differentiate(rows: rows.count, weights)
    var compared = 0
    for _ in 0..<200 {
      let (place, lane) = (random.below(perceptron.parameters.count), random.below(8))
      let slope = Double(perceptron.gradients[place][lane])
      let losses = [Float(2e-3), -2e-3].map { step in
        var moved = perceptron
        moved.parameters[place][lane] += step
        return loss(moved)
      }
      let middle = loss(perceptron)
      // A unit that wakes or falls asleep on the way makes a bend.
      guard abs(losses[0] + losses[1] - 2 * middle) < 2e-5 else { continue }
      compared += 1
      #expect(abs((losses[0] - losses[1]) / 4e-3 - slope) < 2e-3 + 0.02 * abs(slope))
    }
    #expect(compared > 120)
  }

  /// Which of four corners a row is in: nothing that a sum of single columns can tell.
  private func corners(_ count: Int, seed: UInt64, _ schema: Schema) -> [(Row, Target)] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in
      let (x, y) = (random.normal(), random.normal())
      return (schema.row(.number(x), .number(y)), .number((x > 0) == (y > 0) ? 1 : 0))
    }
  }

  private func accuracy(_ model: Model, _ rows: [(Row, Target)]) -> Double {
    var evaluation = Evaluation(task: model.schema.task)
    for (row, target) in rows { evaluation.add(model.predict(row), target) }
    return evaluation.accuracy ?? 0
  }

  @Test("It learns what a sum of columns cannot say, and in epochs from fewer rows")
  func interaction() throws {
    let schema = try Schema(task: .binary, columns: columns(.numeric, .numeric))
    let (rows, tested) = (corners(2_000, seed: 83, schema), corners(400, seed: 84, schema))
    var linear = Model(schema: schema, family: .linearMixture)
    linear.learn(rows)
    #expect(accuracy(linear, tested) < 0.6)
    var model = Model(schema: schema, family: .mlp)
    model.learn(rows)
    #expect(accuracy(model, tested) > 0.9)
    var few = Model(schema: schema, family: .mlp)
    few.learn(rows[..<400])
    let before = accuracy(few, tested)
    let refinement = few.refine(rows[..<400], validation: rows[400..<600], epochs: 15, patience: 3)
    #expect((refinement?.best ?? 0) > 0)
    #expect(accuracy(few, tested) > max(before, 0.85))
    #expect(few.rowsLearned == 400)
  }

  @Test("Epochs end where validation rows no longer gain, and the best weights are kept", arguments: everyTask)
  func earlyStopping(task: Task) throws {
    let schema = try Schema(task: task, columns: mixedColumns)
    var random = SplitMix64(seed: 85)
    // Labels that nothing explains: every epoch over them makes it worse.
    let labels = mixedRows(400, seed: 86, schema: schema).map(\.1)
    let rows = mixedRows(400, seed: 87, schema: schema).map { ($0.0, labels[random.below(400)]) }
    var model = Model(schema: schema, family: .mlp)
    model.learn(rows[..<300])
    let before = model.encoded()
    var other = try Model(decoding: before[...])
    let found = model.refine(rows[..<300], validation: rows[300...], epochs: 100, patience: 3)
    let refinement = try #require(found)
    #expect(refinement.epochs == refinement.best + 3)
    if refinement.best == 0 { #expect(model.encoded() == before) }
    let again = other.refine(rows[..<300], validation: rows[300...], epochs: 100, patience: 3)
    #expect(again == refinement)
    #expect(other.encoded() == model.encoded())
    let without = model.refine(rows[..<300], validation: [], epochs: 5, patience: 2)
    var linear = Model(schema: schema, family: .linear)
    let straight = linear.refine(rows[..<300], validation: rows[300...], epochs: 5, patience: 2)
    #expect(without == nil && straight == nil)
  }

  @Test(
    "The same rows give the same bytes, and one read back learns on as the one that was written", arguments: everyTask)
  func deterministic(task: Task) throws {
    let schema = try Schema(task: task, columns: mixedColumns)
    let rows = mixedRows(331, seed: 88, schema: schema)
    var one = Model(schema: schema, family: .mlp, seed: 4)
    var other = one
    one.learn(rows)
    other.learn(rows[..<200])
    other = try Model(decoding: other.encoded()[...])
    other.learn(rows[200...])
    #expect(one.encoded() == other.encoded())
    var third = Model(schema: schema, family: .mlp, seed: 5)
    third.learn(rows)
    #expect(third.predict(rows[0].0) != one.predict(rows[0].0))
  }
}
