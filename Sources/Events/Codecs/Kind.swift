/// The one field that every record of several kinds has.
private enum KindField: String, CaseIterable {
  case kind
  static let table = FieldTable<KindField>()
}

extension JSONScanner {
  /// Reads the object's `kind` ahead and stands at its beginning again. Leeway writes the kind first, so that this
  /// costs a few nanoseconds; elsewhere the object is read twice.
  mutating func kind<Kind: RawRepresentable<String> & CaseIterable>(
    _ type: Kind.Type = Kind.self
  ) throws(EventError) -> Kind {
    var ahead = self
    var object = try ObjectReader(KindField.table, &ahead)
    guard try object.next(&ahead) != nil else { throw object.missing(.kind) }
    ahead.skipBlanks()
    let start = ahead.next
    let text = try ahead.text()
    guard let kind = Kind(rawValue: text) else {
      let known = Kind.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
      throw EventError(.unknownKind, at: start, "`\(text.prefix(64))` is none of \(known)")
    }
    return kind
  }
}
