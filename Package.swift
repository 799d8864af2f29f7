// swift-tools-version: 6.3
import PackageDescription

/// Every target of ours: Swift 6 mode, explicit visibility, warnings are errors.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func program(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
  .executableTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies + ["TestSupport"], swiftSettings: strict)
}

let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")

let package = Package(
  name: "leeway",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "leeway", targets: ["leeway"]),
    .library(name: "LeewayClient", targets: ["LeewayClient"]),
    .library(name: "Engine", targets: ["Engine"]),
    .library(name: "Recording", targets: ["Recording"]),
    .library(name: "Backtest", targets: ["Backtest"]),
    .executable(name: "leeway-bench", targets: ["Benchmarks"]),
    .executable(name: "leeway-simulate", targets: ["leeway-simulate"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // Layer 0: system libraries and bytes.
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib",
      providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .systemLibrary(
      name: "CRdKafka", pkgConfig: "rdkafka",
      providers: [.apt(["librdkafka-dev"]), .brew(["librdkafka"])]),
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]),
    .systemLibrary(name: "CProcess"),
    .systemLibrary(name: "CCurl"),
    library("Bytes"),

    // Layer 1: pure. No files, sockets, clocks, threads or logging.
    library("Parallel"),
    library("Events", ["Bytes"]),
    library("Log", ["Bytes"]),
    library("Sketches", ["Bytes"]),
    library("Windows", ["Bytes", "Sketches"]),
    library("Drift", ["Bytes", "Parallel", "Sketches", "Windows", deque]),
    library("Models", ["Bytes", "COpenBLAS"]),
    library("ServingFormats", ["Bytes", "Events", "Models"]),
    library("Control", ["Bytes", "Events", "Drift", "Models"]),

    // Layer 2: logs.
    library("EventLog", ["Bytes", "Log", "Events", "CRdKafka", grdb]),

    library("Recording", ["Bytes", "Log"]),

    // Layer 3: the four stages.
    library(
      "Engine",
      ["Bytes", "Parallel", "Events", "Log", "Sketches", "Windows", "Drift", "Models", "Control", heap, crypto]),

    // Layer 4: what users touch.
    library("LeewayClient", ["Bytes", "Events", "Log", "EventLog", "Models", crypto]),
    library("Backtest", ["Bytes", "Events", "Log", "Recording", "Drift", "Models", "Engine", "LeewayClient"]),
    program(
      "leeway",
      [
        "Bytes", "Parallel", "Events", "Log", "EventLog", "Sketches", "Drift", "Models", "Control", "Engine",
        "LeewayClient", "Backtest", "Recording", "ServingFormats", "CCurl", "CProcess", "CZlib", arguments, crypto,
        logging, lifecycle,
        .product(name: "Yams", package: "Yams"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ], resources: [.copy("Demo/Data")]),
    library("Simulation", ["Bytes", "Events", "Log", "Drift", "Models", "Engine", "Backtest"]),
    program("leeway-simulate", ["Simulation", arguments]),
    program(
      "Benchmarks",
      [
        "Bytes", "Events", "Log", "EventLog", "Recording", "Sketches", "Windows", "Drift", "Models", "Control",
        "Engine", "LeewayClient", "Backtest", "CRdKafka", "CZlib", grdb,
      ]),

    .target(
      name: "TestSupport", dependencies: ["Bytes", "Parallel"], path: "Tests/TestSupport", swiftSettings: strict),
    .target(name: "KafkaMock", dependencies: ["CRdKafka", "Log"], path: "Tests/KafkaMock", swiftSettings: strict),
    tests("BytesTests", ["Bytes"]),
    tests("ParallelTests", ["Parallel"]),
    tests("EventsTests", ["Bytes", "Events"]),
    tests("EventLogTests", ["Bytes", "Log", "EventLog", "Events", "Simulation", "KafkaMock", "CRdKafka", grdb]),
    tests("RecordingTests", ["Bytes", "Log", "Recording"]),
    tests("SketchesTests", ["Bytes", "Sketches"]),
    tests("WindowsTests", ["Bytes", "Sketches", "Windows"]),
    tests("DriftTests", ["Bytes", "Parallel", "Sketches", "Windows", "Drift"]),
    tests("ModelsTests", ["Bytes", "Models"]),
    tests("ServingFormatsTests", ["Bytes", "Models", "ServingFormats"]),
    tests("ControlTests", ["Bytes", "Events", "Drift", "Models", "Control"]),
    tests(
      "EngineTests",
      [
        "Bytes", "Parallel", "Events", "Log", "EventLog", "Sketches", "Windows", "Drift", "Models", "Control", "Engine",
        "Simulation",
      ]),
    tests("SimulationTests", ["Events", "Log", "Models", "Engine", "Simulation"]),
    tests(
      "BacktestTests",
      [
        "Bytes", "Events", "Log", "EventLog", "Recording", "Drift", "Models", "Control", "Engine", "LeewayClient",
        "Backtest",
      ]),
    tests("LeewayClientTests", ["Bytes", "Events", "Log", "EventLog", "Models", "LeewayClient"]),
    tests(
      "CommandTests",
      [
        "Bytes", "Events", "Log", "EventLog", "Recording", "Sketches", "Drift", "Models", "Control", "Engine",
        "LeewayClient", "Backtest", "Simulation", "KafkaMock", "leeway", arguments,
      ]),
  ],
  swiftLanguageModes: [.v6]
)
