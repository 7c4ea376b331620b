import Glibc
import SystemPackage
import Testing

@testable import Linux

struct ProcessLimitTests {
    @Test func `a group that a killed process left is removed by the next one, and no other`() throws {
        guard let own = ProcessLimit(10) else { try Test.cancel("no control group can be made here") }
        let prefix = Array("varve-\(getpid())-".utf8)
        func names(_ home: FilePath) -> [FileName] {
            ((try? Directory.open(home).names()) ?? []).filter { $0.bytes.starts(with: prefix) }
        }
        let home = try #require(ControlGroup.homes(of: "pids").first { !names($0).isEmpty })
        let before = names(home)
        let left = home.appending("varve-1-left-\(UInt64.random(in: .min ... .max))")
        try #require(left.withPlatformString { mkdir($0, 0o755) } == 0)
        defer { _ = left.withPlatformString { rmdir($0) } }
        let other = try #require(ProcessLimit(10))
        #expect(!Machine.exists(left))
        #expect(names(home).count { before.contains($0) } >= 1)
        extendLifetime(own)
        extendLifetime(other)
    }

    @Test func `of many that are made at once each has its group`() throws {
        guard ProcessLimit(10) != nil else { try Test.cancel("no control group can be made here") }
        let workers = (0..<4).map { _ in
            Worker {
                (0..<100).count { _ in
                    let limit = ProcessLimit(10)
                    defer { extendLifetime(limit) }
                    return limit.map { Machine.exists($0.group) } ?? false
                }
            }
        }
        for worker in workers { #expect(try worker.join() == 100) }
    }
}
