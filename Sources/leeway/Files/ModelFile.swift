import Engine
import Foundation
import Models

/// An artifact in a file of its own, as `leeway learn --out` and `leeway models export` write it.
enum ModelFile {
  /// The model, and the SHA-256 of the file's bytes in hexadecimal.
  static func read(_ path: String) throws(CommandError) -> (model: Model, checksum: String) {
    let bytes: [UInt8]
    do {
      bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw CommandError("cannot be read (\(error.localizedDescription))", at: path)
    }
    do throws(ModelError) {
      return (try Model(decoding: bytes[...]), artifactChecksum(bytes))
    } catch {
      throw CommandError(error.message, at: path)
    }
  }
}
