public import Bytes

/// Moments of a stream while it is read, value by value or by batch: the figures depend on the order of the values
/// alone, not on how they were cut into batches, so a pane has the same bytes wherever a read of the log ended.
///
/// Values go into blocks of 1,024. Within one, the deviations from its first value and their squares are summed in eight
/// lanes, lane by position in the block; a full block is merged into the whole after Chan, Golub and LeVeque (1979).
/// Since the shift is one of the block's own values, the sum of squares loses at most ten bits to cancellation.
/// Values must be finite and at most `SketchLimits.magnitude` in size.
public struct RunningMoments: Sendable {
  static let block = 1_024
  private static let lanes = 8

  /// Of all full blocks.
  private var full = Moments()
  /// Values of the open block.
  private var opened = 0
  /// The open block's first value.
  private var shift = 0.0
  private var low = Double.infinity
  private var high = -Double.infinity
  /// Eight sums of deviations and eight of their squares; empty while no block is open, as in every finished pane.
  private var sums: [Double] = []

  public init() {}

  /// To go on from: `moments` as one closed block.
  init(_ moments: Moments) { full = moments }

  /// Of all values so far.
  public var moments: Moments {
    guard opened > 0 else { return full }
    var moments = full
    moments.merge(openBlock)
    return moments
  }

  /// Values that the open block can still take.
  var room: Int { Self.block - opened }

  /// 3 ns.
  public mutating func update(_ value: Double) {
    if opened == 0 { open(at: value) }
    let deviation = value - shift
    let lane = opened & (Self.lanes - 1)
    sums[lane] += deviation
    sums[Self.lanes + lane] += deviation * deviation
    if value < low { low = value }
    if value > high { high = value }
    opened += 1
    if opened == Self.block { close() }
  }

  /// 0.3 to 0.5 ns a value.
  public mutating func update(_ values: Span<Double>) {
    var start = 0
    while start < values.count {
      let end = min(start + room, values.count)
      let accepted = take(values.extracting(start..<end))
      precondition(accepted, "moments are of finite numbers within SketchLimits.magnitude")
      start = end
    }
  }

  /// Adds the values of a batch of at most `room`, all of them or, where one is not finite or beyond
  /// `SketchLimits.magnitude`, none.
  mutating func take(_ values: Span<Double>) -> Bool {
    guard values.count > 0 else { return true }
    if opened == 0 {
      var lanes = Lanes()
      lanes.add(values, from: 0, shift: values[0])
      guard lanes.isValid else { return false }
      if values.count == Self.block {
        full.merge(lanes.moments(count: Self.block, shift: values[0]))
        return true
      }
      open(at: values[0])
      hold(lanes, values.count)
    } else {
      var lanes = openLanes
      lanes.add(values, from: opened & (Self.lanes - 1), shift: shift)
      guard lanes.isValid else { return false }
      hold(lanes, values.count)
    }
    return true
  }

  private mutating func hold(_ lanes: Lanes, _ added: Int) {
    lanes.store(into: &sums)
    low = lanes.low
    high = lanes.high
    opened += added
    if opened == Self.block { close() }
  }

  private mutating func open(at value: Double) {
    shift = value
    low = .infinity
    high = -.infinity
    sums = [Double](repeating: 0, count: 2 * Self.lanes)
  }

  private mutating func close() {
    full.merge(openBlock)
    opened = 0
    sums = []
  }

  private var openLanes: Lanes { Lanes(sums: sums, low: low, high: high) }

  private var openBlock: Moments { openLanes.moments(count: opened, shift: shift) }
}

extension RunningMoments {
  /// With the open block, so that reading goes on as if it had never stopped: one byte beside the full blocks' moments
  /// when none is open, else some 160.
  public func encode(into writer: inout ByteWriter) {
    full.encode(into: &writer)
    writer.append(count: opened)
    guard opened > 0 else { return }
    for figure in [shift, low, high] + sums { writer.append(figure) }
  }

  /// Refuses figures that no stream has.
  public init(from reader: inout ByteReader) throws(ByteError) {
    self.init(try Moments(from: &reader))
    opened = try reader.index()
    guard opened < Self.block else { throw reader.failure("an open block of \(opened) values") }
    guard opened > 0 else { return }
    shift = try reader.double()
    low = try reader.double()
    high = try reader.double()
    for _ in 0..<2 * Self.lanes { sums.append(try reader.double()) }
    let limit = SketchLimits.magnitude
    let inRange = -limit <= low && low <= shift && shift <= high && high <= limit
    // What a block of values within the limit can add up to, rounding included.
    let most = 4 * limit * Double(Self.block)
    let possible =
      sums[..<Self.lanes].allSatisfy { $0.magnitude <= most }
      && sums[Self.lanes...].allSatisfy { 0 <= $0 && $0 <= most * limit }
    guard inRange, possible, full.count <= SketchLimits.count - opened, moments.isValid else {
      throw reader.failure("an open block that no stream has")
    }
  }
}

extension RunningMoments: Hashable {
  /// Whether both hold the same figures.
  public static func == (left: Self, right: Self) -> Bool { left.moments == right.moments }
  public func hash(into hasher: inout Hasher) { hasher.combine(moments) }
}
