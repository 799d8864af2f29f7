import Bytes
import Crypto

/// A public key (Ed25519) whose signatures a subscriber believes.
public struct TrustedKey: Sendable, Hashable, CustomStringConvertible {
  private let key: Curve25519.Signing.PublicKey
  /// The first 16 digits of the SHA-256 of the key's 32 bytes: names it in records and messages, and proves nothing.
  public let id: String

  init(_ key: Curve25519.Signing.PublicKey) {
    self.key = key
    id = hexadecimal(SHA256.hash(data: key.rawRepresentation).prefix(8))
  }

  /// - Parameter text: PEM (SubjectPublicKeyInfo), as `leeway models keygen` and `openssl pkey -pubout` write it, or its
  ///   base64 alone.
  public init(_ text: String) throws(ClientError) {
    guard let bytes = KeyText.key(text, .shared), let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)
    else {
      throw ClientError(
        .invalidConfiguration,
        "this is no public Ed25519 key in PEM: take the file ending in .pub that leeway models keygen has written")
    }
    self.init(key)
  }

  public var pem: String { KeyText.pem(Array(key.rawRepresentation), .shared) }
  /// One line, for a configuration.
  public var base64: String { KeyText.base64(Array(key.rawRepresentation), .shared) }

  public var description: String { id }

  func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
    key.isValidSignature(signature, for: message)
  }

  public static func == (left: Self, right: Self) -> Bool {
    left.key.rawRepresentation == right.key.rawRepresentation
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(key.rawRepresentation)
  }
}
