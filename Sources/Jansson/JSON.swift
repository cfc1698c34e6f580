import CJansson
import CJanssonMemory
import Glibc

/// A parsed JSON value: an immutable view into a tree that libjansson built.
///
/// A view keeps its whole tree alive. What is to be kept long is copied out (`text`, `fragment`).
package struct JSON: @unchecked Sendable {
    // Proof of Sendable: nothing changes a tree once `parse` has returned it; libjansson's documentation ("Thread
    // Safety") allows concurrent reads of such a tree, and its lifetime is the tree object's, counted atomically.
    let node: UnsafeMutablePointer<json_t>
    let tree: Tree

    /// Frees a libjansson tree with the last view of it.
    final class Tree: @unchecked Sendable {
        // Proof of Sendable: as above; the tree is freed once, here.
        private let root: UnsafeMutablePointer<json_t>
        /// What the tree came out of; nil where each of its values has memory of its own.
        private let arena: OpaquePointer?

        init(_ root: UnsafeMutablePointer<json_t>, arena: OpaquePointer?) {
            self.root = root
            self.arena = arena
        }

        deinit {
            if let arena { jansson_arena_free(arena) } else { json_decref(root) }
        }
    }

    package enum Kind: Sendable { case object, array, string, integer, real, boolean, null }

    package var kind: Kind {
        switch node.pointee.type {
        case JSON_OBJECT: .object
        case JSON_ARRAY: .array
        case JSON_STRING: .string
        case JSON_INTEGER: .integer
        case JSON_REAL: .real
        case JSON_TRUE, JSON_FALSE: .boolean
        default: .null
        }
    }

    package var isObject: Bool { node.pointee.type == JSON_OBJECT }
    package var isNull: Bool { node.pointee.type == JSON_NULL }

    /// The string's bytes copied out, or nil where this is no string.
    package var text: Text? { withUTF8 { Text($0) } }

    /// The string's bytes, valid only inside `body`; nil where this is no string. They may hold U+0000.
    package func withUTF8<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result? {
        guard node.pointee.type == JSON_STRING, let start = json_string_value(node) else { return nil }
        let count = json_string_length(node)
        return withExtendedLifetime(tree) {
            start.withMemoryRebound(to: UInt8.self, capacity: count) {
                body(UnsafeBufferPointer(start: $0, count: count))
            }
        }
    }

    package var integer: Int64? {
        node.pointee.type == JSON_INTEGER ? Int64(json_integer_value(node)) : nil
    }

    /// The number, whether written as an integer or as a real.
    package var number: Double? {
        switch node.pointee.type {
        case JSON_INTEGER: Double(json_integer_value(node))
        case JSON_REAL: json_real_value(node)
        default: nil
        }
    }

    package var boolean: Bool? {
        switch node.pointee.type {
        case JSON_TRUE: true
        case JSON_FALSE: false
        default: nil
        }
    }

    /// How many members an object or elements an array has; 0 for everything else.
    package var count: Int {
        switch node.pointee.type {
        case JSON_OBJECT: json_object_size(node)
        case JSON_ARRAY: json_array_size(node)
        default: 0
        }
    }

    /// The object's member of that name; nil where there is none or this is no object.
    package subscript(name: StaticString) -> JSON? {
        guard node.pointee.type == JSON_OBJECT else { return nil }
        // A StaticString is stored with a NUL behind it, as libjansson wants its keys.
        let key = UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
        return json_object_get(node, key).map { JSON(node: $0, tree: tree) }
    }

    /// The array's elements in order; empty for everything else.
    package var elements: [JSON] {
        guard node.pointee.type == JSON_ARRAY else { return [] }
        return (0..<json_array_size(node)).compactMap { index in
            json_array_get(node, index).map { JSON(node: $0, tree: tree) }
        }
    }

    /// An object's members in the order they were written; none for everything else.
    package var members: ObjectMembers { ObjectMembers(self) }
}

/// The members of an object. A name's bytes are valid as long as any view of its tree is kept.
package struct ObjectMembers: Sequence, IteratorProtocol {
    private let object: JSON
    private var position: UnsafeMutableRawPointer?

    init(_ object: JSON) {
        self.object = object
        position = object.isObject ? json_object_iter(object.node) : nil
    }

    package mutating func next() -> (name: UnsafeBufferPointer<UInt8>, value: JSON)? {
        guard let current = position, let key = json_object_iter_key(current),
            let value = json_object_iter_value(current)
        else { return nil }
        position = json_object_iter_next(object.node, current)
        // `parse` lets no NUL into a key, so its length is a C string's.
        let name = UnsafeBufferPointer(
            start: UnsafeRawPointer(key).assumingMemoryBound(to: UInt8.self), count: strlen(key))
        return (name, JSON(node: value, tree: object.tree))
    }
}
