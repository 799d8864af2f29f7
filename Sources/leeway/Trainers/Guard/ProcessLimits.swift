/// What a trainer's process and all its descendants may take together.
struct ProcessLimits: Codable, Equatable {
  /// By the machine's clock.
  var seconds: Double
  /// Resident bytes; pages that processes share count for each of them.
  var memory: Int64
  var processes: Int
}

/// How a guarded process ended; travels from the guard to the engine.
struct GuardReport: Codable, Equatable {
  enum End: String, Codable {
    /// By itself: see `status`.
    case exited
    /// By a signal that the guard did not send: see `status`.
    case signalled
    /// The guard stopped it: see `reason`.
    case stopped
    /// It could not be started: see `reason`.
    case unstartable
  }

  var end: End
  /// The exit status, or the signal.
  var status: Int32 = 0
  /// A clause for people.
  var reason = ""
  /// Descendants that were still there when the process had ended, and were stopped.
  var leftovers = 0
  /// Whether the engine asked for the end, or was gone.
  var wasTold = false
}
