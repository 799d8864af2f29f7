import Bytes

/// Why a record could not be read.
public struct EventError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A stable word per kind of fault, for counting: it becomes `DeadLetter.code`.
  public enum Code: String, Hashable, Sendable, CaseIterable {
    /// Not a JSON text as RFC 8259 has it; bare `NaN` and `Infinity` are of this kind.
    case notJSON = "not_json"
    /// A JSON text that ends too soon.
    case truncated
    /// A value of a type that the field does not take.
    case wrongType = "wrong_type"
    case missingField = "missing_field"
    /// A field, or the name of a feature or segment, that stands twice.
    case duplicateField = "duplicate_field"
    /// A number that a double cannot hold, such as `1e999`.
    case notFinite = "not_finite"
    /// A number outside the range of its field, such as version 0.
    case outOfRange = "out_of_range"
    /// Bytes that are not UTF-8, or half a surrogate pair in an escape.
    case invalidUTF8 = "invalid_utf8"
    case tooDeep = "too_deep"
    case tooLarge = "too_large"
    case badTime = "bad_time"
    case emptyID = "empty_id"
    case emptyName = "empty_name"
    /// A record without a value, or `null` in a field that needs one.
    case nullValue = "null_value"
    /// A word that the field does not know: a `kind`, a `status`.
    case unknownKind = "unknown_kind"
    /// A header that is missing or not what it should be.
    case badHeader = "bad_header"
  }

  public let code: Code
  /// The field, such as `features.age` or `reference.columns[3].edges[2]`; empty for the record as a whole.
  public private(set) var path: String
  /// Bytes from the record's start to where the fault was seen.
  public let position: Int
  /// What was wrong, as the end of a sentence that begins with the field.
  public let reason: String
  /// The field that is not there, to be added to the path of the object that lacks it.
  private let missing: String?

  init(_ code: Code, at position: Int, _ reason: String, path: String = "", missing: String? = nil) {
    self.code = code
    self.path = path
    self.position = position
    self.reason = reason
    self.missing = missing
  }

  public var description: String {
    "\(path.isEmpty ? "record" : path): \(reason) (byte \(position))"
  }

  /// The same error with its path, which is found by reading `bytes` again up to the position of the fault.
  func located(in bytes: ByteSlice) -> EventError {
    var located = self
    let object = JSONPath.path(to: position, in: bytes)
    located.path = [object, missing ?? ""].filter { !$0.isEmpty }.joined(separator: ".")
    return located
  }
}
