import CCurl
import Foundation

/// libcurl, loaded where something is to be mirrored. (Foundation's own client rests on it too, and on Linux keeps a
/// processor busy for as long as it waits for an answer.)
struct CurlLibrary: @unchecked Sendable {
  typealias Initialize = @convention(c) () -> UnsafeMutableRawPointer?
  typealias Release = @convention(c) (UnsafeMutableRawPointer?) -> Void
  typealias Perform = @convention(c) (UnsafeMutableRawPointer?) -> Int32
  typealias Append = @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?) -> UnsafeMutableRawPointer?
  typealias Describe = @convention(c) (Int32) -> UnsafePointer<CChar>?

  /// What can be set, by libcurl's numbers.
  enum Option: Int32 {
    case noProgress = 43
    case bodyBytes = 60
    case isGet = 80
    case noSignals = 99
    case milliseconds = 155
    case context = 10_001
    case url = 10_002
    case body = 10_015
    case headers = 10_023
    case method = 10_036
    case progressContext = 10_057
    case write = 20_011
    case progress = 20_219
  }

  let initialize: Initialize
  let release: Release
  let perform: Perform
  let append: Append
  let releaseList: Release
  let describe: Describe
  let setOption: UnsafeMutableRawPointer
  let getInfo: UnsafeMutableRawPointer

  /// nil where there is none.
  static let shared = CurlLibrary()

  private init?() {
    let files = ["libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.4.dylib", "/usr/lib/libcurl.4.dylib"]
    guard let library = files.lazy.compactMap({ dlopen($0, RTLD_NOW | RTLD_LOCAL) }).first else { return nil }
    func find<T>(_ name: String, _ type: T.Type) -> T? {
      dlsym(library, name).map { unsafeBitCast($0, to: type) }
    }
    guard let initialize = find("curl_easy_init", Initialize.self),
      let release = find("curl_easy_cleanup", Release.self),
      let perform = find("curl_easy_perform", Perform.self), let append = find("curl_slist_append", Append.self),
      let releaseList = find("curl_slist_free_all", Release.self),
      let describe = find("curl_easy_strerror", Describe.self), let setOption = dlsym(library, "curl_easy_setopt"),
      let getInfo = dlsym(library, "curl_easy_getinfo")
    else { return nil }
    (self.initialize, self.release, self.perform, self.append) = (initialize, release, perform, append)
    (self.releaseList, self.describe, self.setOption, self.getInfo) = (releaseList, describe, setOption, getInfo)
  }
}
