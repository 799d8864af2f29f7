import Engine
import Events

/// A process that runs one stage's worker, and for Train the runs, as the command does.
final class Host {
  let stage: StageKind
  /// What it is known by in its group; a process that comes back may have another.
  var name: String
  var worker: (any RunningWorker)?
  /// A worker that goes on under a name that another has taken.
  var ghost: (any RunningWorker)?
  var restartAt: Milliseconds = 0
  var pausedUntil: Milliseconds = 0
  var silence = SilenceWatch()
  /// Runs to be carried out.
  var runs: [RunStarted] = []
  /// Those that were handed over: a process carries out a run once.
  var known: Set<String> = []

  init(_ stage: StageKind, name: String) {
    self.stage = stage
    self.name = name
  }

  /// Ends without a word to anyone, and forgets everything.
  func crash() {
    worker = nil
    ghost = nil
    runs = []
    known = []
    silence = SilenceWatch()
  }
}
