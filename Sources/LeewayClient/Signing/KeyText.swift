import Foundation

/// Ed25519 keys as text: PEM around PKCS #8 (RFC 5958) or SubjectPublicKeyInfo (RFC 8410), which openssl and every other
/// toolkit reads and writes, or the base64 of the same bytes without the lines around it.
enum KeyText {
  enum Kind {
    case secret, shared

    var label: String { self == .secret ? "PRIVATE KEY" : "PUBLIC KEY" }

    /// The DER in front of the 32 bytes of the key itself: of Ed25519 it never varies.
    var head: [UInt8] {
      switch self {
      case .secret: [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20]
      case .shared: [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]
      }
    }
  }

  static let keyBytes = 32

  static func base64(_ key: [UInt8], _ kind: Kind) -> String {
    Data(kind.head + key).base64EncodedString()
  }

  static func pem(_ key: [UInt8], _ kind: Kind) -> String {
    "-----BEGIN \(kind.label)-----\n\(base64(key, kind))\n-----END \(kind.label)-----\n"
  }

  /// The key's own 32 bytes; `nil` where the text is no Ed25519 key of this kind. Says nothing of what it saw instead: it
  /// may be a secret.
  static func key(_ text: String, _ kind: Kind) -> [UInt8]? {
    var lines = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
    lines.removeAll(where: \.isEmpty)
    if lines.first?.hasPrefix("-----") == true {
      guard lines.count > 2, lines.first == "-----BEGIN \(kind.label)-----",
        lines.last == "-----END \(kind.label)-----"
      else { return nil }
      lines = Array(lines[1..<(lines.count - 1)])
    }
    guard let bytes = Data(base64Encoded: lines.joined()), bytes.count == kind.head.count + keyBytes,
      bytes.starts(with: kind.head)
    else { return nil }
    return Array(bytes.suffix(keyBytes))
  }
}
