/// One small image, as other tools write it: configuration, manifest, index.
let vectorConfiguration = """
    {"created":"1970-01-01T00:00:00Z","architecture":"amd64","os":"linux",\
    "config":{"Env":["PATH=/usr/local/sbin:\
    /usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],"Cmd":["/hello"]},"rootfs":{"type":"layers",\
    "diff_ids":["sha256:\
    a32826ad161414ebdd8b3ab0c346437284f32d8a9cd48dee9d718213c6ece577"]},\
    "history":[{"created":"1970-01-01T00:00:00Z",\
    "created_by":"COPY hello.txt /"}]}
    """

let vectorManifest = """
    {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":\
    "application/vnd.oci.image.config.v1+json","digest":"sha256:\
    4e2967aba3007e7cc2b22ded204047d24c99cdb7d5ce65655fb7e54227300ffc","size":367},"layers":[{"mediaType":\
    "application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:\
    316f7c01a4414b780233a93e505a3a9f3b4f6a677e25be7e56586847098864c9","size":107}]}
    """

let vectorIndex = """
    {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":\
    "application/vnd.oci.image.manifest.v1+json","digest":"sha256:\
    5be650917e717dadcd8f9789fd1d10f3910917676f44fc63594937034d393edf","size":401,\
    "platform":{"architecture":"amd64",\
    "os":"linux"},"annotations":{"org.opencontainers.image.ref.name":"latest",\
    "kind":"dev.cosignproject.cosign/image"}},\
    {"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:\
    1751fe66f4d3b34282b739e1c7a18e2bd3f11fc4d44f1b9dfddb0691a8cbe860","size":558,"annotations":{"kind":\
    "dev.cosignproject.cosign/sigs"}},{"mediaType":"application/vnd.oci.image.manifest.v1+json",\
    "digest":"sha256:\
    d3ea44ed1402536961dcdeac50a9983948082cb77be5f537451dfe6638e718d6","size":501,"annotations":{"kind":\
    "dev.cosignproject.cosign/atts"}}]}
    """

/// An artifact that says something about the image; `size` stands before `digest`, `subject` near the end.
let vectorReferrer = """
    {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":\
    "application/vnd.oci.empty.v1+json","size":2,"digest":"sha256:\
    44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"},"layers":[{"mediaType":\
    "application/vnd.dev.sigstore.bundle.v0.3+json","size":1888,"digest":"sha256:\
    7b8d16b6c5cd419c125fe4ddc23340c72039416925f68529b8d4e6858029cc32"}],"annotations":{\
    "dev.sigstore.bundle.content":"dsse-envelope","org.opencontainers.image.created":"2023-09-15T08:19:47Z"},\
    "subject":{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":401,"digest":"sha256:\
    5be650917e717dadcd8f9789fd1d10f3910917676f44fc63594937034d393edf"},"artifactType":\
    "application/vnd.dev.sigstore.bundle.v0.3+json"}
    """

/// The digest that begins with the byte and goes on with zeros, as text.
func digestText(_ first: String) -> String {
    "sha256:" + first + String(repeating: "0", count: 64 - first.count)
}
