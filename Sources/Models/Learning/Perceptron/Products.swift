import COpenBLAS

/// Products of matrices in single precision, by OpenBLAS in the calling thread: the same numbers again and again on one
/// machine, but on another processor the last bits may differ.
enum Products {
  /// A matrix whose rows lie one behind the other.
  struct Matrix {
    private let numbers: [Float]
    private let vectors: [Lanes]
    private let start: Int
    fileprivate let rows: Int
    fileprivate let columns: Int
    fileprivate private(set) var isTransposed = false

    init(_ numbers: [Float], rows: Int, columns: Int) {
      (self.numbers, vectors, start) = (numbers, [], 0)
      (self.rows, self.columns) = (rows, columns)
    }

    /// - Parameter start: the vector of eight that it begins with.
    init(_ vectors: [Lanes], from start: Int, rows: Int, columns: Int) {
      (numbers, self.vectors, self.start) = ([], vectors, start)
      (self.rows, self.columns) = (rows, columns)
    }

    var transposed: Matrix {
      var other = self
      other.isTransposed.toggle()
      return other
    }

    fileprivate func withNumbers(_ body: (UnsafePointer<Float>) -> Void) {
      let count = rows * columns
      numbers.withUnsafeBytes { numbers in
        vectors.withUnsafeBytes { vectors in
          let bytes = numbers.isEmpty ? UnsafeRawBufferPointer(rebasing: vectors[(32 * start)...]) : numbers
          precondition(bytes.count >= 4 * count)
          if let first = bytes.assumingMemoryBound(to: Float.self).baseAddress { body(first) }
        }
      }
    }
  }

  /// OpenBLAS would otherwise share a product out among threads, and add in another order.
  private static let inOneThread: Void = openblas_set_num_threads(1)

  /// Writes `one · other`, or adds it to what is there.
  static func put(_ one: Matrix, _ other: Matrix, into product: inout [Float], adding: Bool = false) {
    product.withUnsafeMutableBytes { put(one, other, into: $0, adding: adding) }
  }

  /// Writes `one · other` from this vector of eight on.
  static func put(_ one: Matrix, _ other: Matrix, into product: inout [Lanes], from start: Int) {
    product.withUnsafeMutableBytes {
      put(one, other, into: UnsafeMutableRawBufferPointer(rebasing: $0[(32 * start)...]), adding: false)
    }
  }

  private static func put(
    _ one: Matrix, _ other: Matrix, into product: UnsafeMutableRawBufferPointer, adding: Bool
  ) {
    let (rows, inner) = one.isTransposed ? (one.columns, one.rows) : (one.rows, one.columns)
    let columns = other.isTransposed ? other.rows : other.columns
    precondition(product.count >= 4 * rows * columns)
    guard let target = product.assumingMemoryBound(to: Float.self).baseAddress else { return }
    _ = inOneThread
    one.withNumbers { first in
      other.withNumbers { second in
        cblas_sgemm(
          CblasRowMajor, one.isTransposed ? CblasTrans : CblasNoTrans, other.isTransposed ? CblasTrans : CblasNoTrans,
          blasint(rows), blasint(columns), blasint(inner), 1, first, blasint(one.columns), second,
          blasint(other.columns), adding ? 1 : 0, target, blasint(columns))
      }
    }
  }
}
