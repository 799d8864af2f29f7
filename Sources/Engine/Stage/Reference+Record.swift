import Bytes
import Drift
import Events
import Sketches

// Between a reference and the record of it that travels.

extension ReferenceRecord {
  /// Nil where a column's bins or counts are not what a reference has.
  var reference: Reference? {
    guard [loss, error].allSatisfy({ Moments($0).isValid }) else { return nil }
    var columns: [ColumnReference] = []
    for record in self.columns {
      guard let column = record.columnReference else { return nil }
      columns.append(column)
    }
    var derived: [DerivedColumn] = []
    for record in self.derived {
      guard let column = record.column.columnReference,
        let derivation = try? Derivation(decoding: record.derivation),
        derivation.fits(columns: columns.count, prediction: prediction != nil)
      else { return nil }
      derived.append(DerivedColumn(column: column, derivation: derivation))
    }
    return Reference(
      rows: rows, columns: columns, derived: derived, prediction: prediction?.columnReference,
      lossColumn: lossColumn?.columnReference, loss: loss.map { Moments($0) }, error: error.map { Moments($0) },
      calibration: calibration.flatMap { try? ScoreCalibration(decoding: $0) }, provisional: provisional,
      isOrdered: ordered)
  }

  init(_ reference: Reference) {
    self.init(
      rows: reference.rows, provisional: reference.provisional,
      columns: reference.columns.map(ColumnReferenceRecord.init),
      prediction: reference.prediction.map(ColumnReferenceRecord.init), loss: reference.loss?.record,
      error: reference.error?.record, lossColumn: reference.lossColumn.map(ColumnReferenceRecord.init),
      derived: reference.derived.map {
        DerivedColumnRecord(column: ColumnReferenceRecord($0.column), derivation: $0.derivation.encoded())
      },
      calibration: reference.calibration?.encoded(), ordered: reference.isOrdered)
  }
}

extension ColumnReferenceRecord {
  fileprivate var columnReference: ColumnReference? {
    guard let binning, counts.count == binning.binCount else { return nil }
    guard Moments(moments).isValid, (counts + [missing]).allSatisfy({ (0...SketchLimits.count).contains($0) }) else {
      return nil
    }
    return ColumnReference(
      name: name, binning: binning, counts: counts, missing: missing, moments: moments.map { Moments($0) },
      dependence: dependence)
  }

  init(_ column: ColumnReference) {
    switch column.binning {
    case .numeric(let binning):
      self.init(
        name: column.name, edges: binning.edges, counts: column.counts, missing: column.missing,
        moments: column.moments?.record, dependence: column.dependence)
    case .categories(let binning):
      self.init(
        name: column.name, levels: binning.levels, otherLevels: binning.others,
        otherLevelsIncomplete: binning.othersIncomplete, counts: column.counts, missing: column.missing,
        dependence: column.dependence)
    }
  }
}

/// What travels in a record as bytes of its own.
protocol ByteCoded {
  init(from reader: inout ByteReader) throws(ByteError)
  func encode(into writer: inout ByteWriter)
}

extension ByteCoded {
  init(decoding bytes: [UInt8]) throws(ByteError) {
    var reader = ByteReader(bytes[...])
    try self.init(from: &reader)
    try reader.expectEnd()
  }

  func encoded() -> [UInt8] {
    var writer = ByteWriter()
    encode(into: &writer)
    return writer.bytes
  }
}

extension Derivation: ByteCoded {}
extension ScoreCalibration: ByteCoded {}
