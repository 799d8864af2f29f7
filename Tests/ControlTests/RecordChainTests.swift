import Control
import TestSupport
import Testing

/// What a chain of records tells of one that was meddled with.
struct RecordChainTests {
  /// A record as the test makes it: its checksum is a function of what it says.
  struct Note: Hashable {
    var text: String
    var previous: String?
    var who = true
    var champion = false

    var checksum: String { "\(text)|\(previous ?? "")|\(who)" }
  }

  static func chain(_ count: Int, unchained: Int = 0) -> [Note] {
    var notes: [Note] = []
    for index in 0..<count {
      let isOld = index < unchained
      notes.append(
        Note(
          text: "n\(index)", previous: isOld ? nil : notes.last?.checksum, who: !isOld, champion: index % 3 == 0))
    }
    return notes
  }

  static func verify(_ notes: [Note]) -> RecordChain {
    RecordChain(
      notes.enumerated().map { offset, note in
        RecordChain.Link(
          offset: Int64(offset), checksum: note.checksum, previous: note.previous, namesWho: note.who,
          isChampion: note.champion)
      })
  }

  @Test func wholeChainsHaveNoFaults() {
    for count in 0..<8 {
      for unchained in 0...count {
        let chain = Self.verify(Self.chain(count, unchained: unchained))
        #expect(chain.faults.isEmpty && chain.unchained == unchained, "\(chain.faults)")
      }
      // Of an engine that could not see the records of before.
      for unchained in 0..<count {
        var notes = Self.chain(count, unchained: unchained)
        notes[unchained].previous = nil
        for index in notes.indices.dropFirst(unchained + 1) { notes[index].previous = notes[index - 1].checksum }
        #expect(Self.verify(notes).faults.isEmpty)
      }
    }
  }

  /// One fault at the record behind the altered one, which names what is not there; nobody vouches for the newest.
  @Test func anAlteredRecordShows() {
    for index in 0..<6 {
      var notes = Self.chain(6)
      notes[index].text = "altered"
      let faults = Self.verify(notes).faults
      #expect(faults.map(\.offset) == (index == 5 ? [] : [Int64(index + 1)]))
      #expect(faults.allSatisfy { $0.reason.contains("at offset \(index), was altered") })
    }
  }

  /// Whoever takes the mark off a record, so that it looks like one of before there was a chain, is found out.
  @Test func whatIsMadeToLookOldShows() {
    for index in 0..<5 {
      var notes = Self.chain(6)
      notes[index] = Note(text: "altered", previous: nil, who: false)
      #expect(!Self.verify(notes).faults.isEmpty)
    }
  }

  @Test func aRemovedRecordShows() {
    for index in 0..<6 {
      var notes = Self.chain(6)
      notes.remove(at: index)
      let faults = Self.verify(notes).faults
      #expect(faults.map(\.offset) == (index == 5 ? [] : [Int64(index)]))
      #expect(faults.allSatisfy { $0.reason.contains(index == 0 ? "beginning is gone" : "was removed") })
    }
  }

  @Test func exchangedRecordsShow() {
    for index in 0..<5 {
      var notes = Self.chain(6)
      notes.swapAt(index, index + 1)
      let faults = Self.verify(notes).faults
      #expect(faults.first?.offset == Int64(index) && faults.count <= 2, "\(index): \(faults)")
      if index > 0 { #expect(faults.map(\.offset) == [Int64(index)] && faults[0].reason.contains("stands before")) }
    }
  }

  @Test func insertedRecordsShow() {
    for index in 0...6 {
      for previous in [nil, "nothing", Self.chain(6)[max(index - 1, 0)].checksum, Self.chain(6)[0].checksum] {
        for who in [true, false] where previous == nil || who {
          var notes = Self.chain(6)
          // What follows the newest is a record like any other, but for its signature.
          if index == 6, previous == notes[5].checksum { continue }
          notes.insert(Note(text: "inserted", previous: previous, who: who), at: index)
          let chain = Self.verify(notes)
          let faults = chain.faults
          // What looks older than the chain and stands before it is told, and cannot be told from what is.
          if index == 0, previous == nil, !who {
            #expect(faults.isEmpty && chain.unchained == 1)
            continue
          }
          #expect(!faults.isEmpty, "at \(index) behind \(previous ?? "none")")
          #expect(faults.count == 1 || index == 0, "\(index) \(previous ?? "none"): \(faults)")
          if index > 0, index < 5 { #expect(faults.map(\.offset) == [Int64(index)], "\(faults)") }
        }
      }
    }
  }

  /// A champion may be published again as it is; an older record written again would make a former version serve.
  @Test func aCopyOfTheChampionIsNoFaultAndAnyOtherIs() {
    for index in 0..<6 {
      for place in (index + 1)...6 {
        var notes = Self.chain(6)
        notes.insert(notes[index], at: place)
        let chain = Self.verify(notes)
        let isNewest = notes[index].champion && !notes[(index + 1)..<place].contains(where: \.champion)
        #expect(chain.faults.map(\.offset) == (isNewest ? [] : [Int64(place)]))
        #expect(chain.repeated == (isNewest ? 1 : 0))
      }
    }
  }

  /// Whatever is done to a chain but taking its end away or altering its newest record shows.
  @Test func anythingShows() {
    var random = SplitMix64(seed: 5)
    for _ in 0..<2_000 {
      let whole = Self.chain(Int.random(in: 2...9, using: &random))
      var notes = whole
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let index = Int.random(in: 0..<notes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0 where notes.count > 1: notes.remove(at: index)
        case 1: notes[index].text += "x"
        case 2: notes.swapAt(index, Int.random(in: 0..<notes.count, using: &random))
        default: notes.insert(Note(text: "new", previous: nil), at: index)
        }
      }
      let newest = notes.count - 1
      let isEnd =
        notes.count <= whole.count && notes[..<newest] == whole[..<newest]
        && (notes[newest].previous == whole[newest].previous)
      #expect(Self.verify(notes).faults.isEmpty == isEnd, "\(notes.map(\.text))")
    }
  }
}
