import Foundation

/// An MLflow tracking server that runs and versions are mirrored to.
struct MLflowSection: Equatable {
  /// How the server knows who asks.
  enum Access: Equatable {
    case open
    case token(Secret)
    case password(user: String, Secret)
  }

  /// With a scheme and a host, without user, query, fragment and a slash at its end.
  var url: String
  /// The experiment that holds the runs; made where it is not there.
  var experiment = "leeway"
  var access = Access.open

  /// What messages call it.
  var shown: String { "MLflow at \(url)" }
}

extension MLflowSection {
  enum Key: String, ConfigurationKey { case url, experiment, token, username, password }

  init(_ section: ConfigurationSection<Key>) throws(CommandError) {
    let expected = "the address of a tracking server, such as http://mlflow.example:5000"
    let place = section.place(of: .url)
    guard let text = try section[.url]?.text(expected) else {
      throw place.error("no url", remedy: "expected \(expected)")
    }
    guard let parts = URLComponents(string: text), ["http", "https"].contains(parts.scheme?.lowercased()),
      parts.host?.isEmpty == false, parts.user == nil, parts.query == nil, parts.fragment == nil, parts.url != nil
    else {
      // Not shown: it may hold a secret.
      throw place.error(
        "not understood",
        remedy: "expected \(expected), without user and password: these stand under username and password")
    }
    self.init(url: String(text.reversed().drop { $0 == "/" }.reversed()))
    try section.text(.experiment, &experiment)
    guard (1...500).contains(experiment.utf8.count) else {
      throw section.place(of: .experiment).error(expected: "a name of 1 to 500 bytes")
    }
    access = try Self.access(section)
  }

  private static func access(_ section: ConfigurationSection<Key>) throws(CommandError) -> Access {
    let token = section[.token].flatMap { $0.isOff ? nil : $0 }
    let password = section[.password].flatMap { $0.isOff ? nil : $0 }
    let user = try section[.username].flatMap { $0.isOff ? nil : $0 }?.text("a name")
    switch (token, user, password) {
    case (nil, nil, nil): return .open
    case (let token?, nil, nil): return .token(try Secret(token, "the token"))
    case (nil, let user?, let password?):
      guard !user.isEmpty, !user.contains(":") else {
        throw section.place(of: .username).error(expected: "a name without \":\"")
      }
      return .password(user: user, try Secret(password, "the password"))
    default: throw section.node.error("not understood", remedy: "expected a token, or a username with its password")
    }
  }

  /// The value of the header `Authorization`; nil for none. A secret.
  func authorization(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(CommandError) -> String? {
    func text(_ secret: Secret, _ key: Key) throws(CommandError) -> String {
      let text = try secret.text(environment, for: "mlflow.\(key.rawValue)").trimmingCharacters(in: .newlines)
      guard !text.isEmpty, !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) else {
        throw CommandError("this is no \(key.rawValue): it is empty or has more than one line", at: secret.place)
      }
      return text
    }
    switch access {
    case .open: return nil
    case .token(let secret): return "Bearer \(try text(secret, .token))"
    case .password(let user, let secret):
      return "Basic \(Data("\(user):\(try text(secret, .password))".utf8).base64EncodedString())"
    }
  }
}
