import SystemPackage
import TestSupport
import Testing

@testable import Build

@Suite struct PluginArgumentsTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try scratch.write("Dockerfile", "FROM scratch\n")
    }

    private func arguments(
        _ variables: [String: String], _ kind: PluginKind = .docker, digestFile: String? = nil
    ) throws -> PluginArguments {
        let variables = PluginVariables(["PLUGIN_REPO": "a/b"].merging(variables) { $1 })
        return try PluginArguments(
            PluginSettings(kind, variables, in: scratch.path), variables, digestFile: digestFile)
    }

    @Test func `a plain step is a plain command line`() throws {
        let plain = try arguments([:], digestFile: "/kaniko/digest-file")
        #expect(
            plain.line
                == "+ /kaniko/executor --dockerfile=Dockerfile --context=dir://. --destination=a/b:latest --digest-file=/kaniko/digest-file"
        )
        #expect(plain.words == plain.line.split(separator: " ").dropFirst(2).map(String.init))
    }

    @Test func `arguments have the plugin's order`() throws {
        let words = try arguments(
            [
                "PLUGIN_DOCKERFILE": "Dockerfile", "PLUGIN_CONTEXT": "app", "PLUGIN_TAGS": "1,2",
                "PLUGIN_BUILD_ARGS": "A=1,B", "PLUGIN_CUSTOM_LABELS": "l=1,m=2", "PLUGIN_TARGET": "dist",
                "PLUGIN_REGISTRY_MIRRORS": "m1.example.com,m2.example.com", "PLUGIN_SKIP_TLS_VERIFY": "true",
                "PLUGIN_SNAPSHOT_MODE": "redo", "PLUGIN_ENABLE_CACHE": "true", "PLUGIN_CACHE_REPO": "a/cache",
                "PLUGIN_CACHE_TTL": "12", "PLUGIN_CACHE_DIR": "/cache", "PLUGIN_NO_PUSH": "true",
                "PLUGIN_VERBOSITY": "debug", "PLUGIN_SKIP_UNUSED_STAGES": "true",
                "PLUGIN_TAR_PATH": "out/a.tar",
                "PLUGIN_PLATFORM": "linux/arm64", "PLUGIN_CLEANUP": "true", "PLUGIN_FORCE": "true",
                "PLUGIN_SKIP_TLS_VERIFY_REGISTRY": "true", "PLUGIN_USE_NEW_RUN": "true",
                "PLUGIN_IGNORE_PATH": "/p", "PLUGIN_IGNORE_PATHS": "/q,/r",
                "PLUGIN_IMAGE_DOWNLOAD_RETRY": "3",
            ], digestFile: "/d"
        ).words
        #expect(
            words == [
                "--dockerfile=Dockerfile", "--context=dir://app", "--destination=a/b:1",
                "--destination=a/b:2",
                "--build-arg", "A=1", "--build-arg", "B", "--label=l=1", "--label=m=2",
                "--registry-mirror=m1.example.com", "--registry-mirror=m2.example.com", "--target=dist",
                "--skip-tls-verify=true", "--snapshot-mode=redo", "--cache=true", "--cache-repo=a/cache",
                "--cache-ttl=12h", "--cache-dir=/cache", "--digest-file=/d", "--no-push", "--verbosity=debug",
                "--skip-unused-stages", "--tar-path=out/a.tar", "--cleanup=true",
                "--custom-platform=linux/arm64",
                "--force", "--skip-tls-verify-registry=docker.io", "--use-new-run", "--ignore-path=/p",
                "--ignore-path=/q", "--ignore-path=/r", "--image-download-retry=3",
            ])
    }

    @Test(
        "a setting is an argument",
        arguments: [
            ("PLUGIN_CACHE_COPY_LAYERS", "true", "--cache-copy-layers"),
            ("PLUGIN_CACHE_COPY_LAYERS", "false", nil),
            ("PLUGIN_CACHE_RUN_LAYERS", "true", "--cache-run-layers=true"),
            ("PLUGIN_CACHE_RUN_LAYERS", "false", "--cache-run-layers=false"),
            ("PLUGIN_COMPRESSED_CACHING", "0", "--compressed-caching=false"),
            ("PLUGIN_COMPRESSED_CACHING", "T", "--compressed-caching=true"),
            ("PLUGIN_IGNORE_VAR_RUN", "false", "--ignore-var-run=false"),
            ("PLUGIN_CACHE_TTL", "0", nil), ("PLUGIN_CACHE_REPO", "a/cache", nil),
            ("PLUGIN_CUSTOM_PLATFORM", "linux/s390x", "--custom-platform=linux/s390x"),
            ("PLUGIN_CONTEXT_SUB_PATH", "x", "--context-sub-path=x"),
            ("PLUGIN_INSECURE", "true", "--insecure"), ("PLUGIN_INSECURE_PULL", "true", "--insecure-pull"),
            ("PLUGIN_INSECURE_REGISTRY", "r.example.com", "--insecure-registry=r.example.com"),
            ("PLUGIN_LOG_FORMAT", "text", "--log-format=text"),
            ("PLUGIN_LOG_TIMESTAMP", "true", "--log-timestamp"),
            ("PLUGIN_OCI_LAYOUT_PATH", "/o", "--oci-layout-path=/o"),
            ("PLUGIN_PUSH_RETRY", "2", "--push-retry=2"),
            ("PLUGIN_IMAGE_FS_EXTRACT_RETRY", "2", "--image-fs-extract-retry=2"),
            ("PLUGIN_REGISTRY_CERTIFICATE", "r=/c.pem", "--registry-certificate=r=/c.pem"),
            ("PLUGIN_REGISTRY_CLIENT_CERT", "r=/c,/k", "--registry-client-cert=r=/c,/k"),
            ("PLUGIN_SKIP_DEFAULT_REGISTRY_FALLBACK", "true", "--skip-default-registry-fallback"),
            ("PLUGIN_REPRODUCIBLE", "true", "--reproducible"),
            ("PLUGIN_SINGLE_SNAPSHOT", "true", "--single-snapshot"),
            ("PLUGIN_SKIP_PUSH_PERMISSION_CHECK", "true", "--skip-push-permission-check"),
            ("PLUGIN_SKIP_TLS_VERIFY_PULL", "true", "--skip-tls-verify-pull"),
            ("PLUGIN_IMAGE_NAME_WITH_DIGEST_FILE", "/n", "--image-name-with-digest-file=/n"),
            ("PLUGIN_IMAGE_NAME_TAG_WITH_DIGEST_FILE", "/n", "--image-name-tag-with-digest-file=/n"),
            ("PLUGIN_SKIP_TLS_VERIFY_REGISTRY", "false", nil),
            (
                "PLUGIN_SKIP_TLS_VERIFY_REGISTRY", "r.example.com,s:5000",
                "--skip-tls-verify-registry=r.example.com --skip-tls-verify-registry=s:5000"
            ),
        ])
    func settings(name: String, value: String, expected: String?) throws {
        let plain = try arguments([:]).words
        let added = try arguments([name: value]).words.filter { !plain.contains($0) }
        #expect(added == expected.map { $0.split(separator: " ").map(String.init) } ?? [])
    }

    @Test func `arguments of a build may be separated by semicolons`() throws {
        let variables = [
            "PLUGIN_BUILD_ARGS": "OLD=1", "PLUGIN_BUILD_ARGS_NEW": "A=1,2;B=3",
            "PLUGIN_MULTIPLE_BUILD_ARGS": "true",
        ]
        #expect(try arguments(variables).words.suffix(4) == ["--build-arg", "A=1,2", "--build-arg", "B=3"])
        let old = variables.merging(["PLUGIN_MULTIPLE_BUILD_ARGS": "false"]) { $1 }
        #expect(try arguments(old).words.suffix(2) == ["--build-arg", "OLD=1"])
    }

    @Test func `the line shows no secret, and is one line`() throws {
        let shown = try arguments([
            "PLUGIN_BUILD_ARGS": "API_TOKEN=hunter2,URL=https://u:hunter2@example.com/x,V=1,BARE",
            "PLUGIN_CUSTOM_LABELS": "password=hunter2,l=1", "PLUGIN_CONTEXT": "a\nb",
            "PLUGIN_REGISTRY_MIRRORS": "https://u:hunter2@m.example.com", "PLUGIN_CONTEXT_SUB_PATH": ".",
        ]).line
        #expect(!shown.contains("hunter2") && !shown.contains("\n"))
        #expect(
            shown
                == "+ /kaniko/executor --dockerfile=Dockerfile --context=dir://a\\nb --destination=a/b:latest --build-arg API_TOKEN=redacted --build-arg URL=https://example.com/x --build-arg V=1 --build-arg BARE --label=password=redacted --label=l=1 --registry-mirror=https://m.example.com --context-sub-path=."
        )
    }
}
