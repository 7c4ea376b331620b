import SystemPackage
import TestSupport
import Testing

/// How much memory it takes to bring a large image somewhere.
struct RegistryMemoryTests {
    /// 300 MB in all; a layer each.
    private static let script = """
        mkdir -p one two; head -c 200M /dev/urandom >one/random; head -c 100M /dev/urandom >two/random
        "$VARVE" pack one -q -o oci:large:one --compression none --no-provenance
        "$VARVE" pack two -q --base oci:large:one -o oci:large:app --compression none --no-provenance
        rm -r one two
        """

    @Test func `memory is flat, however large the image`() throws {
        try Requirement.unsanitizedMemory()
        try Requirement.program("time")
        let work = try RegistryWorkplace(isSigned: false)
        let registry = try RealRegistry()
        try work.shell(Self.script).succeed()
        try Command(["rm", "-rf", work.scratch["out"].string]).succeed()
        for words in [
            "push oci:large:app \(registry.host)/app:1", "pull \(registry.host)/app:1 oci:back:app",
            "copy \(registry.host)/app:1 oci-archive:app.tar:1", "unpack \(registry.host)/app:1 tree",
        ] {
            let outcome = try work.shell("/usr/bin/time -f '%M' \"$VARVE\" \(words) -q").succeed()
            let peak = Int(outcome.errors.trimmed) ?? .max
            #expect(peak < 64 << 10, "\(words): \(peak) KiB, \(outcome.errors)")
        }
        try work.varve("check", "oci:back").succeed()
    }
}
