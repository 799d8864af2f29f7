import Foundation
import Testing

/// The script `leeway`, copied into a folder of its own, with a PATH that holds nothing but stand-ins.
@Suite("Launcher")
struct LauncherTests {
  private let scratch: Scratch

  /// The tools that any Unix has.
  private static let tools = [
    "bash", "cat", "chmod", "dirname", "env", "find", "head", "mkdir", "mv", "readlink", "sed", "tail", "touch", "tr",
  ]

  init() throws {
    scratch = try Scratch()
    let script = try Data(contentsOf: Run.checkout.appendingPathComponent("leeway"))
    try scratch.write("the checkout/leeway", Array(script), executable: true)
    try scratch.write("the checkout/Package.swift", "// manifest")
    try scratch.write("the checkout/Sources/a.swift", "// source")
    try FileManager.default.createDirectory(atPath: scratch.file("bin"), withIntermediateDirectories: true)
    for tool in Self.tools {
      let found = ["/bin/", "/usr/bin/"].map { $0 + tool }.first(where: FileManager.default.isExecutableFile)
      try FileManager.default.createSymbolicLink(
        atPath: scratch.file("bin/\(tool)"), withDestinationPath: try #require(found))
    }
    try stub("uname", "echo Linux")
    try stub("id", "echo 0")
    try stub("git", "exit 0")
    try stub("python3", "exit 0")
  }

  private func stub(_ name: String, _ body: String) throws {
    try scratch.write("bin/\(name)", "#!/usr/bin/env bash\n\(body)\n", executable: true)
  }

  /// A compiler whose builds are a script that prints its arguments, each build noted in `builds`.
  private func stubSwift(version: String = "6.3.1", fails: Bool = false) throws {
    try stub(
      "swift",
      """
      if [ "$1" = --version ]; then echo "Swift version \(version) (swift-\(version)-RELEASE)"; exit 0; fi
      echo "$@" >>'\(scratch.file("builds"))'
      if [ "$1" = test ]; then echo "tested in $(pwd)"; exit 0; fi
      \(fails ? "echo 'a.swift:1: error: no'; exit 1" : "")
      mkdir -p "$3/.build/release"
      printf '#!/usr/bin/env bash\\necho ran in "$(pwd)": "$@"\\n' >"$3/.build/release/leeway"
      chmod +x "$3/.build/release/leeway"
      """)
  }

  private func stubLibraries(missing: [String] = []) throws {
    let cases = missing.map { "*\" \($0)\") exit 1 ;;" }.joined(separator: " ")
    try stub("pkg-config", "case \"$*\" in \(cases) *) exit 0 ;; esac")
  }

  private func launch(_ arguments: String..., through path: String? = nil, in folder: String? = nil) throws -> Finished
  {
    try Run.process(
      URL(fileURLWithPath: path ?? scratch.file("the checkout/leeway")), arguments, in: folder ?? scratch.path,
      environment: ["PATH": scratch.file("bin")])
  }

  private var builds: Int {
    get throws {
      guard let data = FileManager.default.contents(atPath: scratch.file("builds")) else { return 0 }
      return String(decoding: data, as: UTF8.self).split(separator: "\n").count
    }
  }

  @Test("Without a toolchain it says how to get one and changes nothing")
  func noToolchain() throws {
    for arguments in ["demo", "test"] {
      let result = try launch(arguments)
      #expect(result.status == 1)
      #expect(result.errors.contains("no Swift toolchain found"))
      #expect(result.errors.contains("swift.org/install") && result.errors.contains("swiftly"))
      #expect(!FileManager.default.fileExists(atPath: scratch.file("the checkout/.build")))
    }
  }

  @Test("A toolchain that is too old is refused", arguments: ["5.10", "6.0.3", "6.2"])
  func oldToolchain(version: String) throws {
    try stubSwift(version: version)
    let result = try launch("demo")
    #expect(result.status == 1)
    #expect(result.errors.contains("is too old, 6.3 or newer is needed"))
  }

  @Test("It builds once, then only what has changed, and passes arguments and folder on")
  func buildsOnce() throws {
    try stubSwift()
    try stubLibraries()
    let folder = scratch.file("bin")
    let first = try launch("tail", "a b", "--max", "1", in: folder)
    #expect(first.status == 0, "\(first.errors)")
    #expect(first.output == "ran in \(folder): tail a b --max 1\n")
    #expect(first.errors.split(separator: "\n").count == 1)
    let second = try launch("doctor")
    #expect(second.errors.isEmpty)
    #expect(try builds == 1)
    let later = Date().addingTimeInterval(5)
    try FileManager.default.setAttributes(
      [.modificationDate: later], ofItemAtPath: scratch.file("the checkout/Sources/a.swift"))
    _ = try launch("doctor")
    #expect(try builds == 2)
  }

  @Test("Through symbolic links, absolute and relative, it finds its checkout")
  func links() throws {
    try stubSwift()
    try stubLibraries()
    let one = scratch.file("one")
    try FileManager.default.createSymbolicLink(atPath: one, withDestinationPath: scratch.file("the checkout/leeway"))
    let two = scratch.file("bin/two")
    try FileManager.default.createSymbolicLink(atPath: two, withDestinationPath: "../one")
    let result = try launch("x", through: two)
    #expect(result.output == "ran in \(scratch.path): x\n")
  }

  @Test("What is missing is installed by its package's name, and said in one line")
  func installs() throws {
    try stubSwift()
    try stubLibraries(missing: ["rdkafka", "sqlite3"])
    try stub("apt-get", "echo \"$@\" >>'\(scratch.file("apt"))'")
    let result = try launch("x")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.contains("leeway: installing librdkafka-dev libsqlite3-dev (apt-get)\n"))
    let calls = String(decoding: FileManager.default.contents(atPath: scratch.file("apt")) ?? Data(), as: UTF8.self)
    #expect(calls == "update\ninstall --yes --no-install-recommends librdkafka-dev libsqlite3-dev\n")
  }

  @Test("On a bare machine every package is named, pkg-config among them")
  func installsAll() throws {
    try stubSwift()
    try stub("apt-get", "exit 0")
    let result = try launch("x")
    #expect(
      result.errors.contains(
        "installing pkg-config librdkafka-dev libopenblas-dev libsqlite3-dev zlib1g-dev (apt-get)"))
  }

  @Test("As another user it goes through sudo, and without sudo says what to run")
  func otherUser() throws {
    try stubSwift()
    try stubLibraries(missing: ["zlib"])
    try stub("id", "echo 1000")
    try stub("apt-get", "echo \"$@\" >>'\(scratch.file("apt"))'")
    let without = try launch("x")
    #expect(without.status == 1)
    #expect(without.errors.contains("as root: apt-get install zlib1g-dev"))
    try stub("sudo", "echo sudo >>'\(scratch.file("apt"))'; exec \"$@\"")
    #expect(try launch("x").status == 0)
    let calls = String(decoding: FileManager.default.contents(atPath: scratch.file("apt")) ?? Data(), as: UTF8.self)
    #expect(calls.split(separator: "\n").filter { $0 == "sudo" }.count == 2)
  }

  @Test("On macOS Homebrew installs")
  func macOS() throws {
    try stubSwift()
    try stubLibraries(missing: ["openblas"])
    try stub("uname", "echo Darwin")
    let without = try launch("x")
    #expect(without.status == 1)
    #expect(without.errors.contains("no Homebrew") && without.errors.contains("brew.sh"))
    try stub(
      "brew", "if [ \"$1\" = --prefix ]; then echo /opt/homebrew; else echo \"$@\" >>'\(scratch.file("brewed"))'; fi")
    #expect(try launch("x").status == 0)
    let calls = String(decoding: FileManager.default.contents(atPath: scratch.file("brewed")) ?? Data(), as: UTF8.self)
    #expect(calls == "install openblas\n")
  }

  @Test("A build that fails shows its output, and is tried again the next time")
  func failure() throws {
    try stubSwift(fails: true)
    try stubLibraries()
    for round in 1...2 {
      let result = try launch("x")
      #expect(result.status == 1)
      #expect(result.errors.contains("a.swift:1: error: no") && result.errors.contains("the build failed"))
      #expect(try builds == round)
    }
    try stubSwift()
    #expect(try launch("x").status == 0)
  }

  @Test("An install that fails shows its output")
  func failedInstall() throws {
    try stubSwift()
    try stubLibraries(missing: ["zlib"])
    try stub("apt-get", "echo 'no network'; exit 100")
    let result = try launch("x")
    #expect(result.status == 1)
    #expect(result.errors.contains("no network") && result.errors.contains("apt-get update failed"))
  }

  @Test("`test` sets up, then runs the tests of the checkout with the arguments given")
  func tests() throws {
    try stubSwift()
    try stubLibraries()
    let result = try launch("test", "--filter", "a b", in: scratch.file("bin"))
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("tested in \(scratch.file("the checkout"))\n"))
    let calls = String(decoding: FileManager.default.contents(atPath: scratch.file("builds")) ?? Data(), as: UTF8.self)
    #expect(calls == "test --filter a b\n")
  }

  @Test("The tests need Python with pip or venv; the program does not")
  func python() throws {
    try stubSwift()
    try stubLibraries()
    try stub("python3", "exit 1")
    try stub("apt-get", "exit 0")
    #expect(try launch("test").errors.contains("leeway: installing python3-venv (apt-get)\n"))
    #expect(try !launch("x").errors.contains("installing"))
  }
}
