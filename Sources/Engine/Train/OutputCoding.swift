import Bytes
import Models

extension ByteWriter {
  mutating func append(_ output: Output) {
    switch output {
    case .number(let number):
      append(UInt8(0))
      append(number)
    case .probabilities(let probabilities):
      append(UInt8(1))
      append(probabilities) { $0.append($1) }
    }
  }
}

extension ByteReader {
  mutating func output() throws(ByteError) -> Output {
    switch try byte() {
    case 0: .number(try double())
    case 1: .probabilities(try array { reader throws(ByteError) in try reader.double() })
    default: throw failure("an unknown kind of output")
    }
  }
}
