import ArgumentParser
import Testing
import YAML

@testable import CLI

/// The recipes: files that others copy, so that a mistake in one is a mistake in many pipelines.
struct ExampleTests {
    private static let files = Example.all(below: "examples")
    private static let recipes = files.filter { !$0.path.hasSuffix(".md") }
    private static let systems = Set(recipes.map(\.system)).sorted()
    private static let pages = ["README.md", "docs/from-kaniko.md", "docs/policy.md", "examples/README.md"]

    @Test func `there is a recipe for each system`() {
        #expect(
            Self.systems == [
                "argo", "drone", "github", "gitlab", "harness", "jenkins", "kubernetes", "tekton",
            ])
    }

    @Test(arguments: recipes.filter(\.isYAML))
    func `a recipe is YAML that every reader reads alike`(_ recipe: Example) throws {
        #expect(try recipe.document().mapping != nil)
    }

    @Test(arguments: recipes)
    func `the programs take every command line of a recipe`(_ recipe: Example) throws {
        for line in try recipe.commandLines() { expectTaken(line) }
    }

    @Test(arguments: pages)
    func `the programs take every command line of a page`(_ page: String) throws {
        for line in ShownCommand.all(in: try Example(page).text, of: page) { expectTaken(line) }
    }

    private func expectTaken(_ line: ShownCommand) {
        guard line.words[0] == "varve" else {
            let misunderstood = ExecutorFlag.misunderstood(line.words)
            #expect(misunderstood.isEmpty, "\(line)")
            return
        }
        let words = Array(line.words.dropFirst())
        do {
            _ = try Varve.parseAsRoot(words)
        } catch {
            Issue.record("\(line): \(Varve.message(for: error))")
        }
    }

    @Test(arguments: systems)
    func `a recipe builds with a shared cache, and verifies what it signed`(_ system: String) throws {
        let files = Self.recipes.filter { $0.system == system }
        let text = files.map(\.text).joined()
        for word in ["COSIGN_PRIVATE_KEY", "COSIGN_PASSWORD", "registry.example.com/ci/cache"] {
            #expect(text.contains(word))
        }
        let lines = try files.flatMap { try $0.commandLines() }
        let verifying = lines.filter { $0.words.starts(with: ["varve", "verify"]) }
        #expect(!verifying.isEmpty)
        for line in verifying {
            let flags = line.words.joined(separator: " ")
            #expect(flags.contains("env://COSIGN_PUBLIC_KEY") && flags.contains("--source"), "\(line)")
        }
    }

    @Test(arguments: recipes)
    func `images are named in one way`(_ recipe: Example) {
        let start = "registry.example.com/varve/"
        let names = recipe.text.split(whereSeparator: { " \"',\n;".contains($0) }).filter {
            $0.contains(start)
        }
        for name in names {
            let image = name.split(separator: "/").last.map(String.init) ?? ""
            #expect(["executor:1.0.0", "executor:1.0.0-debug", "plugin:1.0.0"].contains(image), "\(name)")
        }
    }

    @Test(arguments: recipes.filter(\.isYAML))
    func `no secret stands in a recipe`(_ recipe: Example) throws {
        for node in try recipe.document().all {
            for (key, value) in node.mapping ?? [] where isSecret(key.text) {
                #expect(isReference(value), "\(key.text ?? "")")
            }
            if isSecret(node["name"]?.text), node["value"] != nil || node["valueFrom"] != nil {
                #expect(node["valueFrom"]?["secretKeyRef"] != nil, "\(node["name"]?.text ?? "")")
            }
        }
    }

    private func isSecret(_ name: String?) -> Bool {
        guard let name = name?.lowercased(), !name.contains("public") else { return false }
        return name.hasSuffix("password") || name.hasSuffix("private_key") || name.hasSuffix("privatekey")
    }

    /// A secret of the system's store, or its name there.
    private func isReference(_ value: YAMLValue.Node) -> Bool {
        guard let text = value.text else { return value["from_secret"] != nil }
        return ["<+secrets.", "${{ secrets.", "$CI_", "account."].contains { text.hasPrefix($0) }
    }

    @Test func `the Kubernetes job is a restricted pod`() throws {
        let job = try Example("examples/kubernetes/job.yaml").document()
        let spec = try #require(job["spec"]?["template"]?["spec"])
        #expect(spec["initContainers"]?.sequence?.count == 1 && spec["containers"]?.sequence?.count == 1)
        #expect(RestrictedPod(spec).faults == [])
    }

    @Test(arguments: [
        ("runAsNonRoot: true", "runAsNonRoot: false"), ("runAsUser: 65532", "runAsUser: 0"),
        ("allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true"),
        ("drop: [ALL]", "drop: [KILL]"),
        ("drop: [ALL]", "add: [SYS_ADMIN]\n              drop: [ALL]"),
        ("type: RuntimeDefault", "type: Unconfined"), ("emptyDir: {}", "hostPath: {path: /}"),
        ("restartPolicy: Never", "hostNetwork: true"),
    ])
    func `the rules of restricted pods are asked`(there: String, instead: String) throws {
        let text = try Example("examples/kubernetes/job.yaml").text
        let place = try #require(text.firstRange(of: there))
        let job = try YAMLValue.Node(
            parsing: Array((text[..<place.lowerBound] + instead + text[place.upperBound...]).utf8))
        let spec = try #require(job["spec"]?["template"]?["spec"])
        #expect(!RestrictedPod(spec).faults.isEmpty)
    }

    @Test func `Tekton's task has the results that Chains reads`() throws {
        let task = try Example("examples/tekton/task.yaml").document()
        let results = task["spec"]?["results"]?.sequence?.compactMap { $0["name"]?.text }
        #expect(results == ["IMAGE_URL", "IMAGE_DIGEST"])
    }

    @Test func `the page for Kaniko's users names every flag`() throws {
        let page = try Example("docs/from-kaniko.md").text
        let missing = ExecutorFlag.all.filter { !page.contains("`--\($0.name)`") }
        #expect(missing.map(\.name) == [])
        #expect(ExecutorFlag.all.count == 68)
    }
}
