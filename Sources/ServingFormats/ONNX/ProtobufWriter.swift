import Bytes

/// Protocol Buffers' wire format, as far as ONNX needs it. Fields are written in the order of their numbers, repeated
/// numbers one by one, as the reference implementation does.
struct ProtobufWriter {
  private var writer = ByteWriter()

  var bytes: [UInt8] { writer.bytes }

  private enum WireType: UInt64 {
    case integer = 0
    case bytes = 2
  }

  private mutating func key(_ field: UInt64, _ type: WireType) {
    writer.append(varint: field << 3 | type.rawValue)
  }

  mutating func integer(_ field: UInt64, _ value: Int) {
    key(field, .integer)
    writer.append(varint: UInt64(bitPattern: Int64(value)))
  }

  mutating func bytes(_ field: UInt64, _ value: some Collection<UInt8>) {
    key(field, .bytes)
    writer.append(value)
  }

  mutating func text(_ field: UInt64, _ value: String) {
    bytes(field, value.utf8)
  }

  mutating func message(_ field: UInt64, _ body: (inout ProtobufWriter) -> Void) {
    var inner = ProtobufWriter()
    body(&inner)
    bytes(field, inner.bytes)
  }
}
