/// A value that JSON writes as one token.
public protocol JSONScalar {
  func write(to writer: inout JSONWriter)
}

extension Bool: JSONScalar {
  public func write(to writer: inout JSONWriter) { writer.value(self) }
}

extension String: JSONScalar {
  public func write(to writer: inout JSONWriter) { writer.value(self) }
}

extension Double: JSONScalar {
  public func write(to writer: inout JSONWriter) { writer.value(self) }
}

extension Int: JSONScalar {
  public func write(to writer: inout JSONWriter) { writer.value(self) }
}

extension Int64: JSONScalar {
  public func write(to writer: inout JSONWriter) { writer.value(self) }
}

extension UInt64: JSONScalar {
  public func write(to writer: inout JSONWriter) { writer.value(self) }
}

extension JSONWriter {
  /// One field of an object.
  public mutating func field(_ name: StaticString, _ value: some JSONScalar) {
    self.name(name)
    value.write(to: &self)
  }

  /// One field of an object; none where there is no value.
  public mutating func field(_ name: StaticString, _ value: (some JSONScalar)?) {
    if let value { field(name, value) }
  }

  /// A field whose value is an array.
  public mutating func field<C: Collection>(
    _ name: StaticString, each elements: C, _ body: (inout JSONWriter, C.Element) -> Void
  ) {
    self.name(name)
    array(elements, body)
  }
}
