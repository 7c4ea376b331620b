import DockerfileSyntax
import OCI

/// A stage with everything that is known of it before it is carried out.
struct PlannedStage: Sendable {
    /// What it begins with.
    enum Base: Sendable {
        case scratch
        /// Another stage of the file, by its number.
        case stage(Int)
        case image(BaseImage)
    }

    /// One instruction of it.
    struct Step: Sendable {
        let instruction: Instruction
        /// Where COPY takes its files from, if it is not the context.
        let origin: Origin?
        /// Its first line in the Dockerfile; of a trigger that was waiting in the base, the line of FROM.
        let line: Int
    }

    /// What `--from` names.
    enum Origin: Sendable {
        case stage(Int)
        /// A context of the request, by its name.
        case context(String)
        case image(BaseImage)
    }

    /// Its number in the file, from 0.
    let number: Int
    /// Its name, else `stage-` and its number.
    let name: String
    let from: Instruction
    /// What FROM says, expanded.
    let baseName: String
    let base: Base
    let platform: Platform
    /// Triggers of the base first.
    let steps: [Step]

    /// The stages that must be complete before.
    var needs: Set<Int> {
        var needs: Set<Int> = []
        if case .stage(let number) = base { needs.insert(number) }
        for step in steps {
            if case .stage(let number) = step.origin { needs.insert(number) }
        }
        return needs
    }
}
