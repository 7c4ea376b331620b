import DockerfileSyntax
import OCI
import Provenance

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
        /// What `from` of RUN's mounts names.
        let mounts: [String: Origin]
        /// Its first line in the Dockerfile; of a trigger that was waiting in the base, the line of FROM.
        let line: Int

        /// Where it takes anything from, in the same order each time.
        var origins: [Origin] {
            [origin].compactMap(\.self) + mounts.sorted { $0.key < $1.key }.map(\.value)
        }

        /// The instruction as it stands there, as everybody may read it.
        var text: String { Redaction.withoutUserInformation(instruction.text) }
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
    let needs: Set<Int>

    init(
        number: Int, name: String, from: Instruction, baseName: String, base: Base, platform: Platform,
        steps: [Step]
    ) {
        (self.number, self.name, self.from, self.baseName) = (number, name, from, baseName)
        (self.base, self.platform, self.steps) = (base, platform, steps)
        var needs: Set<Int> = []
        if case .stage(let number) = base { needs.insert(number) }
        for step in steps {
            for case .stage(let number) in step.origins { needs.insert(number) }
        }
        self.needs = needs
    }
}
