import Foundation

/// simdjson reading the same lines: a program that is compiled when the library and a compiler are there.
enum SimdjsonPeer {
  case running(PeerProcess)
  case missing(reason: String)

  /// - Parameters:
  ///   - lines: a file of events as `BenchmarkEvents` writes them; `shuffled` one with keys in another order.
  init(in folder: URL, lines: URL, shuffled: URL) {
    let source = folder.appending(path: "simdjson-peer.cpp")
    let program = folder.appending(path: "simdjson-peer")
    do {
      try Self.source.write(to: source, atomically: true, encoding: .utf8)
      let compiler = try Process.run(
        URL(filePath: "/usr/bin/env"),
        arguments: ["g++", "-O3", "-march=native", "-std=c++17", source.path, "-o", program.path, "-lsimdjson"])
      compiler.waitUntilExit()
      guard compiler.terminationStatus == 0 else {
        self = .missing(reason: "g++ cannot compile a program against libsimdjson")
        return
      }
      self = .running(
        try PeerProcess("simdjson", executable: program.path, arguments: [lines.path, shuffled.path]))
    } catch {
      self = .missing(reason: "\(error)")
    }
  }

  /// `documents`: a parse per document; `stream`: `iterate_many` over all; `unordered`: the shuffled documents.
  func calling(_ work: String) -> Peer {
    switch self {
    case .running(let process): process.calling(work)
    case .missing(let reason): .missing(name: "simdjson", reason: reason)
    }
  }

  /// Reads what Leeway's scanner reads: id, model, version, time, entity, the twenty numbers, the prediction and the
  /// segment. Fields are asked for in the order in which they stand, which is on-demand's best case.
  private static let source = #"""
    #include <simdjson.h>
    #include <chrono>
    #include <cstdio>
    #include <fstream>
    #include <iostream>
    #include <sstream>
    #include <string>
    #include <vector>
    using namespace simdjson;
    static double columns[20];
    static std::string names[20];
    static uint64_t sink;

    template <typename Document> static double ordered(Document &document) {
      double sum = 0;
      sink += std::string_view(document.find_field("id")).size();
      sink += std::string_view(document.find_field("model")).size();
      sink += uint64_t(document.find_field("version"));
      sink += int64_t(document.find_field("time"));
      sink += std::string_view(document.find_field("entity")).size();
      ondemand::object features = document.find_field("features");
      for (int i = 0; i < 20; i++) { columns[i] = double(features.find_field(names[i])); sum += columns[i]; }
      sum += double(document.find_field("prediction"));
      ondemand::object segments = document.find_field("segments");
      sink += std::string_view(segments.find_field("channel")).size();
      return sum;
    }

    static double unordered(ondemand::document &document) {
      double sum = 0;
      sink += std::string_view(document.find_field_unordered("id")).size();
      sink += std::string_view(document.find_field_unordered("model")).size();
      sink += uint64_t(document.find_field_unordered("version"));
      sink += int64_t(document.find_field_unordered("time"));
      sink += std::string_view(document.find_field_unordered("entity")).size();
      sum += double(document.find_field_unordered("prediction"));
      ondemand::object segments = document.find_field_unordered("segments");
      sink += std::string_view(segments.find_field_unordered("channel")).size();
      ondemand::object features = document.find_field_unordered("features");
      for (int i = 0; i < 20; i++) { columns[i] = double(features.find_field_unordered(names[i])); sum += columns[i]; }
      return sum;
    }

    static std::string read(const char *path) {
      std::ifstream file(path);
      std::stringstream text;
      text << file.rdbuf();
      return text.str();
    }

    static std::vector<padded_string> documents(const std::string &text) {
      std::vector<padded_string> lines;
      std::istringstream stream(text);
      for (std::string line; std::getline(stream, line);) lines.emplace_back(line);
      return lines;
    }

    int main(int, char **arguments) {
      for (int i = 0; i < 20; i++) names[i] = "feat_" + std::to_string(i + 10);
      std::string text = read(arguments[1]);
      padded_string whole(text);
      auto lines = documents(text), shuffled = documents(read(arguments[2]));
      ondemand::parser parser;
      std::printf("ready %d.%d.%d\n", SIMDJSON_VERSION_MAJOR, SIMDJSON_VERSION_MINOR, SIMDJSON_VERSION_REVISION);
      std::fflush(stdout);
      for (std::string work; std::getline(std::cin, work);) {
        double sum = 0;
        auto start = std::chrono::steady_clock::now();
        if (work == "documents") {
          for (auto &line : lines) { ondemand::document document = parser.iterate(line); sum += ordered(document); }
        } else if (work == "stream") {
          ondemand::document_stream stream;
          if (!parser.iterate_many(whole).get(stream)) for (auto document : stream) sum += ordered(document);
        } else {
          for (auto &line : shuffled) { ondemand::document document = parser.iterate(line); sum += unordered(document); }
        }
        std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
        std::printf("%.9f %.17g\n", took.count(), sum);
        std::fflush(stdout);
      }
    }
    """#
}
