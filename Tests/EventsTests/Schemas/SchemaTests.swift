import Bytes
import Events
import Foundation
import Testing

@Suite("The contracts in topics/*.yaml")
struct SchemaTests {
  @Test("schemas are valid, samples fit them, and what is wrong is refused")
  func check() throws {
    let answer = try Validator.run("check")
    #expect(answer.status == 0, "\(answer.messages)")
  }

  @Test("there is one contract per topic, and it says what the program creates")
  func topics() throws {
    let contracts = try Contract.all()
    #expect(Set(contracts.keys) == Set(Topic.allCases.map(\.rawValue)))
    for topic in Topic.allCases {
      let contract = try #require(contracts[topic.rawValue])
      #expect(contract.partitions["default"] as? Int == topic.defaultPartitions, "\(topic)")
      #expect(contract.partitions["setting"] as? String == topic.partitionSetting?.rawValue, "\(topic)")
      #expect(contract.document["compaction"] as? Bool == topic.isCompacted, "\(topic)")
      let days = topic.retention.map { "\($0 / 86_400_000)d" }
      #expect(contract.document["retention"] as? String == days ?? "forever", "\(topic)")
    }
  }

  @Test("every record that the codecs write fits its schema")
  func written() throws {
    var random = RandomRecords(seed: 13)
    var lines = Data()
    var counts: [String: [String: Int]] = [:]
    for kind in RecordKind.all {
      for _ in 0..<40 {
        let record = kind.make(&random).encoded()
        lines += Data(#"{"topic":"test.\#(kind.topic.rawValue)","value":"#.utf8) + Data(record) + Data("}\n".utf8)
      }
      counts[kind.topic.rawValue, default: [:]][kind.name] = 40
    }
    let answer = try Validator.run("records", "--prefix", "test.", lines: lines)
    #expect(answer.status == 0, "\(answer.messages)")
    #expect(try JSONDecoder().decode([String: [String: Int]].self, from: answer.output) == counts)
  }

  @Test("every sample decodes, and is written as it stands in the contract")
  func samples() throws {
    for (topic, contract) in try Contract.all() {
      guard let type = Topic(rawValue: topic).flatMap(RecordKind.type) else { continue }
      #expect(contract.samples.count >= 2)
      for sample in contract.samples {
        let value = try #require(sample["value"] as? NSDictionary)
        let record = try type.decode(Array(JSONSerialization.data(withJSONObject: value)))
        let written = try JSONSerialization.jsonObject(with: Data(record.encoded())) as? NSDictionary
        // Times as text and true for 1 are other spellings of what is written.
        let isSpelled = [Topic.predictions, .labels, .features].map(\.rawValue).contains(topic)
        if !isSpelled { #expect(written == value, "\(topic): \(sample["name"] ?? "")") }
        #expect(try type.decode(record.encoded()).encoded() == record.encoded())
      }
    }
  }

  @Test("the codecs refuse what the schemas refuse: a missing field, a wrong type, with the field's name")
  func mutants() throws {
    var refused = 0
    for mutant in try Mutant.all() {
      guard let type = Topic(rawValue: mutant.topic).flatMap(RecordKind.type) else { continue }
      // Readers are open where writers are closed. The offsets of a watermark are a map: a reader takes an empty one.
      let isEmptyMap = mutant.path == "offsets.predictions" && mutant.mutation == "required"
      let mayPass = isEmptyMap || ["open", "unknown"].contains(mutant.mutation)
      do throws(EventError) {
        _ = try type.decode(Array(mutant.value.utf8))
        #expect(mayPass, "\(mutant)")
      } catch {
        let expected: EventError.Code = mutant.mutation == "required" ? .missingField : .wrongType
        #expect(error.code == expected && error.path.hasPrefix(mutant.path), "\(error) of \(mutant)")
        refused += 1
      }
    }
    #expect(refused > 1_000)
  }

  @Test("every code of an error is a code of a dead letter")
  func codes() throws {
    let contract = try #require(try Contract.all()["deadletters"])
    let properties = contract.schema["properties"] as? [String: [String: Any]]
    let codes = try #require(properties?["code"]?["enum"] as? [String])
    #expect(Set(EventError.Code.allCases.map(\.rawValue)).isSubset(of: codes))
    #expect(Set(codes).count == codes.count)
  }

  @Test("headers of chunks fit the contracts of their topics")
  func chunks() throws {
    var lines = Data()
    for chunk in Chunk.cut((0..<40).map { UInt8($0) }, size: 7) {
      let headers = chunk.headers.map { #"{"name":"\#($0.name)","value":"\#($0.value)"}"# }
      let snapshot = #"{"name":"snapshot","value":"50"}"#
      lines += Data(#"{"topic":"artifacts","headers":[\#(headers.joined(separator: ","))]}"#.utf8) + Data("\n".utf8)
      let both = (headers + [snapshot]).joined(separator: ",")
      lines += Data(#"{"topic":"checkpoints","headers":[\#(both)]}"#.utf8) + Data("\n".utf8)
    }
    let answer = try Validator.run("records", lines: lines)
    #expect(answer.status == 0, "\(answer.messages)")
    #expect(
      try JSONDecoder().decode([String: [String: Int]].self, from: answer.output) == [
        "artifacts": ["": 6], "checkpoints": ["": 6],
      ])
  }

  @Test(
    "the validator says no, with the line and the place",
    arguments: [
      (#"{"topic":"labels","value":{"prediction":"p","model":"m","time":0}}"#, "'label' is a required property"),
      (#"{"topic":"labels","value":null}"#, "None is not of type 'object'"),
      (#"{"topic":"labels","value":{"prediction":"p","model":"m","time":NaN,"label":1}}"#, "NaN is not JSON"),
      (#"{"topic":"labels","value":{"time":0,"time":0}}"#, "stands twice"),
      (#"{"topic":"lables","value":{}}"#, "KeyError('lables')"), ("{", "not a record"),
      (#"{"topic":"artifacts","headers":[]}"#, "'leeway_index' is a required property"),
    ])
  func refusals(_ line: String, _ message: String) throws {
    let answer = try Validator.run("records", lines: Data((line + "\n").utf8))
    #expect(answer.status == 1)
    #expect(answer.messages.hasPrefix("line 1: ") && answer.messages.contains(message), "\(answer.messages)")
  }
}
