import Events
public import Models

/// Models as ONNX files: raw columns in, score out.
///
/// One input a column, named as the column, of shape [rows, 1]: a numeric column takes doubles, where NaN or infinite is
/// missing, a column of names takes strings, where the empty one is missing, a time takes milliseconds since 1970 as
/// doubles. One output `score` of doubles: [rows, 1] with a regression's value or the probability of 1, or [rows,
/// classes] with a probability each, in the order of the property `classes`. Where a column is called `score`, the output
/// has one `_` more than any such column.
///
/// The graph has plain operators (opset 17), and `LabelEncoder` of `ai.onnx.ml` where there are names. It adds in the
/// order in which `Model` does, in single precision: a runtime that computes each operator by IEEE arithmetic gets the
/// same number up to the rounding of the last exponential.
public enum ONNX {
  /// What the file says of the model beside what the model knows itself.
  public struct Identity: Sendable {
    public let name: String
    /// nil where it is no version of a log's.
    public let version: Int?
    /// SHA-256 of the artifact, hexadecimal.
    public let checksum: String
    /// Of the program that writes the file.
    public let producerVersion: String

    public init(name: String, version: Int?, checksum: String, producerVersion: String) {
      self.name = name
      self.version = version
      self.checksum = checksum
      self.producerVersion = producerVersion
    }
  }

  /// The file's bytes: the same for the same model and identity. Cost and length go with the artifact's weights.
  ///
  /// Throws an error of code `column` where a column's names are hashed, for which ONNX has no operator, of code `name`
  /// where a column's name has a zero byte, with which names end in the runtimes.
  public static func encode(_ model: Model, as identity: Identity) throws(FormatError) -> [UInt8] {
    for column in model.schema.columns {
      if column.kind == .hashed {
        throw FormatError(
          code: .column,
          message: "column \(column.name) has hashed names, and ONNX has no operator that hashes text; learn it as a "
            + "categorical column, of which the first levels have weights of their own")
      }
      if column.name.utf8.contains(0) {
        throw FormatError(
          code: .name, message: "column \(column.name.debugDescription): a name with a zero byte ends there; rename it")
      }
    }
    var translation = Translation(model)
    let graph = translation.graph(name: identity.name)
    return graph.encoded(header(of: model, identity))
  }

  private static func header(of model: Model, _ identity: Identity) -> ModelHeader {
    var properties = [("name", identity.name)]
    if let version = identity.version { properties.append(("version", "\(version)")) }
    properties += [
      ("artifact_sha256", identity.checksum), ("family", model.family.name), ("task", model.schema.task.name),
      ("rows_learned", "\(model.rowsLearned)"),
    ]
    if case .multiclass(let classes) = model.schema.task {
      var writer = JSONWriter()
      writer.array(classes) { $0.value($1) }
      properties.append(("classes", String(decoding: writer.bytes, as: UTF8.self)))
    }
    let version = identity.version.map { " version \($0)" } ?? ""
    return ModelHeader(
      producer: "leeway", producerVersion: identity.producerVersion, domain: "leeway", version: identity.version ?? 0,
      description:
        "\(identity.name)\(version): \(meaning(of: model.schema.task)). One input a column, [rows, 1]: numbers "
        + "as double (NaN is missing), names as string (\"\" is missing; a number among names in its shortest decimal "
        + "text), times as double in milliseconds since 1970.",
      properties: properties)
  }

  private static func meaning(of task: Task) -> String {
    switch task {
    case .regression: "the score is the predicted value"
    case .binary: "the score is the probability of 1"
    case .multiclass: "the score is the probability of each class, in the order of the property classes"
    }
  }
}
