import CProcess
import Foundation

/// Starts a program in a session of its own, with nothing open but what it is given.
struct Spawn {
  /// A path, or a name that is looked for in PATH.
  var program: String
  /// Without the program's name.
  var arguments: [String]
  /// All of its environment.
  var environment: [String: String]
  var input: Int32
  var output: Int32
  var errors: Int32

  struct Failure: Error {
    let code: Int32
    var reason: String { String(cString: strerror(code)) }
  }

  func start() throws(Failure) -> pid_t {
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #else
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    for (target, descriptor) in [(Int32(0), input), (1, output), (2, errors)] {
      posix_spawn_file_actions_adddup2(&actions, descriptor, target)
    }
    _ = leeway_close_others(&actions)
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGCHLD] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(
      &attributes, Int16(Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK) | leeway_spawn_flags))
    let code = Self.withStrings([program] + arguments) { arguments in
      Self.withStrings(environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }) { environment in
        var id: pid_t = 0
        let code = posix_spawnp(&id, program, &actions, &attributes, arguments, environment)
        return code == 0 ? .success(id) : Result<pid_t, Failure>.failure(Failure(code: code))
      }
    }
    return try code.get()
  }

  private static func withStrings<T>(_ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> T) -> T {
    let strings = texts.map { strdup($0) } + [nil]
    defer { for string in strings { free(string) } }
    return body(strings)
  }
}

/// Two ends of a pipe that no other program inherits.
struct Pipe {
  let reading: Int32
  let writing: Int32

  init?() {
    var ends: [Int32] = [-1, -1]
    guard leeway_pipe(&ends) == 0 else { return nil }
    reading = ends[0]
    writing = ends[1]
  }
}

/// What has become of a child.
enum ChildEnd: Equatable {
  case running
  case exited(Int32)
  case signalled(Int32)

  /// Asks without waiting.
  static func look(_ id: pid_t) -> (id: pid_t, end: ChildEnd)? {
    var status: Int32 = 0
    let ended = waitpid(id, &status, WNOHANG)
    guard ended > 0 else { return nil }
    let signal = status & 0x7f
    return (ended, signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal))
  }
}
