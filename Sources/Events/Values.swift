/// Milliseconds since 1970-01-01T00:00:00Z, leap seconds ignored: event time throughout.
public typealias Milliseconds = Int64

extension Milliseconds {
  /// The sum, or the nearest number that there is.
  @inlinable
  public func saturatingAdd(_ other: Milliseconds) -> Milliseconds {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other > 0 ? .max : .min) : sum
  }
}

/// The value of one feature in one event.
public enum FeatureValue: Hashable, Sendable {
  /// Finite.
  case number(Double)
  case category(String)
  /// Absent, null, or not finite.
  case missing
}

/// A named feature. Events keep the order in which their producer wrote them.
public struct Feature: Hashable, Sendable {
  public var name: String
  public var value: FeatureValue

  public init(name: String, value: FeatureValue) {
    self.name = name
    self.value = value
  }
}

/// What a model said about one row.
public enum Score: Hashable, Sendable {
  /// A probability of the positive class, or a regression value.
  case number(Double)
  /// One probability per class, in the model's order of classes.
  case probabilities([Double])
  /// The name of the predicted class, where the serving system tells no more.
  case category(String)
}

/// What turned out to be true of one row.
public enum LabelValue: Hashable, Sendable {
  case number(Double)
  case category(String)
}

/// A named part of the traffic, such as `channel = cellular`.
public struct Segment: Hashable, Sendable {
  public var name: String
  public var value: String

  public init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}

/// Count, mean and spread of a set of numbers, as they travel in records.
public struct MomentsRecord: Hashable, Sendable {
  public var count: Int
  public var mean: Double
  /// Sum of squared deviations from the mean.
  public var m2: Double
  public var min: Double
  public var max: Double

  public init(count: Int, mean: Double, m2: Double, min: Double, max: Double) {
    self.count = count
    self.mean = mean
    self.m2 = m2
    self.min = min
    self.max = max
  }
}
