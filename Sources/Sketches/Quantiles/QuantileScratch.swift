/// Working memory for sorting blocks of values, about 20 KB for doubles. One serves any number of sketches, one after
/// the other; it carries nothing from one call to the next.
public struct QuantileScratch<Value: QuantileValue>: Sendable {
  var sorted: [Value]
  var spare: [Value]
  var codes: [UInt16]
  var spareCodes: [UInt16]

  public init() {
    let size = QuantileBlock.size
    sorted = [Value](repeating: 0, count: size)
    spare = [Value](repeating: 0, count: size)
    codes = [UInt16](repeating: 0, count: size)
    spareCodes = [UInt16](repeating: 0, count: size)
  }
}
