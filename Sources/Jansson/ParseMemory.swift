import CJansson
import CJanssonMemory

/// What a parse made: libjansson's tree, and the arena that holds it where it came out of one.
struct ParsedMemory {
    let root: UnsafeMutablePointer<json_t>?
    let arena: OpaquePointer?
    /// Whether the bound on memory was what stopped the parse.
    let isExceeded: Bool

    /// Parses `text` with the memory that suits its size.
    ///
    /// - A short one, as nearly every request is, comes out of an arena: a tree of fifty little pieces is taken and
    ///   given back at once, which is a quarter of the whole cost of a parse.
    /// - A long one has a bound, `max(64 MiB, 8 × its bytes)`: `{}` repeated over 60 MiB would be gigabytes of tree.
    init(_ text: UnsafeRawBufferPointer, _ parse: () -> UnsafeMutablePointer<json_t>?) {
        _ = Self.installed
        if text.count <= Self.shortBytes {
            jansson_arena_begin()
            let root = parse()
            let arena = jansson_arena_end()
            if root == nil { jansson_arena_free(arena) }
            self.init(root: root, arena: root == nil ? nil : arena, isExceeded: false)
        } else {
            jansson_budget_begin(max(64 << 20, 8 * text.count))
            let root = parse()
            self.init(root: root, arena: nil, isExceeded: jansson_budget_end())
        }
    }

    private init(root: UnsafeMutablePointer<json_t>?, arena: OpaquePointer?, isExceeded: Bool) {
        self.root = root
        self.arena = arena
        self.isExceeded = isExceeded
    }

    /// A text of up to this many bytes can't make a tree of 64 MiB: the densest one, empty objects, takes less than
    /// 200 bytes for each byte of text.
    private static let shortBytes = 256 << 10

    private static let installed: Void = jansson_memory_install()
}
