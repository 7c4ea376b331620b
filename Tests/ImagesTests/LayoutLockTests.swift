import Images
import Linux
import TestSupport
import Testing

struct LayoutLockTests {
    @Test func `A lock that another writer keeps is an error that names it, and the layout stays`() throws {
        let scratch = try Scratch()
        let writer = try LayoutWriter(ImageLayout(writing: scratch["layout"]))
        #expect(throws: ImageError.locked(scratch["layout/.lock"], seconds: 0)) {
            _ = try LayoutWriter(ImageLayout(writing: scratch["layout"]), waitingSeconds: 0)
        }
        #expect(try Directory.open(scratch["layout"]).names().sorted() == [".lock", "blobs"])
        _ = consume writer
    }

    @Test func `A writer that adds nothing leaves nothing of a new layout`() throws {
        let scratch = try Scratch()
        _ = try LayoutWriter(ImageLayout(writing: scratch["above/layout"]))
        #expect(try Directory.open(scratch.path).names() == [])
    }
}
