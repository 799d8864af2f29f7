/// The block format of LZ4 (Collet, `lz4_Block_format.md`): matches of four bytes and more in the last 64 KiB.
///
/// Written here rather than taken from a library for two reasons. What is packed is a function of the bytes alone, so the
/// same records give the same file on every machine, which zlib does not promise from one version to the next. And it
/// unpacks several times as fast as zlib inflates, which alone would take most of the time of reading events.
enum LZ4 {
  /// The most bytes that packing so many can give.
  static func bound(_ count: Int) -> Int { count + count / 255 + 16 }

  /// The most bytes that so many packed ones can stand for, about.
  static func mostUnpacked(_ count: Int) -> Int { count * 255 + 64 }

  static func packed(_ bytes: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: bound(bytes.count)) { buffer, count in
      bytes.withUnsafeBytes { source in
        var packer = LZ4Packer(source, UnsafeMutableRawBufferPointer(buffer))
        count = packer.pack()
      }
    }
  }

  /// - Returns: exactly `count` bytes; nil where the packed ones are not such a block.
  static func unpacked(_ packed: UnsafeRawBufferPointer, count: Int) -> [UInt8]? {
    var isWhole = false
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
      let unpacker = LZ4Unpacker(
        packed, UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count]))
      isWhole = unpacker.unpack()
      written = isWhole ? count : 0
    }
    return isWhole ? bytes : nil
  }

  static let leastMatch = 4
  /// The last bytes are never part of a match.
  static let lastLiterals = 5
  /// No match begins nearer to the end.
  static let matchMargin = 12
  static let window = 65_535
}
