import Bytes

/// The weights of a network with all that learning goes on from, as bytes: those of `Network` and of `Perceptron`.
struct NetworkState {
  var rows: Int
  var steps: Int
  var generator: SeededGenerator
  var parameters: [Lanes]
  /// Adam's moments, as many as parameters.
  var firsts: [Lanes]
  var seconds: [Lanes]
  var replay: Replay

  func encode(into writer: inout ByteWriter) {
    writer.append(count: rows)
    writer.append(count: steps)
    writer.append(fixed: generator.state)
    for vectors in [parameters, firsts, seconds] { writer.append(vectors, lanes: 8) }
    replay.encode(into: &writer)
  }
}

extension NetworkState {
  /// - Parameters:
  ///   - vectors: of parameters.
  ///   - bound: no weight is beyond it.
  init(
    from reader: inout ByteReader, task: Task, vectors: Int, bound: Float, encoder: borrowing Encoder
  ) throws(ByteError) {
    rows = try reader.index(upTo: 1 << 53)
    steps = try reader.index(upTo: 1 << 53)
    generator = SeededGenerator(state: try reader.fixed())
    try reader.expect(vectors, ofBytes: 96)
    parameters = try reader.vectors(vectors, lanes: 8, in: -bound...bound)
    firsts = try reader.vectors(vectors, lanes: 8, in: -1e12...1e12)
    seconds = try reader.vectors(vectors, lanes: 8, in: 0...1e24)
    guard zip(firsts, seconds).allSatisfy(Adam.isPossible) else {
      throw reader.failure("moments that no gradients have")
    }
    replay = try Replay(
      from: &reader, entries: encoder.baseCapacity - 1, inputs: encoder.inputs.count,
      classes: task == .regression ? 0 : max(task.outputs, 2))
  }
}
