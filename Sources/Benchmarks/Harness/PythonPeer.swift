import Foundation

/// A peer in Python: packages, arrays, and functions over them, in an interpreter that stays up for the whole benchmark.
///
/// The interpreter is `$LEEWAY_PYTHON`, or `python3`. Each array of `data` is a NumPy array of that name; each function
/// takes no arguments and returns a number or nothing. The version shown is that of the first package.
enum PythonPeer {
  case running(PeerProcess)
  case missing(name: String, reason: String)

  /// One of the functions as a side of a comparison.
  ///
  /// - Parameter scale: the comparison's items for each that the function works on.
  func calling(_ function: String, scaledBy scale: Double = 1) -> Peer {
    switch self {
    case .running(let process): process.calling(function, scaledBy: scale)
    case .missing(let name, let reason): .missing(name: name, reason: reason)
    }
  }

  /// What one call of the function returned; nil without the peer.
  func value(of function: String) throws -> Double? {
    guard case .running(let process) = self else { return nil }
    return try process.perform(function).value
  }

  fileprivate static let driver = #"""
    import importlib, importlib.metadata, sys, time
    folder, packages, names = sys.argv[1], sys.argv[2].split(","), [n for n in sys.argv[3].split(",") if n]
    def say(line):
        print(line.replace("\n", " "), flush=True)
    try:
        for package in dict.fromkeys(packages + (["numpy"] if names else [])):
            globals()[package] = importlib.import_module(package)
        try:
            version = importlib.metadata.version(packages[0])
        except importlib.metadata.PackageNotFoundError:
            version = getattr(globals()[packages[0]], "__version__", "(version unknown)")
        for name in names:
            globals()[name] = numpy.fromfile(f"{folder}/{name}.f64", dtype="<f8")
        exec(open(f"{folder}/functions.py").read(), globals())
    except Exception as error:
        say(f"missing {type(error).__name__}: {error}")
        sys.exit()
    say(f"ready {version}")
    for line in sys.stdin:
        try:
            work = globals()[line.strip()]
            start = time.perf_counter()
            value = work()
            seconds = time.perf_counter() - start
            say(f"{seconds!r} {float(value or 0)!r}")
        except Exception as error:
            say(f"{type(error).__name__}: {error}")
    """#
}

extension Table {
  /// Starts an interpreter over these packages, the one that is measured first.
  func python(packages: [String], data: [String: [Double]] = [:], functions: String) -> PythonPeer {
    let name = packages.first ?? "Python"
    do {
      let own = folder.appending(path: UUID().uuidString)
      try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
      for (name, values) in data {
        try values.withUnsafeBytes { Data($0) }.write(to: own.appending(path: "\(name).f64"))
      }
      try Data(functions.utf8).write(to: own.appending(path: "functions.py"))
      let interpreter = ProcessInfo.processInfo.environment["LEEWAY_PYTHON"] ?? "python3"
      let process = try PeerProcess(
        name, executable: interpreter,
        arguments: [
          "-c", PythonPeer.driver, own.path, packages.joined(separator: ","), data.keys.sorted().joined(separator: ","),
        ])
      return .running(process)
    } catch {
      return .missing(name: name, reason: "\(error)")
    }
  }
}
