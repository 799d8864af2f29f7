// The messages of onnx.proto by their field numbers.

/// What a model file says about itself.
struct ModelHeader {
  let producer: String
  let producerVersion: String
  let domain: String
  let version: Int
  let description: String
  let properties: [(name: String, text: String)]
}

extension Graph {
  /// Of the files that this writes: every version of the runtime since the middle of 2022 reads them.
  static let formatVersion = 8
  static let operatorVersion = 17
  static let learningDomain = "ai.onnx.ml"
  static let learningVersion = 3

  func encoded(_ header: ModelHeader) -> [UInt8] {
    var writer = ProtobufWriter()
    writer.integer(1, Graph.formatVersion)
    writer.text(2, header.producer)
    writer.text(3, header.producerVersion)
    writer.text(4, header.domain)
    writer.integer(5, header.version)
    writer.text(6, header.description)
    writer.message(7, encode)
    writer.message(8) { operators in
      operators.text(1, "")
      operators.integer(2, Graph.operatorVersion)
    }
    if nodes.contains(where: \.isLearning) {
      writer.message(8) { operators in
        operators.text(1, Graph.learningDomain)
        operators.integer(2, Graph.learningVersion)
      }
    }
    for property in header.properties {
      writer.message(14) { entry in
        entry.text(1, property.name)
        entry.text(2, property.text)
      }
    }
    return writer.bytes
  }

  private func encode(into writer: inout ProtobufWriter) {
    for node in nodes { writer.message(1, node.encode) }
    writer.text(2, name)
    for tensor in tensors { writer.message(5, tensor.encode) }
    for input in inputs { writer.message(11, input.encode) }
    for output in outputs { writer.message(12, output.encode) }
  }
}

extension Graph.Node {
  fileprivate func encode(into writer: inout ProtobufWriter) {
    for input in inputs { writer.text(1, input) }
    for output in outputs { writer.text(2, output) }
    writer.text(3, name)
    writer.text(4, operation)
    for attribute in attributes {
      writer.message(5) { message in
        message.text(1, attribute.name)
        attribute.value.encode(into: &message)
      }
    }
    if isLearning { writer.text(7, Graph.learningDomain) }
  }
}

extension Graph.Attribute {
  /// The value, and which of the fields has it.
  fileprivate func encode(into writer: inout ProtobufWriter) {
    let type = 20 as UInt64
    switch self {
    case .integer(let value):
      writer.integer(3, value)
      writer.integer(type, 2)
    case .tensor(let tensor):
      writer.message(5, tensor.encode)
      writer.integer(type, 4)
    case .integers(let values):
      for value in values { writer.integer(8, value) }
      writer.integer(type, 7)
    case .texts(let values):
      for value in values { writer.text(9, value) }
      writer.integer(type, 8)
    }
  }
}

extension Graph.Tensor {
  fileprivate func encode(into writer: inout ProtobufWriter) {
    for dimension in dimensions { writer.integer(1, dimension) }
    writer.integer(2, element.rawValue)
    if !name.isEmpty { writer.text(8, name) }
    writer.bytes(9, bytes)
  }
}

extension Graph.Port {
  fileprivate func encode(into writer: inout ProtobufWriter) {
    writer.text(1, name)
    writer.message(2) { type in
      type.message(1) { tensor in
        tensor.integer(1, element.rawValue)
        tensor.message(2) { shape in
          shape.message(1) { $0.text(2, "rows") }
          shape.message(1) { $0.integer(1, width) }
        }
      }
    }
  }
}
