import LeewayClient

/// The keys that the configuration names. Says which they are, and nothing of what is in them.
struct KeyExamination {
  let security: SecuritySection

  init(_ security: SecuritySection) {
    self.security = security
  }

  var findings: [Finding] { signingFindings + trustedFindings }

  private var signingFindings: [Finding] {
    do throws(CommandError) {
      guard let key = try security.loadSigningKey() else { return [] }
      if case .file(let path)? = security.signingKey, KeyFile.isOpenToOthers(path) {
        return [
          Finding("signing key", .warning, "other users may read \(path)", "keep it to its owner: chmod 600 '\(path)'")
        ]
      }
      return [Finding("signing key", .ok, "\(key.trusted.id) signs model updates")]
    } catch {
      return [failed("signing key", error)]
    }
  }

  private var trustedFindings: [Finding] {
    do throws(CommandError) {
      guard let keys = try security.loadTrustedKeys() else { return [] }
      return [Finding("trusted keys", .ok, keys.map(\.id).joined(separator: ", "))]
    } catch {
      return [failed("trusted keys", error)]
    }
  }

  private func failed(_ check: String, _ error: CommandError) -> Finding {
    Finding(check, .failed, "\(error.place.map { "\($0): " } ?? "")\(error.problem)", error.remedy)
  }
}
