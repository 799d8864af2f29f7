import ArgumentParser
import Events
import Log

extension ModelsCommand {
  struct MirrorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "mirror", abstract: "Write all runs and versions of the log to the MLflow server, once.",
      discussion: """
        For logs that were recorded without one; `leeway run` does it by itself where the configuration names a server \
        under mlflow. What the server has stays as it is. To be used while no engine mirrors to the same experiment.
        """)
    @OptionGroup var common: CommonOptions

    func run() async throws {
      let file = try common.load()
      guard let settings = try file.mirrorSettings() else {
        throw CommandError(
          "the configuration names no MLflow server", at: common.config ?? LeewayConfiguration.usualFile,
          remedy: "name it under mlflow:, as config/leeway.yaml shows")
      }
      let log = try file.log.openExisting()
      let names = TopicNames(prefix: file.topics.prefix)
      let partitions = try log.spec(of: names[.models])?.partitions ?? 0
      var book = MirrorBook()
      try MirrorReader(log, names, partitions: Array(0..<partitions), trusting: settings.keys).read(into: &book)
      let client = MLflowClient(settings.server, authorization: settings.authorization)
      var mirror = TrackingMirror(client, experiment: settings.server.experiment, prefix: settings.prefix)
      let failure = Self.failure(of: &mirror, &book)
      for refusal in mirror.takeRefusals() { Terminal.complain(refusal) }
      let count = mirror.count
      print(
        "\(settings.server.shown): \(count.runs) runs, \(count.versions) versions and \(count.aliases) aliases written")
      if let failure {
        throw CommandError(
          "takes nothing (\(failure.message))", at: settings.server.shown,
          remedy: "what is missing comes when this is repeated")
      }
      guard count.refused == 0 else { throw CommandError("refused: \(count.refused)", isReported: true) }
    }

    private static func failure(of mirror: inout TrackingMirror, _ book: inout MirrorBook) -> MLflowFailure? {
      do throws(MLflowFailure) {
        try mirror.write(&book)
        return nil
      } catch {
        return error
      }
    }
  }
}
