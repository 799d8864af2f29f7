import Events

extension Golden {
  private static let features = [
    Feature(name: "age", value: .number(41)), Feature(name: "job", value: .category("technician \"β\"\n")),
    Feature(name: "euribor3m", value: .number(4.857)), Feature(name: "poutcome", value: .missing),
  ]

  static let events = [
    Golden(
      record: Prediction(
        id: "p-000123", model: "term-deposit", version: 7, time: 1_762_345_678_901, entity: "c-42",
        features: features, score: .number(0.183), segments: [Segment(name: "channel", value: "cellular")]),
      text: #"""
        {"id":"p-000123","model":"term-deposit","version":7,"time":1762345678901,"entity":"c-42",\#
        "features":{"age":41,"job":"technician \"β\"\n","euribor3m":4.857,"poutcome":null},"prediction":0.183,\#
        "segments":{"channel":"cellular"}}
        """#),
    Golden(
      record: Prediction(id: "p", model: "m", time: -1, features: []),
      text: #"{"id":"p","model":"m","time":-1,"features":{}}"#),
    Golden(
      record: Label(prediction: "p-000123", model: "term-deposit", time: 0, value: .number(1), entity: "c-42"),
      text: #"{"prediction":"p-000123","model":"term-deposit","time":0,"label":1,"entity":"c-42"}"#),
    Golden(
      record: FeatureUpdate(entity: "c-42", time: 1_762_345_600_000, features: features),
      text: #"""
        {"entity":"c-42","time":1762345600000,"features":{"age":41,"job":"technician \"β\"\n","euribor3m":4.857,\#
        "poutcome":null}}
        """#),
    Golden(
      record: Watermark(
        partition: 3, time: 1_762_345_680_000,
        offsets: [TopicOffset(topic: "predictions", offset: 4711), TopicOffset(topic: "labels", offset: 0)]),
      text: #"{"partition":3,"time":1762345680000,"offsets":{"predictions":4711,"labels":0}}"#),
    Golden(
      record: ExampleRecord.example(
        Example(
          seq: 2041, id: "p-000123", model: "m", version: 7, time: 1, labelTime: 2, features: features,
          score: .probabilities([0.2, 0.7, 0.1]), label: .category("gold"),
          segments: [Segment(name: "channel", value: "cellular")])),
      text: #"""
        {"kind":"example","seq":2041,"id":"p-000123","model":"m","version":7,"time":1,"label_time":2,\#
        "features":{"age":41,"job":"technician \"β\"\n","euribor3m":4.857,"poutcome":null},\#
        "prediction":[0.2,0.7,0.1],"label":"gold","segments":{"channel":"cellular"}}
        """#),
    Golden(
      record: ExampleRecord.expired(Expiry(id: "p", model: "m", version: 2, time: 5)),
      text: #"{"kind":"expired","id":"p","model":"m","version":2,"time":5}"#),
    Golden(
      record: ExampleRecord.resolved(Resolved(upTo: .min, nextSeq: 3)),
      text: #"{"kind":"resolved","up_to":-9223372036854775808,"next_seq":3}"#),
    Golden(
      record: DeadLetter(
        topic: "labels", partition: 2, offset: -1, code: "not_json", reason: "why", time: 9, sample: "{\u{fffd}"),
      text: #"""
        {"topic":"labels","partition":2,"offset":-1,"code":"not_json","reason":"why","time":9,"sample":"{�"}
        """#),
  ]
}
