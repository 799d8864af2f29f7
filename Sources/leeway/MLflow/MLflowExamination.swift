/// The tracking server that the configuration names. Nothing waits for it, so what is wrong with it is a warning; but
/// without its secret the engine does not start.
struct MLflowExamination {
  private static let check = "MLflow"
  /// Seconds for one answer.
  private static let patience = 5.0

  private let section: MLflowSection

  init(_ section: MLflowSection) {
    self.section = section
  }

  var finding: Finding {
    do throws(CommandError) {
      return examine(authorization: try section.authorization())
    } catch {
      return Finding(Self.check, .failed, "\(error.place.map { "\($0): " } ?? "")\(error.problem)", error.remedy)
    }
  }

  private func examine(authorization: String?) -> Finding {
    let client = MLflowClient(section, authorization: authorization, patience: Self.patience)
    do throws(MLflowFailure) {
      let found = try client.experiment(section.experiment)
      let version = try client.version().map { " (version \($0))" } ?? ""
      let server = "\(section.shown) answers\(version)"
      guard let found else {
        return Finding(Self.check, .ok, "\(server); the experiment \(section.experiment) is made with the first run")
      }
      guard !found.isDeleted else {
        return Finding(
          Self.check, .warning, "\(server), and its experiment \(section.experiment) is deleted",
          "restore it there, or name another under mlflow.experiment")
      }
      guard authorization == nil || section.url.hasPrefix("https:") else {
        return Finding(
          Self.check, .warning, "\(server), and the secret goes there unencrypted",
          "name an address that begins with https: under mlflow.url")
      }
      return Finding(Self.check, .ok, "\(server) and has the experiment \(section.experiment)")
    } catch {
      return Finding(
        Self.check, .warning, "\(section.shown) takes nothing (\(error.message))",
        "look at the server and at mlflow in the configuration; the engine runs without it, and mirrors later")
    }
  }
}
