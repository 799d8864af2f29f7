import Events

extension Golden {
  static let moments = MomentsRecord(count: 38, mean: 38.5, m2: 3717.975, min: 24, max: 60)
  static let momentsText = #"{"count":38,"mean":38.5,"m2":3717.975,"min":24,"max":60}"#

  static let reference = ReferenceRecord(
    rows: 100, provisional: true,
    columns: [
      ColumnReferenceRecord(name: "age", edges: [30, 40.5], counts: [1, 2, 3], missing: 0, moments: moments),
      ColumnReferenceRecord(
        name: "job", levels: ["clerk"], otherLevels: ["student"], otherLevelsIncomplete: true, counts: [5, 1, 0],
        missing: 2, dependence: 2.5),
    ], prediction: ColumnReferenceRecord(name: "(prediction)", edges: [], counts: [100], missing: 0), loss: moments,
    error: moments, lossColumn: ColumnReferenceRecord(name: "(loss)", edges: [0.5], counts: [30, 8], missing: 0),
    derived: [
      DerivedColumnRecord(
        column: ColumnReferenceRecord(name: "(joint)", edges: [], counts: [100], missing: 0), derivation: [0, 255])
    ])
  static let referenceText = #"""
    {"rows":100,"provisional":true,"columns":[{"name":"age","edges":[30,40.5],"counts":[1,2,3],"missing":0,\#
    "moments":\#(momentsText)},{"name":"job","levels":["clerk"],"other_levels":["student"],\#
    "other_levels_incomplete":true,"counts":[5,1,0],"missing":2,"dependence":2.5}],"prediction":{"name":"(prediction)","edges":[],\#
    "counts":[100],"missing":0},"loss":\#(momentsText),"error":\#(momentsText),\#
    "loss_column":{"name":"(loss)","edges":[0.5],"counts":[30,8],"missing":0},\#
    "derived":[{"column":{"name":"(joint)","edges":[],"counts":[100],"missing":0},"derivation":"AP8="}]}
    """#

  static let summaries =
    [
      Golden(
        record: SummaryRecord.pane(
          PaneSummary(
            model: "m", version: 7, partition: 1, tick: 20, start: 10, end: 20, rows: 40,
            columns: [
              ColumnSummary(name: "age", count: 38, missing: 1, invalid: 1, moments: moments, bins: [20, 18, 0]),
              ColumnSummary(
                name: "job", count: 40, missing: 0, invalid: 0, bins: [30, 5, 5],
                unseen: [LevelCount(level: "astronaut", count: 3)], unseenOther: 2),
            ], prediction: ColumnSummary(name: "(prediction)", count: 40, missing: 0, invalid: 0, bins: [40]),
            derived: [ColumnSummary(name: "(joint)", count: 40, missing: 0, invalid: 0, bins: [40])],
            facts: VersionFacts(published: 5, task: "binary", reference: reference))),
        text: #"""
          {"kind":"pane","model":"m","version":7,"partition":1,"tick":20,"start":10,"end":20,"rows":40,"columns":[\#
          {"name":"age","count":38,"missing":1,"invalid":1,"moments":\#(momentsText),"bins":[20,18,0]},\#
          {"name":"job","count":40,"missing":0,"invalid":0,"bins":[30,5,5],\#
          "unseen":[{"level":"astronaut","count":3}],"unseen_other":2}],\#
          "prediction":{"name":"(prediction)","count":40,"missing":0,"invalid":0,"bins":[40]},\#
          "derived":[{"name":"(joint)","count":40,"missing":0,"invalid":0,"bins":[40]}],\#
          "facts":{"published":5,"task":"binary","reference":\#(referenceText)}}
          """#),
      Golden(
        record: SummaryRecord.judged(
          JudgedSummary(
            model: "m", version: 7, partition: 1, tick: 20, start: 10, end: 20, rows: 38, loss: moments,
            lossBins: [30, 8], error: moments, label: moments, expired: 2)),
        text: #"""
          {"kind":"judged","model":"m","version":7,"partition":1,"tick":20,"start":10,"end":20,"rows":38,\#
          "loss":\#(momentsText),"loss_bins":[30,8],"error":\#(momentsText),"label":\#(momentsText),"expired":2}
          """#),
      Golden(
        record: SummaryRecord.progress(
          Progress(
            partition: 3, tick: 20, resolved: 10, nextSeq: 2042,
            counts: [
              ModelCounts(
                model: "m", predictions: 1, examples: 2, duplicatePredictions: 3, duplicateLabels: 4, orphanLabels: 5,
                expired: 6, late: 7)
            ])),
        text: #"""
          {"kind":"progress","partition":3,"tick":20,"resolved":10,"next_seq":2042,"counts":[{"model":"m",\#
          "predictions":1,"examples":2,"duplicate_predictions":3,"duplicate_labels":4,"orphan_labels":5,"expired":6,\#
          "late":7}]}
          """#),
    ] + sketches

  /// One of each kind.
  private static let sketches = SketchRecord.Kind.allCases.map { kind in
    Golden(
      record: SketchRecord(
        kind: kind, model: "m", version: 7, partition: 1, start: 10, end: 20, column: "job", rows: 40,
        sketch: [1, 2, 3, 4]),
      text: #"""
        {"kind":"\#(kind.rawValue)","model":"m","version":7,"partition":1,"start":10,"end":20,"column":"job",\#
        "rows":40,"format":1,"sketch":"AQIDBA=="}
        """#)
  }
}
