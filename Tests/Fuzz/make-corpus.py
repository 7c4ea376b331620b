#!/usr/bin/env python3
"""Writes the inputs that fuzzing starts from: small, and each for a path of its own.

The corpus is committed. Run this where it shall change: Tests/Fuzz/make-corpus.py
"""

import base64
import bz2
import gzip
import hashlib
import io
import json
import lzma
import pathlib
import struct
import tarfile
import zlib

ROOT = pathlib.Path(__file__).parent / "Corpus"
OCI = "application/vnd.oci.image."
DIGEST = "sha256:" + "0123456789abcdef" * 4


def write(target, **files):
    folder = ROOT / target
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


def text(value, **options):
    return json.dumps(value, **options).encode()


def sha256(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


# Tars

def member(name, content=b"", **fields):
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in fields.items():
        setattr(info, key, value)
    return info, content


def tar(members, form=tarfile.PAX_FORMAT):
    stream = io.BytesIO()
    # One block of padding in place of twenty.
    with tarfile.TarFile(fileobj=stream, mode="w", format=form) as archive:
        archive.offset = 0
        for info, content in members:
            archive.addfile(info, io.BytesIO(content))
    content = stream.getvalue()
    return content.rstrip(b"\0") + bytes(-len(content.rstrip(b"\0")) % 512 + 1024)


TREE = [
    member("./", type=tarfile.DIRTYPE, mode=0o755),
    member("./a", b"content\n", mtime=1),
    member("./b", type=tarfile.LNKTYPE, linkname="./a"),
    member("./c", type=tarfile.SYMTYPE, linkname="../a"),
    member("./.wh.gone"),
]
DEVICES = [
    member("null", type=tarfile.CHRTYPE, devmajor=1, devminor=3),
    member("loop", type=tarfile.BLKTYPE, devmajor=7, devminor=0),
    member("fifo", type=tarfile.FIFOTYPE),
]
PAX = [
    member("n" * 150, b"x" * 600, mtime=1.5, uid=3_000_000),
    member("a", b"1", pax_headers={
        "SCHILY.xattr.user.note": "value", "LIBARCHIVE.xattr.user.other": "dmFsdWU", "comment": "none"}),
    member("\u00e9", type=tarfile.SYMTYPE, linkname="t" * 120),
]


def sparse():
    """A file of 1 MiB of which 512 bytes are stored, as GNU tar's format 1.0 has it."""
    body = b"1\n1048064\n512\n".ljust(512, b"\0") + b"d" * 512
    headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "holes",
               "GNU.sparse.realsize": "1048576"}
    return tar([member("GNUSparseFile.0/holes", body, pax_headers=headers)])


TARS = {
    "tree": tar(TREE), "devices": tar(DEVICES), "pax": tar(PAX), "sparse": sparse(),
    "ustar": tar(TREE, tarfile.USTAR_FORMAT), "gnu": tar(PAX[:1] + PAX[2:], tarfile.GNU_FORMAT),
    "empty": bytes(1024), "nothing": b"", "cut": tar(TREE)[:1100],
    "behind": tar(TREE[:2]) + b"more" + bytes(508),
}
write("Tar", **{name: b"\x3f" + content for name, content in TARS.items()})

LINKS = tar([
    member("c/d/f", b"1"), member("late", type=tarfile.LNKTYPE, linkname="x/g"), member("x/g", b"2", mode=0o4711),
    member("up", type=tarfile.SYMTYPE, linkname="../../../usr"), member("up/h", b"3"), member("up", b"4"),
    member("a", type=tarfile.DIRTYPE, mode=0o1777), member("a/i", b"5", uid=7), member("./", type=tarfile.DIRTYPE)])
write(
    "Archive", links=LINKS, gzip=gzip.compress(LINKS, mtime=0), bzip2=bz2.compress(LINKS), xz=lzma.compress(LINKS),
    behind=lzma.compress(LINKS) + b"more", text=gzip.compress(b"text", mtime=0), whiteout=TARS["tree"],
    **{name: TARS[name] for name in ("devices", "pax", "sparse", "gnu", "empty", "nothing", "cut")})

# Compressed streams

TEXT = b"The quick brown fox jumps over the lazy dog. " * 20


def member_of(content, level=6, flags=0, fields=b""):
    """A gzip member: header with optional fields, deflate, trailer; RFC 1952."""
    header = struct.pack("<HBBIBB", 0x8B1F, 8, flags, 0, 0, 3) + fields
    if flags & 2:
        header += struct.pack("<H", zlib.crc32(header) & 0xFFFF)
    deflate = zlib.compressobj(level, zlib.DEFLATED, -15)
    body = deflate.compress(content) + deflate.flush()
    return header + body + struct.pack("<II", zlib.crc32(content), len(content))


FIELDS = struct.pack("<H", 4) + b"AB\0\0" + b"name\0" + b"comment\0"
GZIPS = {
    "text": member_of(TEXT), "stored": member_of(TEXT, 0), "fixed": member_of(b"a"), "empty": member_of(b""),
    "zeros": member_of(bytes(100_000), 9), "fields": member_of(TEXT, 1, 0x1E, FIELDS),
    "two": member_of(TEXT[:99]) + member_of(TEXT), "cut": member_of(TEXT)[:-3],
    "checksum": member_of(TEXT)[:-8] + bytes(8), "behind": member_of(b"a") + b"more",
    "bytes": member_of(hashlib.sha512(b"1").digest() * 9 + bytes(range(256))),
    "many": member_of(b"a") * 20,
}
write("Gzip", **{name: b"\x1f" + content for name, content in GZIPS.items()})


def frame(blocks, size=None, window=0x00, checksum=None):
    """A zstd frame of raw and run-length blocks; RFC 8878, section 3.1.1."""
    descriptor = (0x80 if size is not None else 0) | (4 if checksum is not None else 0)
    content = struct.pack("<IBB", 0xFD2FB528, descriptor, window)
    if size is not None:
        content += struct.pack("<I", size)
    for number, (kind, length, body) in enumerate(blocks):
        header = (number == len(blocks) - 1) | kind << 1 | length << 3
        content += struct.pack("<I", header)[:3] + body
    return content + (checksum or b"")


def skippable(body):
    return struct.pack("<II", 0x184D2A50, len(body)) + body


# Literals stored, no sequences: the least that is a compressed block.
PLAIN = (2, 12, b"\x50literally!\0")
ZSTDS = {
    "raw": frame([(0, 5, b"hello")]), "run": frame([(1, 1024, b"a")]), "sized": frame([(0, 5, b"hello")], 5),
    "missized": frame([(0, 5, b"hello")], 6), "empty": frame([(0, 0, b"")]), "skippable": skippable(b"note"),
    "plain": frame([PLAIN]), "several": frame([(0, 5, b"hello")]) + skippable(b"") + frame([(1, 9, b"b")], 9),
    "blocks": frame([(0, 3, b"abc"), (1, 900, b"d"), PLAIN]), "window": frame([(0, 1, b"a")], window=0xF8),
    "checksum": frame([(0, 5, b"hello")], 5, checksum=bytes(4)), "cut": frame([(0, 5, b"hello")])[:-2],
    # What libzstd makes of TEXT at level 19: a Huffman tree and a match.
    "sequences": bytes.fromhex(
        "28b52ffd0468b50100d40254686520717569636b2062726f776e20666f78206a756"
        "d7073206f76657220746865206c617a7920646f672e200100a50a2b55065913fa85"),
}
write("Zstd", **{name: b"\x1f" + content for name, content in ZSTDS.items()})

# Layers: the form is the first byte modulo 3, the threads come from what is left.

LAYERS = {"tree.tar": b"\x00" + TARS["tree"], "pax.tar": b"\x03" + TARS["pax"]}
for name in ["tree", "devices", "sparse", "empty"]:
    LAYERS[f"{name}.tar.gz"] = b"\x04" + member_of(TARS[name])
LAYERS["members.tar.gz"] = b"\x07" + b"".join(
    member_of(TARS["pax"][start:start + 700]) for start in range(0, len(TARS["pax"]), 700))
# A header that stands where none begins, stored as it is.
LAYERS["false.tar.gz"] = b"\x04" + member_of(member_of(b"a" * 40, 0) * 3, 0) + member_of(bytes(1024))
LAYERS["zeros.tar.gz"] = b"\x01" + b"".join(member_of(bytes(66_000), 9) for _ in range(3))
LAYERS["run.tar.zst"] = b"\x05" + frame([(1, 1024, b"\0")], 1024) * 3
LAYERS["large.tar.zst"] = b"\x02" + frame([(1, 70_000, b"\0")], 70_000) * 3 + skippable(b"end")
LAYERS["raw.tar.zst"] = b"\x08" + frame([(0, len(TARS["ustar"]), TARS["ustar"])])
write("Layer", **LAYERS)

# Documents

PLATFORM = {"architecture": "arm64", "os": "linux", "variant": "v8"}
CONFIGURATION = {
    "created": "2026-01-31T12:00:00.5+02:00", "author": "somebody", **PLATFORM,
    "config": {"User": "1:2", "ExposedPorts": {"80/tcp": {}}, "Env": ["A=b"], "Entrypoint": ["/a"],
               "Cmd": ["b"], "Volumes": {"/v": {}}, "WorkingDir": "/", "Labels": {"a": "b"},
               "StopSignal": "SIGTERM"},
    "rootfs": {"type": "layers", "diff_ids": [DIGEST]},
    "history": [{"created": "0001-01-01T00:00:00Z", "created_by": "x", "comment": "y", "empty_layer": True}],
}


def descriptor(media_type, content, **more):
    return {"mediaType": OCI + media_type, "digest": sha256(content), "size": len(content), **more}


LAYER = TARS["ustar"]
CONFIG = text({**CONFIGURATION, "rootfs": {"type": "layers", "diff_ids": [sha256(LAYER)]}})
MANIFEST = text({
    "schemaVersion": 2, "mediaType": OCI + "manifest.v1+json", "config": descriptor("config.v1+json", CONFIG),
    "layers": [descriptor("layer.v1.tar", LAYER, annotations={"a": "b"})], "annotations": {"c": "d"}})
NAMES = {"org.opencontainers.image.ref.name": "one", "io.containerd.image.name": "docker.io/library/a:one"}
NESTED = text({"schemaVersion": 2, "manifests": [
    descriptor("manifest.v1+json", MANIFEST, platform=PLATFORM),
    descriptor("manifest.v1+json", MANIFEST, platform={"architecture": "amd64", "os": "linux"})]})
INDEX = text({
    "schemaVersion": 2, "mediaType": OCI + "index.v1+json",
    "manifests": [descriptor("manifest.v1+json", MANIFEST, annotations=NAMES),
                  descriptor("index.v1+json", NESTED)]})
SUBJECT = text({
    "schemaVersion": 2, "config": descriptor("config.v1+json", CONFIG, data="e30=", urls=["https://a/"]),
    "layers": [], "artifactType": "a/b", "subject": descriptor("manifest.v1+json", MANIFEST)})
write("Documents", configuration=text(CONFIGURATION), least=text(
    {"architecture": "", "os": "", "rootfs": {"type": "layers", "diff_ids": []}}),
    manifest=MANIFEST, subject=SUBJECT, index=INDEX, nested=NESTED, null=text(
        {"schemaVersion": 2, "manifests": None, "annotations": None, "artifactType": ""}))

write(
    "JSON", values=text([None, True, False, 0, -1.5e-7, "", [], {}]), object=text({"a": {"b": [1]}}, indent=2),
    escapes=r'"\"\\\/\b\f\n\r\t\u0000\u00e9\ud83d\ude00\u2028"', plain='"\u00e9\U0001F600e\u0301"',
    keys='{"\u00e9":1,"e\u0301":2}', twice='{"a":1,"a":2}', deep="[" * 64 + "]" * 64, half=r'"\ud83d"',
    many=text({str(number): number for number in range(20)}), number="-0.0E+10", space=" \t\r\n[ 1 , 2 ] ",
    wide="\ufeff[]", numbers="[01]", large="[" + "9" * 40 + "]")

# Images: the form is the first byte modulo 3.

def blobs(*contents):
    return [member("blobs/sha256/" + sha256(content)[7:], content) for content in contents]


LAYOUT = blobs(LAYER, CONFIG, MANIFEST, NESTED, SUBJECT) + [
    member("index.json", INDEX), member("oci-layout", text({"imageLayoutVersion": "1.0.0"}))]
ENTRY = {"Config": "config.json", "RepoTags": ["a:1", "b.c/d/e"], "Layers": ["layer.tar"]}
SAVED = [member("config.json", CONFIG), member("layer.tar", LAYER), member("manifest.json", text([ENTRY]))]
LINKED = [
    member("c.json", type=tarfile.SYMTYPE, linkname="d/../config.json"), member("config.json", CONFIG),
    member("l", type=tarfile.LNKTYPE, linkname="layer.tar.gz"), member("layer.tar.gz", member_of(LAYER)),
    member("manifest.json", text([{"Config": "c.json", "RepoTags": None, "Layers": ["l"]}]))]
USTAR = tarfile.USTAR_FORMAT
write(
    "Image", layout=b"\0" + INDEX, none=b'\0{"schemaVersion":2,"manifests":[]}', archive=b"\1" + tar(LAYOUT, USTAR),
    subject=b"\1" + tar(LAYOUT[:5] + [LAYOUT[6], member("index.json", text({
        "schemaVersion": 2, "manifests": [descriptor("manifest.v1+json", SUBJECT)]}))], USTAR),
    empty=b"\1" + bytes(1024), saved=b"\2" + tar(SAVED, USTAR), linked=b"\2" + tar(LINKED, USTAR),
    both=b"\2" + tar(LAYOUT + [member("manifest.json", text([{
        "Config": LAYOUT[1][0].name, "RepoTags": ["a:1"], "Layers": [LAYOUT[0][0].name]}]))], USTAR))

# Keys: the form is the first byte modulo 6. Published test keys, never use them.

P384 = base64.b64decode(
    "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEsNfWPcEsCBltYYwHUkjFewny19TaFfH7zCMw81DvCCmBp600Uue2AaCr4yBGXBD/"
    "ssgPoRkdZer7fnttQHA9EhSuJKQWEFmorVqPcJoKPQGnGqetChihUv3WNVCe04SK")
P384_SHA384 = base64.b64decode(
    "MGQCMH7ijMy03PeRVBOJu0VlsT4BUdsWiG9LpXTTcFtuMyxEWOBWwStr5kg2X6iN72f6UAIwX3j0Gf33hn8Y/I6oZyNAvQXP"
    "JW39VlE4DaQmtL7O8v2WPYufIBuKupOJbM/ePVYe")
P384_RAW = base64.b64decode(
    "8GpvGUWjJZqDskeeySx+utug1W+mnmDOuRf2015ISMRlhslWnHClfWKwMuyMosM30yr0tCUSCLqyK0aAqgnJSNdA8elyhRPN"
    "7K75Wp/XHJPCr5hf7457+BV83g1p4xlt")
COMPRESSED = base64.b64decode(
    "MDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgACaVapaeN1BuHfBcAKK/9RkFWFjy9vIfpAEGHRUuGmqwI=")
SEC1 = base64.b64decode(
    "MHcCAQEEIHuhX1Q+WoLwSp6ss1kXcuVkBgfDtNoJBoPV2NRqIgDuoAoGCCqGSM49AwEHoUQDQgAEaVapaeN1BuHfBcAKK/9R"
    "kFWFjy9vIfpAEGHRUuGmqwJX8/v3lkXBh28V9LES4rUnR7PhRq/nlUGgMDG9rhSq5g==")
PKCS8 = base64.b64decode(
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQge6FfVD5agvBKnqyzWRdy5WQGB8O02gkGg9XY1GoiAO6hRANC"
    "AARpVqlp43UG4d8FwAor/1GQVYWPL28h+kAQYdFS4aarAlfz+/eWRcGHbxX0sRLitSdHs+FGr+eVQaAwMb2uFKrm")
PRIVATE_ED25519 = base64.b64decode(
    "MC4CAQAwBQYDK2VwBCIEIKdY1SsN8hByN62xZJQSu0eYyFsPkqDxcROYmiZ+lge2")
P256_FORM = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
P256 = P256_FORM + PKCS8[-64:]
ED25519 = bytes.fromhex("302a300506032b6570032100d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
SEALED = json.dumps({
    "kdf": {"name": "scrypt", "params": {"N": 32768, "r": 8, "p": 1},
            "salt": base64.b64encode(bytes(32)).decode()},
    "cipher": {"name": "nacl/secretbox", "nonce": base64.b64encode(bytes(24)).decode()},
    "ciphertext": base64.b64encode(bytes(154)).decode()}, separators=(",", ":")).encode()


def pem(label, content):
    body = base64.b64encode(content).decode()
    lines = "".join(body[start:start + 64] + "\n" for start in range(0, len(body), 64))
    return f"\0-----BEGIN {label}-----\n{lines}-----END {label}-----\n".encode()


write(
    "KeyFile", sealed=pem("ENCRYPTED SIGSTORE PRIVATE KEY", SEALED), elder=pem("ENCRYPTED COSIGN PRIVATE KEY", SEALED),
    public=pem("PUBLIC KEY", P256), private=pem("PRIVATE KEY", PKCS8), own=pem("EC PRIVATE KEY", SEC1),
    headers=b"\0-----BEGIN A-----\nA: b\n\nAQID\n-----END A-----\n", two=pem("PUBLIC KEY", P256) * 2,
    document=b"\1" + SEALED, cost=b"\1" + SEALED.replace(b"32768", b"1073741824"), p256=b"\2" + P256,
    p384=b"\2" + P384, ed25519=b"\2" + ED25519, compressed=b"\2" + COMPRESSED, pkcs8=b"\3" + PKCS8,
    edwards=b"\3" + PRIVATE_ED25519, sec1=b"\4" + SEC1, der=b"\5" + P384_SHA384, raw=b"\5" + P384_RAW)

# Texts

REFERENCES = [
    "debian", "debian:12", "library/debian", "docker.io/library/debian", "index.docker.io/a/b", "localhost/a",
    "localhost:5000/a:1", "docker.io/localhost/a", "[::1]:5000/a/b__c.d-e", "REGISTRY.example/team/app:1.0",
    "a@" + DIGEST, "ghcr.io/a/b:c@" + DIGEST, "0" * 64, "https://a/b", "a//b", "a:" + "t" * 128]
write("Reference", **{f"{number:02}": name for number, name in enumerate(REFERENCES)})
LOCATIONS = [
    "oci:dir", "oci:dir:tag", "oci:dir@" + DIGEST, "oci-archive:file:1.0", "docker-archive:a.tar:team/app:1",
    "docker-archive:-", "oci:/a//b/:x", "oci:a\\b", b"oci:\xff", "oci:a@b:c", "docker-archive:f:A", "dir:a"]
write("ImageLocation", **{f"{number:02}": name for number, name in enumerate(LOCATIONS)})
PLACES = [
    "https://user:pass@example.com:8443/a/b.git#refs/heads/x#" + "0a" * 20 + ":sub/dir", "git@example.com:a/b.git#v1:d",
    "git+ssh://git@example.com/a#" + "0A" * 32, "git+file:///a/b#:c/./d", "git://example.com/a/b", "ssh://-o/a",
    "https://u:p@[::1]:80/%2e%2e/x%20y.tar.gz?sig=a", "tar://stdin", "dir:///a", "docker-image://a", "oci-layout://a:b",
    "attachment; filename=\"a \\\"b\\\".txt\"; filename*=UTF-8''%e2%82%ac.txt", "a; filename=../x; b", b"-\xff"]
write("ContextPlace", **{f"{number:02}": name for number, name in enumerate(PLACES)})
SETTINGS = [
    "v1.2.3", "1.2", "v1.2.3-rc.1+linux_amd64", "refs/tags/v18.06.0", "refs/heads/master", '{"A": "b", "C": [1]}',
    "A=1, B=2;C", "export A=b # c\nB='$A'\nC=\"${A}\\n$B\"\n---\nD: e", 'A="b\nc" # d\nA=$A$A', "A='b", b"A=\xff\0"]
write("Plugin", **{f"{number:02}": name for number, name in enumerate(SETTINGS)})
write(
    "TreeSpecification",
    kinds="#mtree\n. type=dir mode=0755\n./a type=file uid=1 gid=2 time=1.5 size=3\n./b type=link link=a\n"
    "./c type=fifo\n./d type=char device=linux,1,3\n./e type=block device=0x103\n",
    set="/set type=file uname=root gname=root uid=0\na\nb mode=04755\nc uid=5 time=-1\n",
    tree=". type=dir\n a type=dir\n  b type=file optional\n ..\n..\n", unset="/set uid=1\n/unset uid\na type=file\n",
    escapes="a\\040b type=file\n./\\303\\251 type=link link=a\\134b\n", lines="a \\\n type=file \\\n mode=0644\n",
    contents="a type=file contents=b\n", split="a type=file con\\\ntents=b\n", last="type=file mode=0644 ./a\n",
    attribute="#varve xattr a 757365722e61=00ff\na type=file\n", twice="./a type=file\n./a mode=0600\n",
    unknown="a type=file sha256digest=00 nlink=2 flags=none\n")

PEM = "    -----BEGIN PUBLIC KEY-----\n    AAAA\n    -----END PUBLIC KEY-----\n"
YAMLS = {
    "block": "a: 1\nb:\n  - c\n  - - d\n    - e: |\n        f\n\n      g: >-\n        h\n        i\n",
    "flow": "{a: [b, 'c''d', \"e\\x66\\u0067\\n\"], h: {}, ? i : j, k: }", "crlf": "a: b\r\nc:\r\n- d\r\n",
    "directive": "%YAML 1.1\n--- # x\na: b\n...\n", "mark": "\ufeffa: \u00e9\U0001F600\n",
    "anchor": "a: &b [c]\nd: *b\n", "tag": "a: !!str b\nc: ! d\n", "merge": "a: {b: c}\n<<: {b: d}\n",
    "twice": "a: b\n'a': c\n", "documents": "a\n--- b\n", "line": "# a\u2028b: c\n", "return": "# a\rb: c\n",
    "deep": "[" * 33 + "]" * 33, "null": "a: ~\nb:\nc: null\n? d\n", "empty": "", "text": "a b\n  c\n\n d\n"}
write("YAML", **YAMLS)
# Stored file listings

def listed(kind, name, *below, mode=0o755, user=0, target=b""):
    """A file as Layers/Listing stores it; what is below a directory follows it."""
    traits = struct.pack("<HII", mode, user, user)
    head = bytes([kind, len(name)]) + name + traits
    if kind == 3:
        return head + struct.pack("<H", len(target)) + target
    return head + b"".join(below) + b"\0" if kind == 2 else head


def listing(count, files, passwd=b"\0", group=b"\0"):
    beginning = b"varve files\1" + struct.pack("<IHII", count, 0o755, 0, 0)
    return beginning + b"".join(files) + b"\0" + passwd + group


def kept(content):
    return b"\1" + struct.pack("<I", len(content)) + content


ETC = listed(2, b"etc", listed(1, b"group", mode=0o644), listed(1, b"passwd", mode=0o644))
write(
    "Listing", empty=listing(0, []), accounts=listing(3, [ETC], kept(b"a:x:1:2::/:\n"), kept(b"g:x:3:\n")),
    states=listing(3, [ETC], b"\2", b"\3"),
    kinds=listing(6, [listed(kind, b"%d" % kind, target=b"2/../x") for kind in range(1, 7)]),
    links=listing(5, [
        listed(2, b"a", listed(3, b"b", target=b"/c")), listed(3, b"c", target=b"../d/./e"),
        listed(2, b"d"), listed(3, b"loop", target=b"loop"),
    ]),
    deep=listing(3, [listed(2, b"a", listed(2, b"b", listed(1, b"c", user=7, mode=0o4711)))]),
    wrong=listing(2, [listed(1, b"b"), listed(1, b"a")]))

write(
    "Policy", least="version: 1\n", versions="a>=1.7.5,<2\nb=latest\n1.0.5801-000\n1.0-rc.1\n1.1.1w\nv2+b\n30d\n",
    builders=f"version: 1\nbuilders:\n- key: a.pub\n  ids: ['https://a', b:c]\n  level: 3\n- key: |\n{PEM}  ids: [a:b]\n",
    verifiers="version: 1\nverifiers:\n- key: a.pub\n  ids: [a:b]\n  levels: [SLSA_BUILD_LEVEL_2]\n  resource: oci://a/b\n"
    f"  policyDigest: {DIGEST}\n  maxAge: 2w\n",
    texts="version: 1\npredicateType: a:b\nbuildTypes: [c:d]\nsource: git+https://a/b\nbranch: main\ntag: 1.10\n"
    f"commit: {DIGEST[7:47]}\nbuilderVersions: [a, 'b>=1,<2']\nmaxAge: 30d\n",
    parameters="version: 1\nparameters:\n  a.b: c\n  a:\n    d: [1, true, 'x', [y]]\n    e\\.f\\\\: \"*\"\n  g: '1.10'\n",
    conflict="version: 1\nparameters:\n  a.b: c\n  a: d\n", misspelt="version: 1\nbuilder: []\n")

STATEMENT = {
    "_type": "https://in-toto.io/Statement/v1", "subject": [{"name": "app", "digest": {"sha256": DIGEST[7:]}}],
    "predicateType": "https://slsa.dev/provenance/v1",
    "predicate": {
        "buildDefinition": {
            "buildType": "https://varve.dev/build-types/pack/v1",
            "externalParameters": {
                "codeMetadata": {"repositoryURL": "https://example.com/app", "branch": "main"},
                "parameters": {"command": "pack", "source": "git+https://example.com/app@main"},
            },
            "internalParameters": {"varve_reproducible": True},
            "resolvedDependencies": [{"uri": "git+https://example.com/app", "digest": {"gitCommit": "00"}}],
        },
        "runDetails": {
            "builder": {"id": "b", "version": {"varve": "0.1.0"}, "builderDependencies": [{"name": "varve"}]},
            "metadata": {"invocationId": "1", "finishedOn": "2026-11-23T00:00:00Z"},
            "byproducts": [{"name": "layer", "digest": {"sha256": DIGEST[7:]}}],
        },
    },
}
SUMMARY = {
    "verifier": {"id": "a"}, "resourceUri": "oci://a", "policy": {"uri": "b", "digest": {"sha256": "00"}},
    "verificationResult": "PASSED", "verifiedLevels": ["SLSA_BUILD_LEVEL_2"], "timeVerified": "2026-11-23T00:00:00Z",
}


def envelope(statement):
    return {
        "payloadType": "application/vnd.in-toto+json", "payload": base64.b64encode(text(statement)).decode(),
        "signatures": [{"keyid": "", "sig": "AAAA"}],
    }


write(
    "Envelope", statement=text(STATEMENT), summary=text(STATEMENT | {"predicate": SUMMARY}),
    envelope=text(envelope(STATEMENT)), indented=text(envelope(STATEMENT), indent=1),
    lines=text(envelope({})) + b"\n# no envelope\n" + text(envelope(STATEMENT)) + b"\n",
    bundle=text({
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json", "dsseEnvelope": envelope(STATEMENT),
    }),
)


# Registries

write(
    "Challenge",
    bearer=b'\0Bearer realm="https://a/t",service="s",scope="repository:a/b:pull,push"',
    several=b'\0Basic realm="a \\"b\\"", Negotiate abc==\nBearer realm=x service="y"', broken=b'\0Basic realm="x',
    errors=b'\1{"errors":[{"code":"DENIED","message":"no\\u0007","detail":{}}]}', page=b"\1<html><title>x</title>",
    token=b'\2{"token":"a","expires_in":300,"issued_at":"2026-01-31T12:00:00Z","refresh_token":"b"}',
    date=b"\3Sun, 06 Nov 1994 08:49:37 GMT", asctime=b"\3Sun Nov  6 08:49:37 1994", range=b"\3bytes=0-123",
    content=b"\3bytes 0-99/200", link=b'\3</v2/a/tags/list?n=1&last=b>; rel="next"',
    scope=b"\3repository:a:pull repository:b:push,pull",
)
LOGIN = base64.b64encode(b"user:s3cret").decode()
write(
    "AuthFile", empty=b"h.example\n", host=b"h.example/a\n" + text({"auths": {"h.example": {"auth": LOGIN}}}),
    hub=b"docker.io/a\n" + text({"auths": {"https://index.docker.io/v1/": {"identitytoken": "s3cret"}}}),
    paths=b"h:1/a/b\n" + text({"auths": {"h:1/a": {"username": "u", "password": "p"}, "h:1": {"registrytoken": "t"}}}),
    programs=b"h\n" + text({"credHelpers": {"h": "x"}, "credsStore": "y", "auths": {"h": {}}, "other": [1.50]}),
    broken=b"h\n" + b'{"auths":{"h":{"auth":"s3cret"}}',
)
DOCKERFILE = """# syntax=a/b:1
# escape=\\
ARG A=1 B
FROM --platform=linux/$A a:${A:-2}@b AS c
# d
RUN --mount=type=cache,target=/a,id=b,sharing=locked --network=none echo \\
  # e

  'f' <<G 3<<-"H"
$A
G
\ti
\tH
COPY --from=c --chown=a:b --chmod=u+x --exclude=*.c ["a b", "/c"]
ADD --checksum=sha256:00 <<I $A /d/
\u00e9 ${A}
I
ENV a="b c" d='e' f=\\$A
LABEL a b  c
HEALTHCHECK --interval=1m30.5s --retries=2 CMD ["a"]
ONBUILD COPY a /b
EXPOSE 80/tcp 1-2 a:3
VOLUME ["/a"]
SHELL ["a", "-c"]
STOPSIGNAL RTMIN+1
USER a:b
WORKDIR /a
FROM scratch
"""
write(
    "DockerfileLines", whole=DOCKERFILE, crlf=DOCKERFILE.replace("\n", "\r\n"), backtick="#escape=`\nFROM a\nRUN b `\n c",
    mark="\ufeffFROM a", script="#!/a\n# syntax=b\nFROM c", cut=DOCKERFILE[:230], utf16=DOCKERFILE.encode("utf-16"),
    zero="FROM a\0", latin=b"FROM a\nUSER \xe9", triggers="FROM a\nONBUILD RUN <<A <<B\nA\nB\n", misspelt="FORM a")
write(
    "DockerfileInstructions", whole=DOCKERFILE.split("FROM", 1)[1].split("\n", 1)[1],
    **{line.split()[0].lower(): line for line in DOCKERFILE.splitlines() if line[:3].isalpha() and line[:3].isupper() and "<<" not in line})
write(
    "DockerfileWords", plain="a'b'\"c\"\\d", names="$A${B}$1$@$\u00e9", defaults="${A:-$B}${A-}${B:+x}${C+y}\nv\n",
    errors="${A?b}${C:?d}\nv", trims="${A#*b}${A##?}${A%\\*}${A%%c}\nabc*\nb", replaces="${A/$B/c}${A//?/$B}${A//\\//}\na/b\n*",
    nested="${C:-${D:-\"${E:-'f'}\"}}", mount="type=cache,target=$A,uid=${B}\n/a\n1", quoted="\"'$A'\" '$B'\na b\nc",
    open="${A", quote="'a", words="80 $A\n1-2 3/udp")
write(
    "IgnoreFile", names="a/b/c\na/b", exceptions="a/b/c\n*\n!a/b\na/b/d", stars="x/y/z.c\n**/*.c\n!**/y/**\n**z",
    sets="a/b-c\na/[a-c]?[^d-f\\]]\n", comments="#a\n\n# b\n\\#a\n !  #a\r\n", open="a\n[a-", bytes=b"\xff/\xe9\n\xff\n?[\xc3\xa9]",
    long="a/a/a/a/a/a/a/b\n" + "**/a*" * 20 + "c", cleaned="b/c\n./a/../b//c/\n/../d\n..", mark="a\n\ufeffa")
