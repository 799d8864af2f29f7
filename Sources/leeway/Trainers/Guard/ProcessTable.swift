import Foundation

/// The processes of this machine at one moment.
struct ProcessTable {
  struct Entry: Equatable {
    let id: pid_t
    let parent: pid_t
    let group: pid_t
    /// Resident bytes.
    let memory: Int64
    /// Ended, and not yet asked about by its parent.
    let isZombie: Bool
  }

  let entries: [Entry]

  /// All that live and descend from `ancestor`, itself left out.
  ///
  /// - Parameter known: found before. What has been orphaned is found by them, where nobody adopts it: by its group.
  func descendants(of ancestor: pid_t, known: Set<pid_t> = []) -> [Entry] {
    let children = Dictionary(grouping: entries, by: \.parent)
    var found: [Entry] = []
    var seen: Set<pid_t> = [ancestor, getpid()]
    var open = children[ancestor] ?? []
    open += entries.filter { known.contains($0.group) }
    while let next = open.popLast() {
      guard seen.insert(next.id).inserted else { continue }
      found.append(next)
      open += children[next.id] ?? []
    }
    return found.filter { !$0.isZombie }
  }
}

#if os(Linux)
  extension ProcessTable {
    private static let pageBytes = Int64(sysconf(Int32(_SC_PAGESIZE)))

    static func now() -> ProcessTable {
      guard let folder = opendir("/proc") else { return ProcessTable(entries: []) }
      defer { closedir(folder) }
      var entries: [Entry] = []
      while let item = readdir(folder) {
        let name = withUnsafePointer(to: &item.pointee.d_name) { name in
          name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        guard let id = pid_t(name), let text = read("/proc/\(name)/stat"), let entry = parse(text, id: id) else {
          continue
        }
        entries.append(entry)
      }
      return ProcessTable(entries: entries)
    }

    /// As proc(5) has it. The program's name stands in parentheses and may hold anything, parentheses too.
    static func parse(_ text: String, id: pid_t) -> Entry? {
      guard let name = text.lastIndex(of: ")") else { return nil }
      let fields = text[text.index(after: name)...].split(separator: " ", maxSplits: 24)
      guard fields.count > 21, let parent = pid_t(fields[1]), let group = pid_t(fields[2]),
        let pages = Int64(fields[21])
      else { return nil }
      return Entry(
        id: id, parent: parent, group: group, memory: pages * pageBytes, isZombie: fields[0] == "Z" || fields[0] == "X")
    }

    private static func read(_ path: String) -> String? {
      let descriptor = open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { return nil }
      defer { close(descriptor) }
      return withUnsafeTemporaryAllocation(byteCount: 1_024, alignment: 1) { buffer in
        let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
      }
    }
  }
#else
  extension ProcessTable {
    /// As ps(1) of POSIX tells it.
    static func now() -> ProcessTable {
      guard let pipe = popen("/bin/ps -A -o pid= -o ppid= -o pgid= -o rss= -o stat=", "r") else {
        return ProcessTable(entries: [])
      }
      defer { pclose(pipe) }
      var entries: [Entry] = []
      var line = [CChar](repeating: 0, count: 256)
      while fgets(&line, Int32(line.count), pipe) != nil {
        if let entry = parse(String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)) {
          entries.append(entry)
        }
      }
      // What asks is no part of the answer: it is in this process's own group, in which no trainer is.
      return ProcessTable(entries: entries.filter { $0.group != getpgrp() || $0.id == getpid() })
    }

    static func parse(_ line: String) -> Entry? {
      let fields = line.split(whereSeparator: \.isWhitespace)
      guard fields.count >= 5, let id = pid_t(fields[0]), let parent = pid_t(fields[1]), let group = pid_t(fields[2]),
        let kilobytes = Int64(fields[3])
      else { return nil }
      return Entry(
        id: id, parent: parent, group: group, memory: kilobytes << 10, isZombie: fields[4].hasPrefix("Z"))
    }
  }
#endif
