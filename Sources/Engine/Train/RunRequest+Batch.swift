import Bytes
public import Events
public import Log

extension RunRequest {
  /// The record, where Train looks for it.
  public func batch(_ configuration: EngineConfiguration) -> AppendBatch {
    let event = CloudEvent(id: id, source: "leeway/request", kind: "request", time: time)
    let record = event.record(RunRecord.requested(self).encoded(), key: Array(model.utf8)[...])
    return AppendBatch(RunReport.place(of: model, configuration), [record])
  }
}
