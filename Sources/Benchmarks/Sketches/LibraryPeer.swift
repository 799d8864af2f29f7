import Foundation

/// Apache DataSketches' C++ library as a peer: a program that is compiled from its headers for the run.
///
/// The package on PyPI takes values for these sketches one by one, so that Python would be measured. The headers are
/// found through `LEEWAY_DATASKETCHES`, the folder of a copy of apache/datasketches-cpp; the compiler is `c++`.
enum LibraryPeer {
  static let name = "datasketches-cpp"

  case running(PeerProcess)
  case missing(String)

  /// One piece of the program's work as a side of a comparison.
  func calling(_ work: String) -> Peer {
    switch self {
    case .running(let process): process.calling(work)
    case .missing(let reason): .missing(name: Self.name, reason: reason)
    }
  }

  /// Over the numbers, and the texts, which hold no newline.
  init(_ table: Table, numbers: [Double] = [], texts: [String] = []) {
    do {
      guard let headers = ProcessInfo.processInfo.environment["LEEWAY_DATASKETCHES"] else {
        throw PeerFault(reason: "LEEWAY_DATASKETCHES does not name a copy of apache/datasketches-cpp")
      }
      let own = table.folder.appending(path: UUID().uuidString)
      try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
      try numbers.withUnsafeBytes { Data($0) }.write(to: own.appending(path: "numbers"))
      try Data(texts.joined(separator: "\n").utf8).write(to: own.appending(path: "texts"))
      try Data(Self.source.utf8).write(to: own.appending(path: "peer.cpp"))
      try Self.compile(in: own, headers: headers)
      self = .running(
        try PeerProcess(Self.name, executable: own.appending(path: "peer").path, arguments: [own.path]))
    } catch {
      self = .missing("\(error)")
    }
  }

  private static func compile(in folder: URL, headers: String) throws {
    let compiler = Process()
    compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    let includes = ["common", "hll", "fi"].map { "-I\(headers)/\($0)/include" }
    compiler.arguments = ["c++", "-std=c++17", "-O3"] + includes + ["-o", "peer", "peer.cpp"]
    compiler.currentDirectoryURL = folder
    try compiler.run()
    compiler.waitUntilExit()
    guard compiler.terminationStatus == 0 else { throw PeerFault(reason: "c++ could not compile its headers") }
  }

  private static let source = #"""
    #include <chrono>
    #include <cstdio>
    #include <fstream>
    #include <iostream>
    #include <string>
    #include <vector>
    #include "hll.hpp"
    #include "frequent_items_sketch.hpp"

    int main(int, char** arguments) {
      const std::string folder = arguments[1];
      std::vector<double> numbers;
      std::ifstream bytes(folder + "/numbers", std::ios::binary);
      for (double x; bytes.read(reinterpret_cast<char*>(&x), sizeof x);) numbers.push_back(x);
      std::vector<std::string> texts;
      std::ifstream lines(folder + "/texts");
      for (std::string line; std::getline(lines, line);) texts.push_back(line);
      std::vector<int64_t> integers(numbers.begin(), numbers.end());
      std::printf("ready headers\n");
      std::fflush(stdout);
      for (std::string work; std::getline(std::cin, work);) {
        const auto start = std::chrono::steady_clock::now();
        double value = 0;
        const size_t pane = work.back() == 's' ? 1000 : numbers.size();
        if (work.rfind("numbers", 0) == 0) {
          for (size_t at = 0; at < numbers.size(); at += pane) {
            datasketches::hll_sketch sketch(12, datasketches::HLL_8);
            for (size_t i = at; i < at + pane; i++) sketch.update(numbers[i]);
            value += sketch.get_estimate();
          }
        } else if (work == "integers once") {
          datasketches::hll_sketch sketch(12, datasketches::HLL_8);
          for (int64_t x : integers) sketch.update(x);
          value = sketch.get_estimate();
        } else if (work == "texts once") {
          datasketches::hll_sketch sketch(12, datasketches::HLL_8);
          for (const auto& text : texts) sketch.update(text);
          value = sketch.get_estimate();
        } else {
          datasketches::frequent_items_sketch<std::string> sketch(10);
          for (const auto& text : texts) sketch.update(text);
          value = static_cast<double>(sketch.get_maximum_error());
        }
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
        std::printf("%.9g %.9g\n", seconds.count(), value);
        std::fflush(stdout);
      }
    }
    """#
}
