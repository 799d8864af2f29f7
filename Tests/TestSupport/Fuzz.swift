import Foundation

/// Makes hostile bytes out of good ones: flips, cuts, splices and repeats, puts extreme numbers where lengths may stand,
/// or draws bytes at random. Input `round` of a seed is always the same one.
public struct Mutator: Sendable {
  /// What decoders must survive above all, as fixed-width and as variable-length integers.
  static let extremes: [UInt64] = [
    0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 1 << 24, 1 << 30, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 1 << 32,
    1 << 40,
    1 << 53, 1 << 62, 0x7fff_ffff_ffff_ffff, 1 << 63, .max - 1, .max,
    // Doubles: the largest, infinity, not a number, the smallest, minus zero.
    0x7fef_ffff_ffff_ffff, 0x7ff0_0000_0000_0000, 0x7ff8_0000_0000_0000, 0xfff0_0000_0000_0000, 0x3ff0_0000_0000_0000,
  ]

  private let corpus: [[UInt8]]
  private let seed: UInt64

  /// - Parameter corpus: good bytes, of which there must be some.
  public init(_ corpus: [[UInt8]], seed: UInt64) {
    precondition(!corpus.isEmpty, "hostile bytes are made out of good ones")
    self.corpus = corpus
    self.seed = seed
  }

  public func input(_ round: Int) -> [UInt8] {
    var random = SplitMix64(seed: seed &+ UInt64(round) &* 0xd134_2543_de82_ef95)
    _ = random.next()
    if random.below(50) == 0 { return (0..<random.below(200)).map { _ in UInt8(truncatingIfNeeded: random.next()) } }
    var bytes = corpus[random.below(corpus.count)]
    for _ in 0...[0, 0, 0, 1, 1, 2, 4, 9][random.below(8)] { mutate(&bytes, &random) }
    return bytes
  }

  private func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
    guard !bytes.isEmpty else { return bytes.append(UInt8(truncatingIfNeeded: random.next())) }
    let place = random.below(bytes.count)
    let length = min(1 + random.below([1, 4, 16, 256][random.below(4)]), bytes.count - place)
    let stretch = place..<place + length
    switch random.below(14) {
    case 0, 1: bytes[place] ^= 1 << UInt8(random.below(8))
    case 2: bytes[place] = UInt8(truncatingIfNeeded: random.next())
    case 3: bytes[place] = [0, 1, 0x7f, 0x80, 0xfe, 0xff][random.below(6)]
    case 4: bytes[place] = bytes[place] &+ (random.below(2) == 0 ? 1 : 255)
    case 5: overwrite(&bytes, at: place, &random)
    case 6: bytes.replaceSubrange(place..<place + 1, with: variableLength(&random))
    case 7: bytes.removeSubrange(stretch)
    case 8: bytes.removeSubrange(place...)
    case 9: bytes.insert(contentsOf: bytes[stretch], at: place)
    case 10:
      let other = corpus[random.below(corpus.count)]
      guard !other.isEmpty else { return }
      let from = random.below(other.count)
      bytes.replaceSubrange(stretch, with: other[from..<min(from + length, other.count)])
    case 11, 12: rewriteNumber(&bytes, from: place, &random)
    default: bytes.insert(contentsOf: (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }, at: place)
    }
  }

  /// In place of the next number that is written in digits.
  private func rewriteNumber(_ bytes: inout [UInt8], from place: Int, _ random: inout SplitMix64) {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard let start = bytes[place...].firstIndex(where: digits.contains) else { return }
    let end = bytes[start...].firstIndex { !digits.contains($0) } ?? bytes.endIndex
    let value = Self.extremes[random.below(Self.extremes.count)]
    let texts = ["\(value)", "-\(value)", "\(Int64(bitPattern: value))", "1e308", "-1e-320", "1099511627776", "0.5"]
    bytes.replaceSubrange(start..<end, with: Array(texts[random.below(texts.count)].utf8))
  }

  private func overwrite(_ bytes: inout [UInt8], at place: Int, _ random: inout SplitMix64) {
    let value = Self.extremes[random.below(Self.extremes.count)]
    for index in 0..<min([1, 2, 4, 8][random.below(4)], bytes.count - place) {
      bytes[place + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(index)))
    }
  }

  private func variableLength(_ random: inout SplitMix64) -> [UInt8] {
    var value = Self.extremes[random.below(Self.extremes.count)]
    var bytes: [UInt8] = []
    while value >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    return bytes + [UInt8(value)]
  }
}

/// Runs a decoder, and what uses its result, over hostile bytes. What traps ends the process; what allocates for a length
/// that the bytes only claim does so too, where the environment asks for a long run.
///
/// `LEEWAY_FUZZ=1000000` asks for that many inputs of each decoder. Then the address space is bounded on Linux, and the
/// file `leeway-fuzz-NAME` among the temporary files names the round at which a process ended.
public enum Fuzz {
  /// Inputs that were asked for.
  public static let asked = ProcessInfo.processInfo.environment["LEEWAY_FUZZ"].flatMap(Int.init)

  /// Bytes that the whole process may allocate beyond what it had at the first long run.
  private static let allowance = 2 << 30

  #if os(Linux)
    private static let isBounded: Bool = {
      guard let pages = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
        let size = pages.split(separator: " ").first.flatMap({ Int($0) })
      else { return false }
      var limit = rlimit()
      let kind = __rlimit_resource_t(RLIMIT_AS.rawValue)
      guard getrlimit(kind, &limit) == 0 else { return false }
      limit.rlim_cur = rlim_t(size * sysconf(Int32(_SC_PAGESIZE)) + allowance)
      return setrlimit(kind, &limit) == 0
    }()
  #endif

  /// - Parameters:
  ///   - rounds: in a run that asks for no number; small.
  ///   - cost: how many times dearer than the usual an input is: fewer are run.
  ///   - body: decodes, and uses what it has decoded; what it throws is a refusal.
  /// - Returns: how many inputs ran, and how many of them were taken.
  @discardableResult
  public static func run(
    _ name: String, _ corpus: [[UInt8]], rounds: Int = 2_000, cost: Int = 1, _ body: ([UInt8]) throws -> Void
  ) -> (inputs: Int, taken: Int) {
    let seed = name.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    let mutator = Mutator(corpus, seed: seed)
    let inputs = max(1, (asked ?? rounds) / cost)
    let journal = asked == nil ? nil : Journal(name)
    #if os(Linux)
      if asked != nil { _ = isBounded }
    #endif
    var taken = 0
    for round in 0..<inputs {
      journal?.note(round)
      do {
        try body(mutator.input(round))
        taken += 1
      } catch {}
    }
    if asked != nil { print("fuzzed \(name): \(inputs) inputs, \(taken) taken") }
    return (inputs, taken)
  }

  /// Outlives the process.
  private struct Journal {
    private let file: FileHandle

    init?(_ name: String) {
      let url = FileManager.default.temporaryDirectory.appending(path: "leeway-fuzz-\(name.replacing("/", with: "-"))")
      guard FileManager.default.createFile(atPath: url.path, contents: nil),
        let file = FileHandle(forWritingAtPath: url.path)
      else { return nil }
      self.file = file
    }

    func note(_ round: Int) {
      let text = Array("\(round)          \n".utf8)
      _ = text.withUnsafeBytes { pwrite(file.fileDescriptor, $0.baseAddress, $0.count, 0) }
    }
  }
}
