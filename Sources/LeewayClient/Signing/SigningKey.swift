import Crypto

/// The private key (Ed25519, RFC 8032) that model updates are signed with. Whoever has it decides what subscribers serve.
///
/// Printing one, or an error about one, never shows it.
public struct SigningKey: Sendable, CustomStringConvertible, CustomReflectable {
  private let key: Curve25519.Signing.PrivateKey

  /// A new key, from the system's random generator.
  public init() {
    key = Curve25519.Signing.PrivateKey()
  }

  /// - Parameter text: PEM (PKCS #8), as `leeway models keygen` and `openssl genpkey -algorithm ed25519` write it, or its
  ///   base64 alone.
  public init(_ text: String) throws(ClientError) {
    guard let bytes = KeyText.key(text, .secret) else {
      throw ClientError(
        .invalidConfiguration, "this is no private Ed25519 key in PEM: make one with: leeway models keygen")
    }
    do {
      key = try Curve25519.Signing.PrivateKey(rawRepresentation: bytes)
    } catch {
      throw ClientError(.invalidConfiguration, "this private key cannot be used: make one with: leeway models keygen")
    }
  }

  /// Whether a text looks like a private key, whole or in part: then it must not be shown.
  public static func isLikely(_ text: String) -> Bool {
    text.contains("PRIVATE KEY") || text.contains(KeyText.base64([], .secret).prefix(16))
  }

  /// The secret itself, to be kept in a file that nobody else reads.
  public var pem: String { KeyText.pem(Array(key.rawRepresentation), .secret) }

  /// What subscribers need to check signatures by this key.
  public var trusted: TrustedKey { TrustedKey(key.publicKey) }

  public var description: String { "signing key \(trusted.id)" }
  public var customMirror: Mirror { Mirror(self, children: []) }

  /// 64 bytes. The same message gives the same signature on Linux; Apple's library mixes randomness in, and each
  /// signature is good.
  func signature(of message: [UInt8]) throws(ClientError) -> [UInt8] {
    do {
      return Array(try key.signature(for: message))
    } catch {
      throw ClientError(.invalidConfiguration, "\(self) cannot sign: \(error)")
    }
  }
}
