public import Events
public import Models

/// Champion against challenger on rows that neither has learned: everything the gate decides by, row by row.
///
/// Rows come in *request* order, each only when every earlier one is labelled or expired. In order of the labels'
/// arrival, late labels of one class look like a regime: 82 % of bad challengers were promoted on one stream so, 0.5 %
/// behind the watermark.
///
/// The state is a value: it goes on in shadow, travels in records and lives in snapshots (`encode`). A row costs about
/// 0.7 µs, and 0.2 µs more for each of its segments that is followed.
public struct ChallengerTrial: Hashable, Sendable {
  public let configuration: GateConfiguration
  /// τ0 of the champion's losses on earlier rows; nil where it is not known.
  public let knownDependence: Double?
  /// Of the judged rows, those since `beginShadow`.
  public internal(set) var shadowRows = 0
  public internal(set) var isShadow = false
  /// Rows to which a model gave something that is no output of the task: any of the challenger's rejects it.
  public internal(set) var unscoredByChallenger = 0
  public internal(set) var unscoredByChampion = 0
  /// Rows whose label says nothing.
  public internal(set) var passedOver = 0

  var losses: PairedLosses
  var champion = RunningMean()
  var challenger = RunningMean()
  var difference = RunningMean()
  var promotion: StaggeredTest
  var rejection: PairedTest
  var segments: [Segment: SegmentTrial] = [:]
  var unfollowedRows = 0
  var fairness: [FairnessTrial]
  /// Of champion and challenger; empty for a regression.
  var calibration: [CalibrationTrial]

  /// - Parameters:
  ///   - cap: where absolute errors are cut off, see `GateMeasure.cap(of:)`; other measures do not need it.
  ///   - knownDependence: `LossHistory.dependence` of the champion on earlier rows.
  public init(_ configuration: GateConfiguration, task: Task, cap: Double = 1, knownDependence: Double? = nil) {
    self.configuration = configuration
    self.knownDependence = knownDependence.map {
      $0.isFinite ? min(max($0, 1), LossHistory.largest) : LossHistory.largest
    }
    losses = PairedLosses(configuration.measure ?? .standard(for: task), task: task, cap: cap)
    promotion = StaggeredTest(priorDependence: self.knownDependence ?? 1, alpha: configuration.alpha)
    rejection = PairedTest(priorDependence: self.knownDependence ?? 1)
    fairness = configuration.fairness.map(FairnessTrial.init)
    calibration = task == .regression ? [] : [CalibrationTrial(), CalibrationTrial()]
    for segment in configuration.protected {
      segments[segment] = SegmentTrial(isProtected: true, priorDependence: promotion.priorDependence)
    }
  }

  public var measure: GateMeasure { losses.measure }
  /// Where absolute errors are cut off, in the units of the label.
  public var cap: Double { losses.cap }
  public var rows: Int { champion.count }
  /// Mean losses of the judged rows.
  public var championLoss: Double { champion.mean }
  public var challengerLoss: Double { challenger.mean }
  /// Rows below which nothing is decided.
  public var minimumRows: Int { configuration.leastRows(knowing: knownDependence) }

  /// From here on rows count as rows of the shadow.
  public mutating func beginShadow() { isShadow = true }

  /// Takes a row in.
  ///
  /// - Returns: the losses that were judged; nil for a row that was not, which is counted apart.
  @discardableResult
  public mutating func add(
    champion output: Output, challenger other: Output, target: Target, segments: [Segment] = []
  ) -> LossPair? {
    switch losses.row(champion: output, challenger: other, target: target) {
    case .passedOver: passedOver += 1
    case .unscored(byChallenger: true): unscoredByChallenger += 1
    case .unscored(byChallenger: false): unscoredByChampion += 1
    case .judged(let pair):
      add(pair, segments: segments)
      count(output, other, target, segments)
      return pair
    }
    return nil
  }

  /// Takes a row in of which only the losses are known: what is said of rates and calibration leaves it out.
  public mutating func add(_ pair: LossPair, segments: [Segment] = []) {
    guard rows < GateLimits.rows, pair.champion.magnitude <= GateLimits.difference,
      pair.challenger.magnitude <= GateLimits.difference
    else { return }
    champion.add(pair.champion)
    challenger.add(pair.challenger)
    difference.add(pair.challenger - pair.champion)
    promotion.add(pair, .notWorse(by: configuration.tolerance))
    rejection.add(pair, .worse(by: -configuration.gain))
    if isShadow { shadowRows += 1 }
    var isUnfollowed = false
    for segment in segments {
      if self.segments[segment] == nil {
        guard self.segments.count < max(GateLimits.segments, configuration.protected.count) else {
          isUnfollowed = true
          continue
        }
        self.segments[segment] = SegmentTrial(isProtected: false, priorDependence: promotion.priorDependence)
      }
      self.segments[segment]?.add(pair, tolerance: configuration.segmentTolerance)
    }
    if isUnfollowed { unfollowedRows += 1 }
  }

  private mutating func count(_ champion: Output, _ challenger: Output, _ target: Target, _ segments: [Segment]) {
    guard let label = losses.label(target), let own = Forecast(champion, label),
      let other = Forecast(challenger, label), losses.task != .regression
    else { return }
    calibration[0].add(own.probability, happened: own.happened)
    calibration[1].add(other.probability, happened: other.happened)
    guard !fairness.isEmpty else { return }
    let row = RateRow(isOne: own.isOne, champion: own.decision, challenger: other.decision)
    for rule in fairness.indices { fairness[rule].add(row, segments: segments) }
  }
}

/// A row of a classification in terms of one event: that the label is 1, or of several classes that the likeliest is the
/// true one.
private struct Forecast {
  let probability: Double
  let happened: Bool
  /// Nil for several classes.
  let isOne: Bool?
  let decision: RateRow.Decision

  init?(_ output: Output, _ label: Double) {
    switch output {
    case .number(let p):
      let isOne = label == 1
      (probability, happened, self.isOne) = (p, isOne, isOne)
      decision = RateRow.Decision(isPositive: p >= 0.5, isHit: (p >= 0.5) == isOne)
    case .probabilities(let values):
      guard !values.isEmpty else { return nil }
      let best = PairedLosses.likeliest(values)
      (probability, happened, isOne) = (values[best], Double(best) == label, nil)
      decision = RateRow.Decision(isPositive: false, isHit: happened)
    }
  }
}
