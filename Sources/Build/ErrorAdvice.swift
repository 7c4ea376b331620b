import HTTP
import Registry

/// What a user may do about a failure of which the room where it happened knows the cause alone, and no flag.
public enum ErrorAdvice {
    /// A few words for the end of the message; `nil` where there is nothing to advise.
    public static func text(for error: any Error) -> String? {
        switch error {
        case let error as PluginError: error.cause.flatMap { text(for: $0) }
        case let error as HTTPError:
            switch error.kind {
            case .untrusted: "--ca-cert FILE trusts the authority that signed it"
            case .tls: "--insecure-registry is for one that speaks no TLS"
            default: nil
            }
        case let error as RegistryError:
            switch error.reason {
            // Only a login asks for the root, and has said already what it shows.
            case .unauthorized where error.path != "/v2/": "varve login \(error.host) keeps a login"
            default: nil
            }
        default: nil
        }
    }
}
