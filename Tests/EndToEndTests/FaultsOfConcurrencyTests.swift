import Linux
import SystemPackage
import TestSupport
import Testing

/// Several programs at one layout: row J of the table of faults.
struct FaultsOfConcurrencyTests {
    private static let rounds = Requirement.isLongRun ? 20 : 2

    private func shell(_ work: Workplace, _ script: String) throws -> Command.Outcome {
        try Command(
            shell: "pack() { \"$VARVE\" pack \"$@\" -q --jobs 1 --no-provenance >/dev/null; }\n\(script)"
        )
        .with("VARVE", Command.varvePath.string).at(work.scratch.path).run()
    }

    @Test("J1: eight packs of eight names at once keep eight", arguments: 1...rounds)
    func manyNames(round: Int) throws {
        let work = try Workplace()
        let outcome = try shell(
            work,
            """
            for n in 1 2 3 4 5 6 7 8; do mkdir t$n; echo $n >t$n/f; pack t$n -o oci:work/all:n$n & done
            for job in $(jobs -p); do wait $job || exit 1; done
            for n in 1 2 3 4 5 6 7 8; do "$VARVE" inspect oci:work/all:n$n >/dev/null || exit 2; done
            """)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let names = try text(of: work.scratch["work/all/index.json"]).split(separator: "ref.name\":\"")
        #expect(names.count == 9)
    }

    @Test func `J2, J10: packs of one tree and one name at once leave one good image`() throws {
        let work = try Workplace()
        let outcome = try shell(
            work,
            """
            for n in 1 2 3 4 5 6; do pack tree -o oci:work/layout:same & done
            for job in $(jobs -p); do wait $job || exit 1; done
            skopeo inspect oci:work/layout:same >/dev/null && grep -o ref.name work/layout/index.json | wc -l
            """)
        #expect(outcome.text == "2\n", "\(outcome.errors)")
        #expect(try !work.snapshot().contains { $0.contains("/.tmp-") })
    }

    @Test func `J3: a reader never meets a broken image`() throws {
        let work = try Workplace()
        let outcome = try shell(
            work,
            """
            (for n in $(seq 12); do echo $n >tree/etc/motd; pack tree -o oci:work/layout:new || exit 9; done) & writer=$!
            while kill -0 $writer 2>/dev/null; do "$VARVE" inspect oci:work/layout:old >/dev/null || exit 1; done
            wait $writer
            """)
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    @Test func `J6: the lock of a killed program is free`() throws {
        let work = try Workplace()
        let outcome = try shell(
            work,
            """
            flock work/layout/.lock -c 'sleep 60 & wait' & holder=$!
            sleep 0.3; pack tree -o oci:work/layout:new & writer=$!
            sleep 1; kill -0 $writer || exit 2
            for child in $(pgrep -P $(pgrep -P $holder)) $(pgrep -P $holder) $holder; do kill -9 $child; done
            wait $writer
            """)
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    @Test func `J6: who waits for the lock can be interrupted, and leaves nothing`() throws {
        let work = try Workplace()
        let before = try work.snapshot()
        let outcome = try shell(
            work,
            """
            exec 3>>work/layout/.lock; flock 3
            "$VARVE" pack tree -o oci:work/layout:new -q --no-provenance 3>&- & writer=$!
            sleep 1; kill -TERM $writer; wait $writer
            """)
        #expect(outcome.status == 143)
        #expect(outcome.errors == "varve: interrupted by Terminated\n")
        #expect(try work.snapshot() == before)
    }

    @Test(
        "J1: of two packs that begin a layout at once, one fails and the other succeeds",
        arguments: 1...rounds)
    func failingNeighbour(round: Int) throws {
        let work = try Workplace()
        let outcome = try shell(
            work,
            """
            mkdir bad good; touch bad/.wh.x good/f
            for n in $(seq 8); do
                pack bad -o oci:work/new/deep/l$n:t 2>/dev/null & a=$!
                pack bad -o oci:work/new/deep/l$n:t 2>/dev/null & b=$!
                pack good -o oci:work/new/deep/l$n:t || exit 1
                wait $a && exit 2; wait $b && exit 3
                "$VARVE" inspect oci:work/new/deep/l$n:t >/dev/null || exit 4
                rm -rf work/new
            done
            """)
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    @Test func `A killed writer's blob is swept, a living one's is not`() throws {
        let work = try Workplace()
        let outcome = try shell(
            work,
            """
            blobs=work/layout/blobs/sha256
            touch $blobs/.tmp-dead work/layout/.tmp-dead; exec 3>$blobs/.tmp-alive; flock 3
            pack tree -o oci:work/layout:new 3>&- || exit 1
            (cd work/layout; find . -name '.tmp-*')
            """)
        #expect(outcome.text == "./blobs/sha256/.tmp-alive\n", "\(outcome.errors)")
    }
}
