public import Bytes

/// Times as RFC 3339 text. Leap seconds are not counted: 23:59:60 is the next day's first second, as in POSIX time.
public enum RFC3339 {
  /// Reads `2025-11-05T12:27:58.901Z` or the like with an offset; digits beyond milliseconds are cut off. `nil` for
  /// anything else, and for times outside years 1 to 9999 of UTC.
  public static func parse(_ bytes: ByteSlice) -> Milliseconds? {
    bytes.withUnsafeBytes { parse($0) }
  }

  static func parse(_ bytes: UnsafeRawBufferPointer) -> Milliseconds? {
    var cursor = Cursor(bytes: bytes, next: bytes.startIndex)
    guard
      let year = cursor.digits(4), cursor.take("-"), let month = cursor.digits(2), cursor.take("-"),
      let day = cursor.digits(2), cursor.take("T") || cursor.take("t") || cursor.take(" "),
      let hour = cursor.digits(2), cursor.take(":"), let minute = cursor.digits(2), cursor.take(":"),
      let second = cursor.digits(2), let fraction = cursor.fraction(), let offset = cursor.offset(),
      cursor.next == bytes.endIndex,
      month >= 1, month <= 12, day >= 1, day <= daysInMonth(year, month),
      hour <= 23, minute <= 59, second <= 59 || (second == 60 && minute == 59)
    else { return nil }
    let days = daysFromEpoch(year, month, day)
    let seconds = ((days * 24 + hour) * 60 + minute - offset) * 60 + second
    let time = Int64(seconds) * 1_000 + Int64(fraction)
    return (Limits.earliestTime...Limits.latestTime).contains(time) ? time : nil
  }

  /// Writes a time in UTC with milliseconds; times outside years 1 to 9999 are held to the nearest of them.
  public static func format(_ time: Milliseconds) -> String {
    let time = min(max(time, Limits.earliestTime), Limits.latestTime)
    let (day, rest) = Int(time - Limits.earliestTime).quotientAndRemainder(dividingBy: 86_400_000)
    let (year, month, dayOfMonth) = date(daysFromYearOne: day)
    let clock = [rest / 3_600_000, rest / 60_000 % 60, rest / 1_000 % 60].map { padded($0, 2) }
    return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(dayOfMonth, 2) + "T"
      + clock.joined(separator: ":") + "." + padded(rest % 1_000, 3) + "Z"
  }

  private static func padded(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  private static func daysInMonth(_ year: Int, _ month: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days from 1970-01-01 in the proleptic Gregorian calendar. Years are counted from March, so that the day of a leap
  /// year stands last, in cycles of 400 years.
  private static func daysFromEpoch(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let marchYear = (month <= 2 ? year - 1 : year) + 400
    let cycle = marchYear / 400
    let yearOfCycle = marchYear % 400
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    return (cycle - 1) * 146_097 + yearOfCycle * 365 + yearOfCycle / 4 - yearOfCycle / 100 + dayOfYear - 719_468
  }

  private static func date(daysFromYearOne days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 306
    let cycle = shifted / 146_097
    let day = shifted % 146_097
    let yearOfCycle = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365
    let dayOfYear = day - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let month = (marchMonth + 2) % 12 + 1
    let year = cycle * 400 + yearOfCycle + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
  }

  private struct Cursor {
    let bytes: UnsafeRawBufferPointer
    var next: Int

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard next < bytes.endIndex, bytes[next] == UInt8(ascii: character) else { return false }
      next += 1
      return true
    }

    mutating func digits(_ count: Int) -> Int? {
      var value = 0
      for _ in 0..<count {
        guard let digit = digit() else { return nil }
        value = value * 10 + digit
      }
      return value
    }

    mutating func digit() -> Int? {
      guard next < bytes.endIndex, bytes[next] &- UInt8(ascii: "0") < 10 else { return nil }
      defer { next += 1 }
      return Int(bytes[next] - UInt8(ascii: "0"))
    }

    /// Milliseconds of the fraction, 0 where there is none; `nil` for a point without digits.
    mutating func fraction() -> Int? {
      guard take(".") else { return 0 }
      var value = 0
      var count = 0
      while let digit = digit() {
        if count < 3 { value = value * 10 + digit }
        count += 1
      }
      guard count > 0 else { return nil }
      return count == 1 ? value * 100 : count == 2 ? value * 10 : value
    }

    /// Minutes east of UTC.
    mutating func offset() -> Int? {
      if take("Z") || take("z") { return 0 }
      let isEast = take("+")
      guard isEast || take("-"), let hours = digits(2), take(":"), let minutes = digits(2), hours <= 23, minutes <= 59
      else { return nil }
      return (hours * 60 + minutes) * (isEast ? 1 : -1)
    }
  }
}
