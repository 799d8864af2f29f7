import Bytes
import Events
import LeewayClient
import Log
import TestSupport
import Testing

@Suite("Keys and signatures of model updates")
struct SignatureTests {
  private let key = SigningKey()

  private var plain: Record {
    var plain = modelRecord(record("m", 3, artifact: [1, 2, 3]))
    plain.headers = [
      Header("ce_specversion", "1.0"), Header("ce_id", "0-7"), Header("trace", "abc"), Header("ce_time", "2025-11-05"),
    ]
    return plain
  }

  private func verdict(_ record: Record, _ keys: [TrustedKey]? = nil) -> ModelSignature.Verdict {
    ModelSignature.verify(record, topic: "models", keys: keys ?? [key.trusted])
  }

  @Test("keys come back from their text, with and without the lines of PEM, and are of one kind")
  func keyTexts() throws {
    let again = try SigningKey(key.pem)
    #expect(again.trusted == key.trusted)
    for text in [key.trusted.pem, key.trusted.base64, "\r\n" + key.trusted.pem.replacing("\n", with: "\r\n")] {
      let trusted = try TrustedKey(text)
      #expect(trusted == key.trusted && trusted.id == key.trusted.id)
    }
    #expect(throws: ClientError.self) { try TrustedKey(key.pem) }
    #expect(throws: ClientError.self) { try SigningKey(key.trusted.pem) }
    #expect(throws: ClientError.self) { try SigningKey(key.trusted.base64) }
    for text in ["", "-----BEGIN PRIVATE KEY-----", "AAAA", key.pem + key.pem] {
      #expect(throws: ClientError.self) { try SigningKey(text) }
    }
    var seen: Set<TrustedKey> = []
    for _ in 0..<20 { seen.insert(SigningKey().trusted) }
    #expect(seen.count == 20)
  }

  /// RFC 8032, section 7.1, test 1, in the text form that openssl gives it.
  @Test("a published key has the published public key")
  func published() throws {
    let published = try SigningKey(
      "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----"
    )
    #expect(published.trusted.base64 == "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
  }

  @Test("a key is not shown by printing, dumping or reflecting it")
  func neverShown() throws {
    let secret = key.pem.split(separator: "\n")[1].suffix(40)
    var dumped = ""
    dump(key, to: &dumped)
    for text in ["\(key)", String(reflecting: key), dumped, "\([key])", "\(Optional(key) as Any)"] {
      #expect(!text.contains(secret))
    }
    let error = #expect(throws: ClientError.self) { try SigningKey(key.pem.replacing("MC4", with: "MC5")) }
    #expect(error.map { !$0.message.contains(secret) } == true)
  }

  @Test("what was signed verifies, and says when and by whom")
  func genuine() throws {
    let signed = try ModelSignature.sign(plain, topic: "models", time: 5, with: key)
    #expect(verdict(signed) == .genuine(key.trusted, time: 5))
    #expect(verdict(signed, [SigningKey().trusted, key.trusted]) == .genuine(key.trusted, time: 5))
    // Headers that others add on the way do not matter, nor does signing again.
    var travelled = signed
    travelled.headers.insert(Header("traceparent", "x"), at: 0)
    travelled.timestamp = 9
    #expect(verdict(travelled) == .genuine(key.trusted, time: 5))
    let again = try ModelSignature.sign(signed, topic: "models", time: 6, with: key)
    #expect(verdict(again) == .genuine(key.trusted, time: 6))
    #expect(again.headers.count == signed.headers.count)
  }

  @Test("any byte changed, cut or added, in key, value or header, and it is refused")
  func everyByte() throws {
    let signed = try ModelSignature.sign(plain, topic: "models", time: 1_762_345_678_901, with: key)
    var tried = 0
    func expectRefused(_ record: Record, _ what: String) {
      tried += 1
      if case .genuine = verdict(record) { Issue.record("\(what) was changed unnoticed") }
    }
    for change: UInt8 in [1, 0x80] {
      try flips(of: signed.key ?? [], change) { bytes in
        var altered = signed
        altered.key = bytes
        expectRefused(altered, "key")
      }
      try flips(of: signed.value ?? [], change) { bytes in
        var altered = signed
        altered.value = bytes
        expectRefused(altered, "value")
      }
      for (index, header) in signed.headers.enumerated() where header.name != "trace" {
        try flips(of: header.value, change) { bytes in
          var altered = signed
          altered.headers[index] = Header(header.name, bytes)
          expectRefused(altered, header.name)
        }
        try flips(of: Array(header.name.utf8)[...], change) { bytes in
          var altered = signed
          altered.headers[index] = Header(String(decoding: bytes, as: UTF8.self), header.value)
          expectRefused(altered, "the name \(header.name)")
        }
      }
    }
    #expect(tried > 900)
  }

  private func flips(of bytes: ByteSlice, _ change: UInt8, _ body: (ByteSlice) throws -> Void) throws {
    for index in bytes.indices {
      var flipped = bytes
      flipped[index] ^= change
      try body(flipped)
    }
    try body(bytes.dropLast())
    try body(bytes + [0])
  }

  @Test("bytes do not slip from one field into the next, nor headers into another order")
  func fields() throws {
    let signed = try ModelSignature.sign(plain, topic: "models", time: 5, with: key)
    var moved = signed
    moved.key = (signed.key ?? []) + (signed.value ?? []).prefix(1)
    moved.value = (signed.value ?? []).dropFirst()
    #expect(verdict(moved) != .genuine(key.trusted, time: 5))
    var reordered = signed
    reordered.headers.swapAt(0, 1)
    #expect(verdict(reordered) != .genuine(key.trusted, time: 5))
    // A second header of a name does not hide the first.
    var doubled = signed
    doubled.headers.append(Header("ce_id", "0-9"))
    #expect(verdict(doubled) != .genuine(key.trusted, time: 5))
    doubled = signed
    doubled.headers.insert(Header(ModelSignature.timeHeader, "9"), at: 0)
    #expect(verdict(doubled) != .genuine(key.trusted, time: 9))
  }

  @Test("another topic, another key, no key and no signature are refused, each with its reason")
  func refused() throws {
    let signed = try ModelSignature.sign(plain, topic: "models", time: 5, with: key)
    func reason(_ verdict: ModelSignature.Verdict) -> String {
      if case .refused(let reason) = verdict { reason } else { "" }
    }
    #expect(reason(ModelSignature.verify(signed, topic: "test.models", keys: [key.trusted])).contains("another topic"))
    #expect(reason(verdict(signed, [SigningKey().trusted])).contains("\(key.trusted.id)\", which is not trusted"))
    #expect(reason(verdict(signed, [])).contains("not trusted"))
    #expect(reason(verdict(plain)).contains("not signed"))
    var claimed = try ModelSignature.sign(plain, topic: "models", time: 5, with: SigningKey())
    claimed.headers = claimed.headers.map {
      $0.name == ModelSignature.keyHeader ? Header($0.name, key.trusted.id) : $0
    }
    #expect(reason(verdict(claimed)).contains("altered"))
  }
}
