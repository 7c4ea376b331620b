import SystemPackage
import Testing

@testable import Linux

struct ContainerSignsTests {
    @Test(
        "what a runtime leaves is a sign",
        arguments: [
            (["/.dockerenv"], [:], "", "/.dockerenv"),
            (["/run/.containerenv"], ["container": "podman"], "", "/run/.containerenv"),
            ([], ["container": "docker"], "0::/", "the variable container"),
            ([], ["KUBERNETES_SERVICE_HOST": "10.0.0.1"], "", "the variable KUBERNETES_SERVICE_HOST"),
            ([], [:], "4:memory:/docker/0123\n", "the control group docker"),
            ([], [:], "0::/kubepods.slice/kubepods-pod1.slice\n", "the control group kubepods"),
        ] as [([FilePath], [String: String], String, String)])
    func sign(files: [FilePath], variables: [String: String], groups: String, sign: String) {
        let found = ContainerSigns(files: files, variables: variables, controlGroups: Array(groups.utf8))
        #expect(found.first == sign)
    }

    @Test(
        "what a machine has, too, is none",
        arguments: [
            ([:], ""), ([:], "0::/\n"), ([:], "0::/init.scope\n"),
            (["container": ""], "9:name=systemd:/\n0::/\n"),
            (["CONTAINER": "docker", "KUBERNETES_SERVICE_HOST": ""], "1:cpu:/user.slice\n"),
        ] as [([String: String], String)])
    func nothing(variables: [String: String], groups: String) {
        #expect(
            ContainerSigns(files: [], variables: variables, controlGroups: Array(groups.utf8)).first == nil)
    }

    @Test func `mount points are bytes, and the root is none of them`() throws {
        let text = """
            22 27 0:21 / /proc rw,relatime - proc proc rw
            27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
            44 27 254:0 /a /with\\040space\\134x\\011 rw,relatime shared:1 - ext4 /dev/vda rw
            broken
            45 27 254:0 /b /\\377x rw - ext4 /dev/vda rw
            """
        let points = MountPoints.read(Array(text.utf8) + [10])
        #expect(points == [Array("/proc".utf8), Array("/with space\\x\t".utf8), [47, 0xFF, 120]])
        #expect(try MountPoints.current().contains(Array("/proc".utf8)))
    }
}
