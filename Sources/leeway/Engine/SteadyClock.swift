import Dispatch

/// Time that never goes back, whatever is done to the clock on the wall.
enum SteadyClock {
  /// Seconds since some moment.
  static var seconds: Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }
}
