/// Buffers that scoring and learning work in, made once a call.
struct Scratch {
  var row: SparseRow
  var logits: [Double]
  var spreads: [Double]
  var blend: Mixer.Blend

  init(_ model: borrowing Model) {
    row = SparseRow(reserving: model.encoder.capacity)
    logits = [Double](repeating: 0, count: model.experts.lanes)
    spreads = logits
    blend = Mixer.Blend(model.mixer)
  }
}
