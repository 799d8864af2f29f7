import Events

/// A prediction on its way through the stage: what Join and Summarize look at. It holds no reference to anything, as
/// counting those would cost more than all else; its bytes, cells and any score but a number wait beside it.
struct OpenPrediction {
  let key: Join.Key
  /// 0 for none.
  let version: Int
  let time: Milliseconds
  let scoreForm: ScannedPrediction.ScoreForm
  /// The score, where it is a number.
  let number: Double
  /// The layout whose cells wait in the stage's queue; 0 where none do.
  let layout: Int
  let hasUnlisted: Bool
  /// Bytes of the event, and of the id.
  let size: (event: Int, id: Int)
}
