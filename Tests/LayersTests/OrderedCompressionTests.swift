import Compression
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Layers

private struct Refusal: Error, Equatable { let stage: String }

/// Pieces of different lengths, so that they are done out of their order.
private func piece(_ number: Int) -> Piece {
    Piece([UInt8](repeating: UInt8(truncatingIfNeeded: number), count: number * 7919 % 30_000), entries: 1)
}

@Suite(.timeLimit(.minutes(30)))
struct OrderedCompressionTests {
    private func packed(_ count: Int, _ method: CompressionMethod, jobs: Int) throws -> (
        pieces: [[UInt8]], blob: [UInt8], hash: [UInt8]
    ) {
        var pieces: [[UInt8]] = []
        var blob: [UInt8] = []
        let result = try OrderedCompression(method: method, jobs: jobs).run { push in
            for number in 0..<count where !push(piece(number)) { return false }
            return true
        } consume: { piece, output in
            pieces.append(piece.input)
            blob += output
        }
        #expect(result.product)
        return (pieces, blob, result.hash)
    }

    @Test(arguments: 1...8, [.none, .gzip(.level(1)), .zstd(1)] as [CompressionMethod])
    func `pieces come out in their order, whatever the number of threads`(
        jobs: Int, method: CompressionMethod
    ) throws {
        let one = try packed(60, method, jobs: 1)
        let many = try packed(60, method, jobs: jobs)
        #expect(many.pieces == (0..<60).map { piece($0).input })
        #expect(many.blob == one.blob)
        #expect(many.hash == one.hash)
    }

    @Test(arguments: [.none, .gzip(.level(2)), .zstd(3)] as [CompressionMethod])
    func `a stream without pieces has the hash of nothing`(method: CompressionMethod) throws {
        let empty = try packed(0, method, jobs: 2)
        #expect(empty.blob.isEmpty)
        #expect(empty.hash.prefix(4) == [0xE3, 0xB0, 0xC4, 0x42])
    }

    @Test(arguments: [1, 2, 8], [0, 1, 5, 40])
    func `an error of the producer stops everything and is thrown`(jobs: Int, count: Int) {
        #expect(throws: Refusal(stage: "produce")) {
            try OrderedCompression(method: .gzip(.level(1)), jobs: jobs).run { push in
                for number in 0..<count { _ = push(piece(number)) }
                throw Refusal(stage: "produce")
            } consume: { _, _ in
            }
        }
    }

    @Test(arguments: [1, 2, 8], [1, 2, 30])
    func `an error of the consumer stops the producer and is thrown`(jobs: Int, after count: Int) {
        var consumed = 0
        let pushed = Monitor(0)
        #expect(throws: Refusal(stage: "consume")) {
            try OrderedCompression(method: .gzip(.level(1)), jobs: jobs).run { push in
                while push(piece(1)) { pushed.update { $0 += 1 } }
            } consume: { _, _ in
                consumed += 1
                if consumed == count { throw Refusal(stage: "consume") }
            }
        }
        #expect(consumed == count)
        // What waited in the queue, one in hand, and no more.
        #expect(pushed.update { $0 } <= count + 2 * jobs + 2)
    }

    @Test(arguments: [1, 4])
    func `of two errors the consumer's is the cause`(jobs: Int) {
        #expect(throws: Refusal(stage: "consume")) {
            try OrderedCompression(method: .none, jobs: jobs).run { push in
                while push(piece(1)) {}
                throw Refusal(stage: "produce")
            } consume: { _, _ in
                throw Refusal(stage: "consume")
            }
        }
    }

    @Test(arguments: [1, 2, 8], [0, 1, 100])
    func `a compressor that cannot be made stops everything and is the error`(jobs: Int, count: Int) {
        let error = #expect(throws: CompressionError.self) {
            try OrderedCompression(method: .gzip(.level(99)), jobs: jobs).run { push in
                for number in 0..<count where !push(piece(number)) { return }
            } consume: { _, _ in
            }
        }
        #expect(error?.reason == "no level 99; it has 1 to 12")
    }

    @Test(arguments: [1, 2, 4])
    func `no more pieces wait than the bound allows`(jobs: Int) throws {
        let waiting = Monitor((now: 0, most: 0))
        _ = try OrderedCompression(method: .none, jobs: jobs).run { push in
            for number in 0..<100 {
                waiting.update {
                    $0.now += 1
                    $0.most = max($0.most, $0.now)
                }
                _ = push(piece(number))
            }
        } consume: { _, _ in
            waiting.update { $0.now -= 1 }
        }
        // 2 × jobs in the queue, one with the consumer, one with the producer.
        #expect(waiting.update { $0.most } <= 2 * jobs + 2)
    }

    @Test func `every thread has ended at the end`() async {
        await #expect(processExitsWith: .success) {
            func threads() throws -> Int { try Directory.open("/proc/self/task").names().count }
            let before = try threads()
            for turn in 0..<20 {
                _ = try? OrderedCompression(method: .gzip(.level(1)), jobs: 4).run { push in
                    for number in 0..<20 where !push(piece(number)) { return }
                    if turn % 3 == 0 { throw Refusal(stage: "produce") }
                } consume: { _, _ in
                    if turn % 3 == 1 { throw Refusal(stage: "consume") }
                }
            }
            // A joined thread leaves the list a moment later.
            var left = try threads()
            for _ in 0..<100 where left > before {
                Machine.sleep(milliseconds: 10)
                left = try threads()
            }
            precondition(left <= before, "\(left) threads, \(before) before")
        }
    }

    @Test func `without threads the error says so`() async throws {
        try Requirement.unsanitizedMemory()
        await #expect(processExitsWith: .success) {
            var little = rlimit(rlim_cur: 1 << 20, rlim_max: 1 << 20)
            setrlimit(__rlimit_resource_t(9), &little)
            do {
                _ = try OrderedCompression(method: .gzip(.level(1)), jobs: 2).run { _ in
                } consume: { _, _ in
                }
                preconditionFailure("ran without threads")
            } catch {
                precondition(error is ThreadError)
            }
        }
    }
}
