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

extension Feature {
  func encode(into writer: inout ByteWriter) {
    writer.append(name)
    value.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(ByteError) {
    self.init(name: try reader.string(), value: try FeatureValue(from: &reader))
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

extension Score {
  func encode(into writer: inout ByteWriter) {
    switch self {
    case .number(let number):
      writer.append(UInt8(1))
      writer.append(number)
    case .category(let level):
      writer.append(UInt8(2))
      writer.append(level)
    case .probabilities(let values):
      writer.append(UInt8(3))
      writer.append(values) { $0.append($1) }
    }
  }

  init(from reader: inout ByteReader) throws(ByteError) {
    switch try reader.byte() {
    case 1: self = .number(try reader.double())
    case 2: self = .category(try reader.string())
    case 3: self = .probabilities(try reader.array { reader throws(ByteError) in try reader.double() })
    default: throw reader.failure("an unknown kind of score")
    }
  }
}

extension Prediction {
  func encode(into writer: inout ByteWriter) {
    writer.append(id)
    writer.append(model)
    writer.append(version) { $0.append(count: $1) }
    writer.append(signed: time)
    writer.append(entity) { $0.append($1) }
    writer.append(features) { $1.encode(into: &$0) }
    writer.append(score) { $1.encode(into: &$0) }
    writer.append(segments) { writer, segment in
      writer.append(segment.name)
      writer.append(segment.value)
    }
  }

  init(from reader: inout ByteReader) throws(ByteError) {
    self.init(
      id: try reader.string(), model: try reader.string(),
      version: try reader.optional { reader throws(ByteError) in try reader.index() },
      time: try reader.signed(),
      entity: try reader.optional { reader throws(ByteError) in try reader.string() },
      features: try reader.array { reader throws(ByteError) in try Feature(from: &reader) },
      score: try reader.optional { reader throws(ByteError) in try Score(from: &reader) },
      segments: try reader.array { reader throws(ByteError) in
        Segment(name: try reader.string(), value: try reader.string())
      })
  }
}
