import ArgumentParser

/// How policies are tried.
struct TrialOptions: ParsableArguments {
  @Option(help: "Seconds of virtual time that a training takes.")
  var trainSeconds: Double?

  @Option(help: "Trials at the same time; changes no result (default: the number of processors).")
  var workers: Int?

  @Flag(help: "No progress bar.")
  var quiet = false

  func validate() throws {
    if let workers, !(1...256).contains(workers) { throw ValidationError("--workers must be 1 to 256") }
    if let trainSeconds, !(trainSeconds >= 0 && trainSeconds <= 1e9) {
      throw ValidationError("--train-seconds must be 0 to 1000000000")
    }
  }
}
