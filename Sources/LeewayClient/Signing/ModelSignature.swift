import Bytes
import Foundation
public import Log

/// Signatures of records of `models`, in the records' headers.
///
/// Signed is everything that a subscriber acts on: the topic's name, the record's key, the time of signing, the
/// CloudEvents headers and the whole value as it stands, so that JSON needs no canonical form. In bytes:
///
///     "leeway model update 1\n"
///     topic, key, leeway-signed-at, value     each as its length in 4 bytes, little-endian, and its bytes
///     name and value of every header whose name begins with "ce_", in order, each the same way
///
/// The value names model, version, status and the artifact's SHA-256, and so vouches for the artifact's bytes as well.
/// A signature does not hold under another topic or key. It does not hide anything, and it does not notice when records
/// are withheld: whoever can delete the newest records makes an older version look like the newest.
public enum ModelSignature {
  /// The signature, 64 bytes in base64.
  public static let header = "leeway-signature"
  /// Which key made it: `TrustedKey.id`.
  public static let keyHeader = "leeway-key-id"
  /// Milliseconds since 1970 by the signer's clock, rising from record to record: an old record that is written anew is
  /// known by it.
  public static let timeHeader = "leeway-signed-at"

  private static let domain = Array("leeway model update 1\n".utf8)

  /// The record with its signature; earlier ones are taken off.
  ///
  /// - Parameters:
  ///   - topic: the name of the topic that the record will be written to, with the prefix.
  ///   - time: milliseconds since 1970, later than that of every record signed before for the topic.
  public static func sign(
    _ record: Record, topic: String, time: Int64, with key: SigningKey
  ) throws(ClientError) -> Record {
    var signed = record
    signed.headers.removeAll { [header, keyHeader, timeHeader].contains($0.name) }
    signed.headers.append(Header(timeHeader, "\(time)"))
    let signature = try key.signature(of: message(signed, topic: topic))
    signed.headers.append(Header(keyHeader, key.trusted.id))
    signed.headers.append(Header(header, Data(signature).base64EncodedString()))
    return signed
  }

  /// What is told of a record by its signature.
  public enum Verdict: Hashable, Sendable {
    /// Signed by this key at this time.
    case genuine(TrustedKey, time: Int64)
    /// Why it must not be believed.
    case refused(String)
  }

  /// Which key is named as the signer's; nil of a record that is not signed. Says nothing of whether it has signed.
  public static func keyID(of record: Record) -> String? {
    record.text(header) == nil ? nil : record.text(keyHeader).map { String($0.prefix(40)) }
  }

  /// - Parameter topic: the name of the topic that the record was read from.
  public static func verify(_ record: Record, topic: String, keys: some Collection<TrustedKey>) -> Verdict {
    guard let text = record.text(header), let id = record.text(keyHeader) else {
      return .refused("its record is not signed")
    }
    guard let key = keys.first(where: { $0.id == id }) else {
      return .refused("its record is signed by the key \"\(id.prefix(40))\", which is not trusted")
    }
    guard let signature = Data(base64Encoded: text), signature.base64EncodedString() == text,
      let time = record.text(timeHeader).flatMap(Int64.init),
      key.verifies(Array(signature), of: message(record, topic: topic))
    else {
      return .refused(
        "its record is not what the key \(id) has signed: it was altered, or written for another topic than \(topic)")
    }
    return .genuine(key, time: time)
  }

  private static func message(_ record: Record, topic: String) -> [UInt8] {
    var writer = ByteWriter(reserving: (record.value?.count ?? 0) + 512)
    func append(_ field: some Collection<UInt8>) {
      writer.append(fixed: UInt32(clamping: field.count))
      writer.append(raw: field)
    }
    writer.append(raw: domain)
    append(topic.utf8)
    append(record.key ?? [])
    append(record.headers.first { $0.name == timeHeader }?.value ?? [])
    append(record.value ?? [])
    for header in record.headers where header.name.hasPrefix("ce_") {
      append(header.name.utf8)
      append(header.value)
    }
    return writer.bytes
  }
}

extension Record {
  fileprivate func text(_ header: String) -> String? {
    headers.first { $0.name == header }.flatMap { String(validating: $0.value, as: UTF8.self) }
  }
}
