import Models

extension LeewayConfiguration {
  /// Whether the files of golden sets can be used; pinned rows are looked up in a run.
  var goldenFindings: [Finding] {
    models.compactMap { model in
      guard case .file(let path, let label)? = model.gate.golden?.rows else { return nil }
      let check = "golden set"
      do {
        let rows = try GoldenSet.rows(
          of: path, label: label, task: model.engineTask, family: model.family.learner,
          model: model.name)
        return Finding(check, .ok, "\(Figures.grouped(rows.count)) rows of \(model.name) in \(path)")
      } catch {
        return Finding(check, .failed, "of \(model.name): \(error)", "mend the file, or name another (gate.golden)")
      }
    }
  }
}
