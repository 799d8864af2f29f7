import Bytes
import Events

// Binary forms of event values inside snapshots.

extension FeatureValue {
  func encode(into writer: inout ByteWriter) {
    switch self {
    case .missing: writer.append(UInt8(0))
    case .number(let number):
      writer.append(UInt8(1))
      writer.append(number)
    case .category(let level):
      writer.append(UInt8(2))
      writer.append(level)
    }
  }

  init(from reader: inout ByteReader) throws(ByteError) {
    switch try reader.byte() {
    case 0: self = .missing
    case 1: self = .number(try reader.double())
    case 2: self = .category(try reader.string())
    default: throw reader.failure("an unknown kind of feature value")
    }
  }
}

extension LabelValue {
  func encode(into writer: inout ByteWriter) {
    switch self {
    case .number(let number):
      writer.append(UInt8(1))
      writer.append(number)
    case .category(let level):
      writer.append(UInt8(2))
      writer.append(level)
    }
  }

  init(from reader: inout ByteReader) throws(ByteError) {
    switch try reader.byte() {
    case 1: self = .number(try reader.double())
    case 2: self = .category(try reader.string())
    default: throw reader.failure("an unknown kind of label")
    }
  }
}
