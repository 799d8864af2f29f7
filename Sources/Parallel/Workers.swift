import Synchronization

/// The port by which pure code offers work that may go on at the same time: the shell says who does it, and no result
/// tells how many they were or who came first.
public struct Workers: Sendable {
  private let each: @Sendable (_ count: Int, _ piece: @Sendable (Int) -> Void) -> Void
  private let begin: (@Sendable (_ work: @escaping @Sendable () -> Void) -> @Sendable () -> Void)?

  /// - Parameters:
  ///   - each: carries out a piece of work for each number below a count, in any order, and returns when all are done.
  ///   - begin: sees to it that work is done meanwhile, and returns what waits for its end.
  public init(
    each: @escaping @Sendable (_ count: Int, _ piece: @Sendable (Int) -> Void) -> Void,
    begin: @escaping @Sendable (_ work: @escaping @Sendable () -> Void) -> @Sendable () -> Void
  ) {
    self.each = each
    self.begin = begin
  }

  private init() {
    each = { count, piece in for index in 0..<count { piece(index) } }
    begin = nil
  }

  /// The caller alone, one piece after the other.
  public static let one = Workers()

  /// What `body` makes of each number below `count`, in their order. For pieces of a millisecond or so and more.
  public func map<T: Sendable>(_ count: Int, _ body: @Sendable (Int) -> T) -> [T] {
    let done = Mutex([T?](repeating: nil, count: count))
    each(count) { index in
      let result = body(index)
      done.withLock { $0[index] = result }
    }
    return done.withLock { $0.compactMap(\.self) }
  }

  /// What `body` makes of the elements of an array, in slices of equal length but for the last: each slice's in its turn.
  @inlinable
  public func map<Element: Sendable, T: Sendable>(
    _ elements: ArraySlice<Element>, by length: Int, _ body: @Sendable (ArraySlice<Element>) -> T
  ) -> [T] {
    map((elements.count + length - 1) / length) { index in body(elements.dropFirst(index * length).prefix(length)) }
  }

  /// Begins work whose result is wanted later, if at all. The caller alone does it when it is asked for.
  public func aside<T: Sendable>(_ work: @escaping @Sendable () -> T) -> Aside<T> {
    guard let begin else { return Aside(work) }
    let result = Result<T>()
    let wait = begin { result.value.withLock { $0 = work() } }
    return Aside {
      wait()
      return result.value.withLock(\.self) ?? work()
    }
  }

  private final class Result<T: Sendable>: Sendable {
    let value = Mutex<T?>(nil)
  }
}

/// Work that may be going on. Who does not ask for its result need not wait for its end.
public struct Aside<T: Sendable>: Sendable {
  private let result: @Sendable () -> T

  fileprivate init(_ result: @escaping @Sendable () -> T) {
    self.result = result
  }

  /// Waits for it. To be asked for once.
  public func value() -> T { result() }
}
