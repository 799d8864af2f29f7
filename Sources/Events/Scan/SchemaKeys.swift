/// Which model and version each schema was registered for.
struct SchemaKeys {
  private struct Key {
    let model: [UInt8]
    let version: Int

    @inline(__always)
    func fits(_ model: UnsafeRawBufferPointer, _ version: Int) -> Bool {
      version == self.version && self.model.withUnsafeBytes { $0.equals(model) }
    }
  }

  /// The first stands for whatever fits no other.
  private var keys = [Key(model: [], version: -1)]

  /// - Parameter number: a known one, whose key this takes the place of, or the next.
  mutating func set(_ number: Int, model: String, version: Int) {
    let key = Key(model: Array(model.utf8), version: version)
    if number == keys.count { keys.append(key) } else { keys[number] = key }
  }

  /// The number of a model's version, 0 where it has none; `last` is tried first.
  @inline(__always)
  func find(_ model: UnsafeRawBufferPointer, _ version: Int, last: Int) -> Int {
    keys[last].fits(model, version) ? last : search(model, version)
  }

  /// Linear in the number of schemas, of which their owner keeps few.
  @inline(never)
  private func search(_ model: UnsafeRawBufferPointer, _ version: Int) -> Int {
    keys.indices.dropFirst().first { keys[$0].fits(model, version) } ?? 0
  }
}
