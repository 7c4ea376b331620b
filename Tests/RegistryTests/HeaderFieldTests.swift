import OCI
import Registry
import Testing

struct HeaderFieldTests {
    @Test(
        "Retry-After is a number of seconds or a date",
        arguments: [
            ("0", Int64(0)), ("120", 120), (" 5 ", 5), ("99999999999999999999999", .max),
            ("Sun, 06 Nov 1994 08:49:47 GMT", 10), ("Sunday, 06-Nov-94 08:49:47 GMT", 10),
            ("Sun Nov  6 08:49:47 1994", 10), ("Sun, 06 Nov 1994 08:49:36 GMT", 0),
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("-1", nil), ("1.5", nil), ("", nil), ("soon", nil), ("Sun, 32 Nov 1994 08:49:37 GMT", nil),
            ("Sun, 06 Nov 1994 25:49:37 GMT", nil), ("Sun, 06 Foo 1994 08:49:37 GMT", nil),
            ("Sun, 06 Nov 1994 08:49:37 CET", nil), ("Sun, 06 Nov 99999 08:49:37 GMT", nil), ("+5", nil),
            ("٣", nil),
        ])
    func retryAfter(field: String, seconds: Int64?) throws {
        let now = try Timestamp(parsing: "1994-11-06T08:49:37Z")
        #expect(RetryAfter.seconds(field, now: now) == seconds)
    }

    @Test(
        "the range of an upload is a number of bytes",
        arguments: [
            ("0-123", Int64(124)), ("bytes=0-123", 124), ("bytes 0-123", 124), (" 0-1 ", 2), ("0-0", 0),
            ("0--1", 0), ("1-2", nil), ("0-", nil), ("", nil), ("0-9223372036854775807", nil),
            ("0-9223372036854775806", .max), ("0-1-2", nil), ("0-x", nil), ("0-99999999999999999999", nil),
        ])
    func uploaded(field: String, bytes: Int64?) { #expect(ByteRange.uploaded(field) == bytes) }

    @Test(
        "a content range has a first and a last byte, and perhaps a size",
        arguments: [
            ("bytes 0-99/200", "0 99 200"), ("bytes 100-199/200", "100 199 200"), ("Bytes 5-5/*", "5 5 nil"),
            ("bytes 0-200/200", "none"), ("bytes 9-8/20", "none"), ("bytes */200", "none"),
            ("0-9/10", "none"),
            ("bytes 0-9", "none"), ("bytes 0-9/", "none"), ("bytes -9/10", "none"), ("", "none"),
        ])
    func content(field: String, expected: String) {
        let range = ByteRange.content(field)
        let text = range.map { "\($0.first) \($0.last) \($0.size.map(String.init) ?? "nil")" }
        #expect(text ?? "none" == expected)
    }

    @Test(
        "the link to the next page is found",
        arguments: [
            (["</v2/a/tags/list?n=1&last=b>; rel=\"next\""], "/v2/a/tags/list?n=1&last=b"),
            (["<https://h/x,y>; rel=next"], "https://h/x,y"),
            (["<a>; rel=prev, <b>; title=\"x, y; z\"; rel=\"last next\""], "b"),
            (["<a>; rel=\"prev\"", "<b>; REL=NEXT"], "b"), (["<a>; title=\"rel=next\""], nil),
            (["<>; rel=next"], nil),
            (["<a; rel=next"], nil), (["a; rel=next"], nil), ([], nil), (["<a>"], nil),
            (["<a>; rel=nextpage"], nil),
            (["<" + String(repeating: "x", count: 20_000) + ">; rel=next"], nil),
            (["<a>; rel=next; rel=prev"], "a"), (["<a>;rel=prev;rel=next"], nil),
        ])
    func link(fields: [String], target: String?) { #expect(LinkField.next(fields) == target) }
}

struct BackoffTests {
    @Test(
        "waits double up to a bound, less a random part of one half",
        arguments: [
            (1, 0.0, 1000), (1, 0.999_999, 501), (2, 0.0, 2000), (3, 0.5, 3000), (4, 0.0, 8000),
            (9, 0.0, 30_000),
            (40, 0.0, 30_000), (1, 7.0, 500), (1, -1.0, 1000),
        ])
    func doubles(failures: Int, random: Double, milliseconds: Int) {
        #expect(Backoff(tries: 100).wait(afterFailures: failures, random: random) == milliseconds)
    }

    @Test func `after the last try there is nothing to wait for`() {
        #expect(Backoff(tries: 3).wait(afterFailures: 2, random: 0) != nil)
        #expect(Backoff(tries: 3).wait(afterFailures: 3, random: 0) == nil)
        #expect(Backoff(tries: 0).wait(afterFailures: 1, random: 0) == nil)
    }

    @Test(
        "a server is waited for as long as it asks, but no longer than is bearable",
        arguments: [(Int64(0), Int?(1000)), (5, 5000), (30, 30_000), (31, nil), (3600, nil), (.max, nil)])
    func asked(seconds: Int64, milliseconds: Int?) {
        #expect(Backoff().wait(afterFailures: 1, asked: seconds, random: 0) == milliseconds)
    }
}
