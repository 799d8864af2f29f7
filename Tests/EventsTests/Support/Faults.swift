import Events
import Testing

/// The error that a text must end with; checks that it says what was wrong and where.
@discardableResult
func fault(
  _ code: EventError.Code, at path: String? = nil, _ bytes: [UInt8], as type: any EventRecord.Type,
  sourceLocation: SourceLocation = #_sourceLocation
) -> EventError? {
  let error = #expect(throws: EventError.self, "\(shown(bytes))", sourceLocation: sourceLocation) {
    try type.decode(bytes)
  }
  guard let error else { return nil }
  #expect(error.code == code, "\(error) of \(shown(bytes))", sourceLocation: sourceLocation)
  if let path {
    #expect(error.path == path, "\(error) of \(shown(bytes))", sourceLocation: sourceLocation)
  }
  expectSense(error, bytes.count, sourceLocation: sourceLocation)
  return error
}

@discardableResult
func fault(
  _ code: EventError.Code, at path: String? = nil, _ text: String, as type: any EventRecord.Type,
  sourceLocation: SourceLocation = #_sourceLocation
) -> EventError? {
  fault(code, at: path, Array(text.utf8), as: type, sourceLocation: sourceLocation)
}

/// A message of one line, of bounded length, that names the place.
func expectSense(_ error: EventError, _ count: Int, sourceLocation: SourceLocation = #_sourceLocation) {
  #expect(!error.reason.isEmpty && error.reason.utf8.count < 1_000, sourceLocation: sourceLocation)
  #expect((0...count).contains(error.position), "\(error)", sourceLocation: sourceLocation)
  let place = error.path.isEmpty ? "record" : error.path
  #expect(
    error.description == "\(place): \(error.reason) (byte \(error.position))", sourceLocation: sourceLocation)
}

/// The first bytes of a text, for messages.
func shown(_ bytes: [UInt8]) -> String { String(decoding: bytes.prefix(200), as: UTF8.self) }
