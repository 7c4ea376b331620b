import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

/// `varve doctor`: on this machine, and in containers as Docker makes them.
@Suite(.timeLimit(.minutes(10)))
struct DoctorTests {
    /// What it says of each isolation: `works`, else the reason and the advice.
    private func rows(_ outcome: Command.Outcome) throws -> (
        status: Int32, rows: [String: String], json: JSONValue
    ) {
        #expect(outcome.errors == "")
        let json = try JSONValue(parsing: outcome.output)
        var rows: [String: String] = [:]
        for row in json["isolations"]?.array ?? [] {
            let text = row["reason"]?.string.map { "\($0); \(row["advice"]?.string ?? "none")" }
            rows[row["name"]?.string ?? ""] = text ?? "works"
        }
        return (outcome.status, rows, json)
    }

    @Test func `the table says what works here`() throws {
        let outcome = try Command.varve("doctor").run()
        let json = try rows(Command.varve("doctor", "--json").run()).json
        let isolation = try #require(json["isolation"]?.string)
        if isolation == "none" {
            #expect(outcome.status == 1 && outcome.text.hasPrefix("RUN             does not work here\n"))
        } else {
            #expect(outcome.status == 0)
            #expect(outcome.text.hasPrefix("RUN             works, isolated by \(isolation)\n"))
            #expect(outcome.text.contains("\n  \(isolation.padding(14))works\n"))
        }
        #expect(outcome.text.contains("\nkernel          \(Machine.kernel), \(Machine.hardware)\n"))
        #expect(outcome.errors == "")
    }

    @Test func `a plain user without subordinate ids is told what gives some`() throws {
        guard Machine.user.id != 0 || IdentityMap.widest().shortage == nil else { return }
        let outcome = try Command.varve("doctor", "--json").at("/").asPlainUser().run()
        let json = try JSONValue(parsing: outcome.output)
        guard json["mounts"]?["works"]?.bool == true else { try Test.cancel("no user namespaces here") }
        #expect(json["identities"]?["count"]?.int64 == 1)
        let advice = try #require(json["identities"]?["advice"]?.string)
        #expect(
            advice.hasPrefix("the line 65534:100000:65536 in /etc/subuid and /etc/subgid, and the programs"))
    }

    @Test func `Docker's default leaves a chroot, and says what gives more`() throws {
        let (status, rows, json) = try rows(Container().run("/varve", "doctor", "--json"))
        #expect(status == 0)
        #expect(json["isolation"]?.string == "chroot")
        #expect(rows["chroot"] == "works")
        for name in ["namespaces", "outer-proc"] {
            let text = try #require(rows[name])
            #expect(text.hasPrefix("cannot make namespaces: Operation not permitted; a seccomp profile"))
            #expect(text.contains("seccomp=unconfined") && text.contains("seccompProfile: Unconfined"))
        }
        #expect(json["seccomp"]?.bool == true && json["mounts"]?["works"]?.bool == false)
        #expect(json["capabilities"]?.array?.count == 14)
        #expect(json["overlayfs"]?["reason"]?.string == "nothing can be mounted")
    }

    @Test func `whether the own root would do is said, and nobody takes it by himself`() throws {
        var container = try Container()
        let unknown = try rows(container.run("/varve", "doctor", "--json")).json
        #expect(unknown["inplace"]?["reason"]?.string?.contains("--force") == true)
        container.environment = ["container=oci"]
        container.capabilities.removeAll { $0 == "SYS_CHROOT" }
        let (status, rows, json) = try rows(container.run("/varve", "doctor", "--json"))
        #expect(status == 1 && json["isolation"]?.string == "none" && rows["inplace"] == nil)
        #expect(json["inplace"]?["works"]?.bool == true)
        let table = try container.run("/varve", "doctor").text
        #expect(
            table.contains(
                "\n  inplace       would work; --isolation inplace takes it, executor if nothing "),
            "\(table)")
    }

    @Test func `without a filter, but with parts of /proc hidden, processes are shared`() throws {
        var container = try Container()
        container.isFiltered = false
        let (status, rows, json) = try rows(container.run("/varve", "doctor", "--json"))
        #expect(status == 0 && json["isolation"]?.string == "outer-proc")
        let text = try #require(rows["namespaces"])
        #expect(text.hasPrefix("cannot mount /proc: Operation not permitted; an unmasked /proc"))
        #expect(rows["outer-proc"] == "works" && rows["chroot"] == "works")
        #expect(json["mounts"]?["works"]?.bool == true)
    }

    @Test(arguments: [true, false])
    func `without a filter and with all of /proc, everything works`(isAdministrator: Bool) throws {
        var container = try Container()
        (container.isFiltered, container.isMasked) = (false, false)
        if isAdministrator { container.capabilities += ["SYS_ADMIN"] }
        let (status, rows, _) = try rows(container.run("/varve", "doctor", "--json"))
        #expect(status == 0)
        #expect(rows["namespaces"] == "works" && rows["outer-proc"] == "works")
    }

    @Test func `a plain user in Docker's default can run nothing, and the exit code says so`() throws {
        var container = try Container()
        container.user = 1000
        let (status, rows, json) = try rows(container.run("/varve", "doctor", "--json"))
        #expect(status == 1 && json["works"]?.bool == false)
        #expect(rows.count == 3 && !rows.values.contains("works"))
        #expect(rows["chroot"]?.contains("runAsUser: 0") == true)
        let outcome = try container.run("/varve", "doctor")
        #expect(outcome.status == 1 && outcome.text.hasPrefix("RUN             does not work here\n"))
        #expect(outcome.errors == "")
    }
}

extension String {
    fileprivate func padding(_ width: Int) -> String { self + String(repeating: " ", count: width - count) }
}
