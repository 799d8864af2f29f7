public import Bytes
public import Models

extension GateConfiguration {
  /// What goes into the sums of a comparison, so that those of others mean something else.
  fileprivate var contrasts: [Double] { [tolerance, gain, segmentTolerance, alpha] }
}

extension Contest {
  private static let format: UInt8 = 2

  public var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.append(Self.format)
    for share in configuration.contrasts { writer.append(share) }
    trial.encode(into: &writer)
    writer.append(canary) { $1.encode(into: &$0) }
    history.encode(into: &writer)
    writer.append(errors) { $0.append($1) }
    for mean in [yardstick, champion, challenger] { mean.encode(into: &writer) }
    writer.append(isProven)
    return writer.bytes
  }

  /// The state that `encoded` wrote, under a configuration and for a task that come from elsewhere.
  ///
  /// - Throws: `ByteError` for another format, another configuration's comparison, or figures that no rows give.
  public init(_ configuration: GateConfiguration, task: Task, decoding bytes: ByteSlice) throws(ByteError) {
    var reader = ByteReader(bytes)
    let format = try reader.byte()
    guard format == Self.format else {
      throw reader.failure("a contest of format \(format), where \(Self.format) is known")
    }
    for share in configuration.contrasts where try reader.double() != share {
      throw reader.failure("a contest under another tolerance, gain or alpha")
    }
    self.init(configuration, task: task)
    trial = try ChallengerTrial(configuration, task: task, from: &reader)
    canary = try reader.optional { reader throws(ByteError) in
      try CanaryTrial(configuration, task: task, from: &reader)
    }
    history = try LossHistory(from: &reader)
    errors = try reader.array { reader throws(ByteError) in
      let error = try reader.double()
      guard error >= 0 else { throw reader.failure("an error below 0") }
      return error
    }
    // Errors of a regression are of any size.
    yardstick = try RunningMean(from: &reader, most: ModelLimits.magnitude)
    champion = try RunningMean(from: &reader, most: ModelLimits.magnitude)
    challenger = try RunningMean(from: &reader, most: ModelLimits.magnitude)
    isProven = try reader.bool()
    try reader.expectEnd()
  }
}
