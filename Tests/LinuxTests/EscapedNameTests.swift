import Linux
import SystemPackage
import Testing

struct EscapedNameTests {
    @Test(arguments: [
        ("plain-name_1.txt", "plain-name_1.txt"),
        ("a b", "a b"),
        ("naïve 文 🐙", "naïve 文 🐙"),
        ("line\nline", "line\\nline"),
        ("tab\there", "tab\\there"),
        ("back\rover", "back\\rover"),
        ("\u{1B}[31mred", "\\x1b[31mred"),
        ("bell\u{07}", "bell\\x07"),
        ("delete\u{7F}", "delete\\x7f"),
        ("back\\slash", "back\\\\slash"),
        ("\\x41", "\\\\x41"),
        ("C1 \u{9B}31m", "C1 \\xc2\\x9b31m"),
        ("next line \u{85}", "next line \\xc2\\x85"),
        ("exe\u{202E}txt.", "exe\\xe2\\x80\\xaetxt."),
        ("isolate \u{2066}", "isolate \\xe2\\x81\\xa6"),
        ("zero width \u{200B}", "zero width \\xe2\\x80\\x8b"),
        ("line separator \u{2028}", "line separator \\xe2\\x80\\xa8"),
        ("tag \u{E0041}", "tag \\xf3\\xa0\\x81\\x81"),
        ("", ""),
    ])
    func `a terminal shows a name and does nothing else`(name: String, shown: String) {
        #expect(escaped(name.utf8) == shown)
    }

    @Test(
        arguments: [
            ([0x66, 0xE9, 0x2E, 0x74], "f\\xe9.t"),
            ([0xFF], "\\xff"),
            ([0x61, 0xC0, 0x80], "a\\xc0\\x80"),
            ([0xED, 0xA0, 0x80], "\\xed\\xa0\\x80"),
            ([0xF0, 0x9F, 0x90], "\\xf0\\x9f\\x90"),
            ([0xC3, 0xA9, 0xFF], "\\xc3\\xa9\\xff"),
            ([0x5C, 0xFF], "\\x5c\\xff"),
            ([0x0A, 0xFF, 0x20], "\\x0a\\xff "),
            ([0xEF, 0xBF, 0xBD], "\\xef\\xbf\\xbd"),
        ] as [([UInt8], String)])
    func `a name that is no UTF-8 is spelled out byte by byte`(name: [UInt8], shown: String) {
        #expect(escaped(name) == shown)
    }

    @Test func `two different names never look the same`() {
        var seen: [String: [UInt8]] = [:]
        let bytes: [UInt8] = [0x0A, 0x5C, 0x6E, 0x78, 0x66, 0xC3, 0xA9, 0xFF]
        for first in bytes {
            for second in bytes {
                for third in bytes {
                    let name = [first, second, third]
                    #expect(seen.updateValue(name, forKey: escaped(name)) == nil)
                }
            }
        }
    }

    @Test(
        arguments: [
            Array("etc/passwd".utf8), Array("/etc".utf8), [0xFF, 0xFE], Array("a\nb".utf8), [0x2F],
            Array("caf\u{65}\u{301}".utf8), Array("caf\u{E9}".utf8), Array(repeating: 0x78, count: 10_000),
            [],
        ] as [[UInt8]])
    func `a path gives back the bytes it was made of`(bytes: [UInt8]) {
        #expect(FilePath(bytes: bytes).bytes == bytes)
    }

    @Test func `a path ends at the first NUL, as the kernel reads it`() {
        #expect(FilePath(bytes: [0x61, 0x00, 0x62]).bytes == [0x61])
    }

    @Test func `two names that only look equal are two paths`() {
        #expect(FilePath(bytes: Array("\u{E9}".utf8)) != FilePath(bytes: Array("e\u{301}".utf8)))
    }
}
