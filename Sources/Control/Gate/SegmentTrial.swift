import Bytes
import Events

/// Champion and challenger on the rows of one value of a segment.
///
/// A segment blocks where the challenger is proven worse (a veto). To ask for proof that it is not worse in every one
/// would leave no power: with five segments and 2,000 rows at most one challenger in 200 passed. So small segments are
/// not protected by this; a protected one is, at the price of its rows.
struct SegmentTrial: Hashable, Sendable {
  let isProtected: Bool
  private(set) var champion = RunningMean()
  private(set) var challenger = RunningMean()
  private var veto: PairedTest
  private var proof: PairedTest?

  init(isProtected: Bool, priorDependence: Double) {
    self.isProtected = isProtected
    veto = PairedTest(priorDependence: priorDependence)
    proof = isProtected ? PairedTest(priorDependence: priorDependence) : nil
  }

  mutating func add(_ pair: LossPair, tolerance: Double) {
    champion.add(pair.champion)
    challenger.add(pair.challenger)
    veto.add(pair, .worse(by: tolerance))
    proof?.add(pair, .notWorse(by: tolerance))
  }

  /// - Parameter among: how many segments an alert was picked out of.
  func record(_ segment: Segment, _ configuration: GateConfiguration, among: Int) -> SegmentGateRecord {
    let tolerance = configuration.segmentTolerance
    let evidence = veto.record(tolerance: tolerance, alpha: configuration.alpha)
    let rows = champion.count
    let suffices = rows >= configuration.segmentRows
    let isWorse = suffices && evidence.isProof
    let alert = suffices && veto.proves(alpha: configuration.alpha / Double(max(among, 1)))
    var record = SegmentGateRecord(
      segment: segment, rows: rows, champion: champion.mean, challenger: challenger.mean, isProtected: isProtected,
      verdict: isWorse ? .broken : suffices ? .held : .undetermined, alert: alert, evidence: evidence)
    if let proof, !isWorse {
      record.evidence = proof.record(tolerance: tolerance, alpha: configuration.alpha)
      let isProven = rows >= configuration.protectedRows && record.evidence.isProof
      record.verdict = isProven ? .held : .undetermined
    }
    return record
  }
}

extension PairedTest {
  func record(tolerance: Double, alpha: Double) -> EvidenceRecord {
    EvidenceRecord(
      tolerance: tolerance, mean: mean, deviation: deviation, dependence: dependence, logEvidence: logEvidence,
      logThreshold: Self.logThreshold(alpha), rowsNeeded: rowsNeeded(alpha: alpha))
  }
}

extension SegmentTrial {
  func encode(into writer: inout ByteWriter) {
    champion.encode(into: &writer)
    challenger.encode(into: &writer)
    veto.encode(into: &writer)
    writer.append(proof) { $1.encode(into: &$0) }
  }

  init(isProtected: Bool, from reader: inout ByteReader) throws(ByteError) {
    self.isProtected = isProtected
    champion = try RunningMean(from: &reader)
    challenger = try RunningMean(from: &reader)
    veto = try PairedTest(from: &reader)
    proof = try reader.optional { reader throws(ByteError) in try PairedTest(from: &reader) }
    guard (proof != nil) == isProtected, champion.count == challenger.count, veto.rows == champion.count,
      proof.map({ $0.rows == champion.count }) ?? true
    else { throw reader.failure("a segment that no rows give") }
  }
}
