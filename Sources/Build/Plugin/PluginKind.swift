import Registry

/// Which of the Drone plugins for Kaniko varve stands for: each logs in to another kind of registry.
///
/// Source: `plugins/kaniko`, `-ecr`, `-gcr`, `-gar`, `-acr`.
public enum PluginKind: String, CaseIterable, Sendable {
    /// Any registry, with a user and a password.
    case docker
    /// Amazon's.
    case ecr
    /// Google's elder one.
    case gcr
    /// Google's Artifact Registry.
    case gar
    /// Azure's.
    case acr

    /// What the artifact file calls it.
    var registryType: String {
        switch self {
        case .docker, .acr: "Docker"
        case .ecr: "ECR"
        case .gcr: "GCR"
        case .gar: "GAR"
        }
    }

    /// The registry where the user names none.
    var defaultRegistry: String? {
        switch self {
        case .docker: AuthKey.dockerHub
        case .gcr: "gcr.io"
        case .ecr, .gar, .acr: nil
        }
    }
}
