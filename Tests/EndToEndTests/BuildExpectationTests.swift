import OCI
import TestSupport
import Testing

/// What buildah of Debian 12 does not know, or does otherwise than BuildKit, against trees written down here.
struct BuildExpectationTests {
    @Test func `here-documents become files`() throws {
        let work = try BuildWorkplace()
        let image = try work.built(
            """
            FROM base
            ARG NAME=world
            COPY <<EOF /etc/greeting
            hello $NAME
            EOF
            COPY <<'EOF' /etc/quoted
            hello $NAME
            EOF
            COPY --chmod=0755 --chown=7:8 <<-one <<two /scripts/
            \t\tindented
            one
            second
            two
            ADD <<three /opt
            third
            three
            """)
        #expect(image.text("etc/greeting") == "hello world\n")
        #expect(image.text("etc/quoted") == "hello $NAME\n")
        #expect(image.text("scripts/one") == "indented\n")
        #expect(image.text("scripts/two") == "second\n")
        #expect(image.text("opt/three") == "third\n")
        #expect(image.entries["etc/greeting"]?.hasPrefix("0 644 0:0 12 ") == true)
        #expect(image.entries["scripts/two"]?.hasPrefix("0 755 7:8 7 ") == true)
    }

    @Test func `variables choose bases, contexts and stages`() throws {
        let work = try BuildWorkplace()
        try work.prepare("echo a > a")
        let image = try work.built(
            """
            ARG NAME=none
            FROM ${NAME} AS one
            COPY a /one
            FROM one
            COPY --from=one /one /two
            """, "--build-arg", "NAME=base")
        #expect(image.text("two") == "a\n")
    }

    @Test func `an escaped wildcard is a name`() throws {
        let work = try BuildWorkplace(withBase: false)
        try work.prepare("echo a > '[x]'; echo b > 'a[0].txt'; echo c > a0.txt")
        let image = try work.built("FROM scratch\nCOPY [[]x] /one\nCOPY a[[]0].txt /two")
        #expect(image.text("one") == "a\n")
        #expect(image.text("two") == "b\n")
    }

    @Test func `--link, --parents and --exclude`() throws {
        let work = try BuildWorkplace()
        try work.prepare(
            "mkdir -p a/b/c d; for f in a/1.txt a/2.md a/b/3.txt a/b/c/4.txt d/5.txt; do echo $f > $f; done")
        let image = try work.built(
            """
            FROM base
            COPY --link a/1.txt /bin/one
            COPY --parents a/**/*.txt d/./5.txt /parents/
            COPY --exclude=*.md --exclude=b a /excluded/
            """)
        #expect(
            image.layers.dropFirst().map { $0.filter { !$0.hasSuffix("/") } } == [
                ["bin/one"],
                ["parents/5.txt", "parents/a/1.txt", "parents/a/b/3.txt", "parents/a/b/c/4.txt"],
                ["excluded/1.txt"],
            ])
    }

    @Test func `a linked layer knows nothing of the base but its users`() throws {
        let work = try BuildWorkplace()
        try work.prepare("echo a > a")
        let image = try work.built("FROM base\nCOPY --link --chown=app:staff a /bin/a")
        #expect(image.entries["bin/a"]?.hasPrefix("0 644 1000:50 2 ") == true)
        #expect(image.layers.last == ["bin/", "bin/a"])
    }

    @Test func `a plain COPY follows the base's links, and no layer names more than it must`() throws {
        let work = try BuildWorkplace()
        try work.prepare("echo a > a")
        let image = try work.built(
            "FROM base\nCOPY a /bin/a\nCOPY a /var/run/new/a\nWORKDIR /lib/deep\nWORKDIR /lib/new")
        #expect(
            Array(image.layers.dropFirst()) == [
                ["usr/", "usr/bin/", "usr/bin/a"], ["run/", "run/new/", "run/new/a"],
                ["usr/", "usr/lib/", "usr/lib/new/"],
            ])
        #expect(image.entries["bin"] == "2 777 0:0 usr/bin")
        #expect(image["WorkingDir"] == "/lib/new")
    }

    @Test func `PATH and the working directory of an empty image`() throws {
        let image = try BuildWorkplace(withBase: false).built("FROM scratch\nENV A=b")
        #expect(image["Env"] == ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "A=b"])
        #expect(image["WorkingDir"] == "/")
    }

    @Test func `triggers run in the next build`() throws {
        let work = try BuildWorkplace()
        try work.prepare("echo a > a; printf 'FROM later\\nENV C=$B\\n' > next")
        try work.built("FROM base\nONBUILD COPY a /triggered\nONBUILD ENV B=b")
        let flags = ["--build-context", "later=oci:out:new", "-f", "next"]
        try work.build(flags).succeed()
        let image = try FlatImage("out", "new", in: work)
        #expect(image.text("triggered") == "a\n")
        #expect(image["Env"]?.array?.last == "C=b")
        #expect(image["OnBuild"] == nil)
    }

    @Test func `a wildcard that matches nothing is told, and copies nothing`() throws {
        let work = try BuildWorkplace()
        try work.prepare("echo a > a")
        try work.write("FROM base\nCOPY nosuch* a /x/")
        let outcome = try work.varve(
            "build", "context", "-o", "oci:out:new", "--no-provenance", "--build-context",
            "base=oci:bases:base"
        ).succeed()
        #expect(outcome.errors.contains("nosuch*"))
        #expect(try FlatImage("out", "new", in: work).layers.last == ["x/", "x/a"])
    }
}
