import Engine
import Events

/// Tells when the time has reached another pane: then the engine is told that everything before has come.
struct PaneClock {
  private let pane: Milliseconds
  /// Where the pane ends that the time is in.
  private(set) var end = Milliseconds.min

  init(pane: Milliseconds) {
    self.pane = pane
  }

  /// - Parameter time: does not go back.
  mutating func enters(_ time: Milliseconds) -> Bool {
    guard time >= end else { return false }
    end = (time / pane + (time < 0 && time % pane != 0 ? 0 : 1)) &* pane
    return true
  }

  /// When every pane has closed whose events have all come by now.
  static func closing(_ now: Milliseconds, _ intake: IntakeConfiguration) -> Milliseconds {
    now.saturatingAdd(3 * intake.pane + intake.lateness)
  }
}
