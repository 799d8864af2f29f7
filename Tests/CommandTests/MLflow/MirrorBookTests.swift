import Events
import TestSupport
import Testing

@testable import leeway

/// Records as the engine writes them.
enum MirrorRecords {
  static func started(_ run: String, model: String = "m", version: Int = 1, parent: Int? = nil) -> RunRecord {
    .started(
      RunStarted(
        run: run, model: model, time: 1_700_000_000_000, version: version, parent: parent, family: "mixture", seed: 1,
        rows: RowSet(before: 1_700_000_000_000, partitions: [PartitionRows(partition: 0, first: 0, end: 400)]),
        holdout: 0.2))
  }

  static func finished(
    _ run: String, model: String = "m", version: Int = 1, artifact: String? = "a", loss: Double = 0.25
  ) -> RunRecord {
    var finished = RunFinished(run: run, model: model, version: version, seconds: 1.5)
    guard let artifact else {
      finished.failure = "fewer rows than are needed"
      return .finished(finished)
    }
    finished.result = RunResult(
      artifact: artifact, artifactBytes: 1_000, trainedRows: 320, validatedRows: 80, refusedRows: 0,
      learned: RowSet(before: 0, partitions: []), validated: RowSet(before: 0, partitions: []), rowsHash: "h",
      challenger: MetricsRecord(rows: 80, loss: loss, accuracy: 0.9, logLoss: loss, auc: 0.8),
      champion: version > 1 ? MetricsRecord(rows: 80, loss: 0.5, accuracy: 0.8) : nil,
      gate: GateRecord(
        outcome: .promote, reason: "why", measure: "log_loss", rows: 80, minimumRows: 0, challenger: loss),
      reference: ReferenceRecord(rows: 400, provisional: false, columns: []),
      reported: [ReportedFigure(name: "trees/é", value: 30), ReportedFigure(name: "..", value: 1)])
    return .finished(finished)
  }

  static func version(
    _ number: Int, _ status: ModelStatus, model: String = "m", artifact: String? = "a", run: String? = nil,
    reason: String? = nil
  ) -> ModelRecord {
    ModelRecord(
      model: model, version: number, status: status, reason: reason ?? "it is \(status.rawValue)",
      time: 1_700_000_000_000,
      trigger: run, family: "mixture", task: "binary", artifact: artifact, configuration: "c1", code: "leeway", seed: 1)
  }
}

@Suite("MLflow: the fold of runs and versions")
struct MirrorBookTests {
  /// All sequences of up to four changes of two versions.
  @Test func aliasesFollowTheRecords() {
    let changes = [1, 2].flatMap { version in ModelStatus.allCases.map { (version, $0) } }
    func check(_ sequence: [(Int, ModelStatus)]) {
      var book = MirrorBook()
      for (version, status) in sequence { book.take(MirrorRecords.version(version, status)) }
      let last = Dictionary(sequence.map { ($0.0, $0.1) }, uniquingKeysWith: { $1 })
      let named = sequence.last { $0.1 == .champion }?.0
      #expect(book.models["m"]?.champion == named.flatMap { last[$0] == .champion ? $0 : nil }, "\(sequence)")
      let judged = last.filter { [.shadow, .inconclusive].contains($0.value) }.keys.max()
      #expect(book.models["m"]?.challenger == judged, "\(sequence)")
      #expect(book.openVersions == last.count)
    }
    for first in changes {
      check([first])
      for second in changes {
        check([first, second])
        for third in changes { check([first, second, third]) }
      }
    }
  }

  @Test func aRunIsOneImageWhateverComesTwice() throws {
    var book = MirrorBook()
    for _ in 0..<2 { book.take(MirrorRecords.started("r", version: 2, parent: 1), time: 0) }
    #expect(book.openRuns.map(\.outcome) == [nil])
    for _ in 0..<2 { book.take(MirrorRecords.finished("r", version: 2), time: 0) }
    let run = try #require(book.openRuns.first)
    #expect(book.openRuns.count == 1 && run.outcome == .finished && run.artifact == "a")
    #expect(run.start == 1_700_000_000_000 && run.end == 1_700_000_001_500)
    let figures = Dictionary(uniqueKeysWithValues: run.figures.map { ($0.name, $0.value) })
    #expect(figures["challenger/loss"] == 0.25 && figures["champion/loss"] == 0.5 && figures["seconds"] == 1.5)
    #expect(figures["reported/_trees__"] == 30 && figures["reported/_.."] == 1)
    #expect(run.parameters.contains(MirrorEntry("rows", "0: 0..<400")))
    book.wrote(run)
    #expect(book.isWritten)
  }

  @Test func whatAPersonCancelledWasKilled() throws {
    func cancelled(_ run: String, _ request: RunRequest) -> RunRecord {
      .finished(RunFinished(run: run, model: "m", version: 1, failure: request.cancellation, seconds: 0))
    }
    func request(_ run: String) -> RunRequest {
      RunRequest(id: "q-\(run)", model: "m", kind: .cancel, run: run, who: "ada", reason: "wrong labels", time: 0)
    }
    var book = MirrorBook()
    for run in ["under way", "too late"] { book.take(MirrorRecords.started(run), time: 0) }
    for run in ["under way", "waits", "too late"] { book.take(.requested(request(run)), time: 0) }
    for run in ["under way", "waits"] { book.take(cancelled(run, request(run)), time: 0) }
    book.take(MirrorRecords.finished("too late", artifact: nil), time: 0)
    book.take(cancelled("nobody asked", request("nobody asked")), time: 0)
    let outcomes = Dictionary(uniqueKeysWithValues: book.openRuns.map { ($0.run, $0.outcome) })
    #expect(
      outcomes == ["under way": .killed, "waits": .killed, "too late": .failed, "nobody asked": .failed])
    for run in book.openRuns { book.wrote(run) }
    book.take(MirrorRecords.finished("under way"), time: 0)
    #expect(book.isWritten, "what its trainer reports later makes no second run")
  }

  @Test func whatChangesWhileItIsWrittenStaysOpen() throws {
    var book = MirrorBook()
    book.take(MirrorRecords.started("r"), time: 0)
    let run = try #require(book.openRuns.first)
    book.take(MirrorRecords.finished("r", artifact: nil), time: 0)
    book.take(MirrorRecords.version(1, .shadow))
    let version = try #require(book.models["m"]?.versions[1])
    book.take(MirrorRecords.version(1, .champion))
    book.wrote(run)
    book.wrote(version, of: "m")
    #expect(book.openRuns.map(\.outcome) == [.failed] && book.openVersions == 1)
  }

  @Test func figuresThatNobodyCanWriteAreLeftOut() {
    #expect(MirrorFigure("a", .nan) == nil && MirrorFigure("a", .infinity) == nil && MirrorFigure("a", nil) == nil)
    var run = RunFinished(run: "r", model: "m", version: 1, failure: "x", seconds: .nan)
    #expect(RunImage(run, time: 7).end == 7)
    run.seconds = 1e300
    #expect(RunImage(run, time: 7).end > 7)
  }

  @Test func textsAreCutBetweenCharacters() {
    for length in 3..<40 {
      let text = String(repeating: "é€🙂a", count: 10)
      let cut = Words.cut(text, bytes: length)
      #expect(cut.utf8.count <= length && cut.utf8.count > length - 6 && text.hasPrefix(cut.dropLast()))
    }
    #expect(Words.cut("short", bytes: 5) == "short")
  }
}
