/// Four significant digits, for sentences; the figures themselves stand beside them.
func short(_ value: Double) -> String {
  guard value.isFinite else { return "\(value)" }
  // Powers of ten are exact doubles up to 10^22, so what comes out of the division prints as short as it is.
  var scale = 1.0
  while value.magnitude * scale < 1_000, scale < 1e15 { scale *= 10 }
  let rounded = (value * scale).rounded() / scale
  return rounded.magnitude < 1e15 && rounded == rounded.rounded() ? "\(Int64(rounded))" : "\(rounded)"
}
