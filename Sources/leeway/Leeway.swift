import ArgumentParser

/// The command line. A further command is a further entry of `subcommands`.
struct Leeway: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "leeway",
    abstract: "Keeps machine-learning models on course: measures drift, retrains, checks, publishes.",
    discussion: """
      Exit status: 0 done, 1 failed, 2 wrong usage. Configuration: --config FILE, else leeway.yaml in the working \
      directory, else the defaults that config/leeway.yaml shows.
      """,
    version: version,
    subcommands: [
      Demo.self, Run.self, Detect.self, Learn.self, Topics.self, Produce.self, Tail.self, Export.self, Import.self,
      Replay.self, ModelsCommand.self, RunsCommand.self, TriggerCommand.self, Doctor.self, GuardCommand.self,
    ])

  static let version = "0.1.0"
}
