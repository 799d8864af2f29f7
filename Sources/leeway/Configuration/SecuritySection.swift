import Foundation
import LeewayClient
import Yams

/// Who signs model updates, and whose signatures are believed. Where a secret is, never the secret itself.
struct SecuritySection: Equatable {
  /// The private key that signs what is written to `models`; `nil` signs nothing.
  var signingKey: Secret?
  /// Public keys, each as the path of its file or as its base64.
  var trustedKeys: [String] = []
}

extension SecuritySection {
  enum Key: String, ConfigurationKey {
    case signingKey = "signing_key"
    case trustedKeys = "trusted_keys"
  }

  mutating func read(_ section: ConfigurationSection<Key>) throws(CommandError) {
    if let value = section[.signingKey] { signingKey = value.isOff ? nil : try Secret(value, "the key") }
    try section.names(.trustedKeys, &trustedKeys)
  }

  /// - Throws: where a key cannot be read; the error names the file and shows nothing of the key.
  func loadSigningKey(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(CommandError) -> SigningKey? {
    guard let signingKey else { return nil }
    let text = try signingKey.text(environment, for: "security.signing_key")
    do throws(ClientError) {
      return try SigningKey(text)
    } catch {
      throw CommandError(error.message, at: signingKey.place)
    }
  }

  /// `nil` where none are configured: nothing is asked of signatures then.
  ///
  /// - Parameter more: further ones, as the command line gives them.
  func loadTrustedKeys(_ more: [String] = []) throws(CommandError) -> [TrustedKey]? {
    let all = trustedKeys + more
    if all.isEmpty { return nil }
    var keys: [TrustedKey] = []
    for text in all {
      if let key = try? TrustedKey(text) {
        keys.append(key)
        continue
      }
      if SigningKey.isLikely(text) {
        throw CommandError(
          "a private key stands among the trusted ones", remedy: "make a new pair, and trust its public half alone")
      }
      let pem = try KeyFile.text(of: text)
      do throws(ClientError) {
        keys.append(try TrustedKey(pem))
      } catch {
        throw CommandError(error.message, at: text)
      }
    }
    return keys
  }
}

/// Files that hold a key.
enum KeyFile {
  private static let maximumBytes = 1 << 16

  static func text(of path: String) throws(CommandError) -> String {
    let source = try FileSource(path: path)
    var buffer = [UInt8](repeating: 0, count: maximumBytes)
    var bytes: [UInt8] = []
    while bytes.count <= maximumBytes {
      let count = try buffer.readFront(of: source)
      if count == 0 { break }
      bytes += buffer[..<count]
    }
    guard bytes.count <= maximumBytes, let text = String(validating: bytes, as: UTF8.self) else {
      throw CommandError("this is no key in PEM", at: path)
    }
    return text
  }

  /// Creates a file that must not be there yet.
  static func create(_ path: String, mode: mode_t, _ text: String) throws(CommandError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else {
      throw errno == EEXIST
        ? CommandError("there is a file of this name already", at: path, remedy: "name another, or move it away")
        : CommandError("cannot be created (\(String(cString: strerror(errno))))", at: path)
    }
    // The mode that was asked for, whatever the process takes away or a folder gives by default.
    let isPrivate = fchmod(descriptor, mode) == 0
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do {
      guard isPrivate else { throw CommandError("cannot be kept from other users", at: path) }
      try file.write(contentsOf: Data(text.utf8))
      try file.synchronize()
    } catch {
      unlink(path)
      throw error as? CommandError ?? CommandError("cannot be written (\(error.localizedDescription))", at: path)
    }
  }

  /// Whether users other than its owner may read or change the file; false where that cannot be said.
  static func isOpenToOthers(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & (S_IRWXG | S_IRWXO) != 0
  }
}
