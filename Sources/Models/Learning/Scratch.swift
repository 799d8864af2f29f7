/// What scoring and learning work in, made once and kept from call to call.
struct Scratch {
  var row: EncodedRow
  /// By output: the linear experts' logits, and what their step works in.
  var logits: [Members]
  var sums: [Members]
  /// By output: the network's.
  var network: [Float]
  /// By output: the way through the mixer.
  var blends: [Mixer.Blend]

  init(_ encoder: borrowing Encoder, outputs: Int) {
    row = EncodedRow(encoder)
    logits = [Members](repeating: Members(), count: outputs)
    sums = logits
    network = [Float](repeating: 0, count: outputs)
    blends = [Mixer.Blend](repeating: Mixer.Blend(), count: outputs)
  }
}
