import CJansson
import Glibc

/// One JSON value as text, detached from the tree it was parsed from: how context and metadata are kept.
package struct JSONFragment: Hashable, Sendable {
    /// Compact, without a line end.
    package let bytes: [UInt8]

    /// Writes the value with `body`.
    package init(_ body: (inout JSONWriter) -> Void) {
        var writer = JSONWriter()
        body(&writer)
        bytes = writer.bytes
    }

    package init(_ value: JSON) { self.init { $0.value(value) } }

    package static func string(_ text: Text) -> JSONFragment { JSONFragment { $0.string(text) } }
    package static func boolean(_ value: Bool) -> JSONFragment { JSONFragment { $0.boolean(value) } }
    package static let emptyArray = JSONFragment {
        $0.beginArray()
        $0.endArray()
    }
    package static let emptyObject = JSONFragment {
        $0.beginObject()
        $0.endObject()
    }
}

extension JSONWriter {
    /// Writes a parsed value as it came: integers as integers, reals in their shortest form, members in their order.
    package mutating func value(_ json: JSON) {
        withExtendedLifetime(json.tree) { node(json.node) }
    }

    /// The recursion is bounded by `JSON.maximumDepth`.
    private mutating func node(_ node: UnsafeMutablePointer<json_t>) {
        switch node.pointee.type {
        case JSON_OBJECT:
            beginObject()
            var iterator = json_object_iter(node)
            while let position = iterator {
                if let key = json_object_iter_key(position), let value = json_object_iter_value(position) {
                    self.key(named: bytes(key, strlen(key)))
                    self.node(value)
                }
                iterator = json_object_iter_next(node, position)
            }
            endObject()
        case JSON_ARRAY:
            beginArray()
            for index in 0..<json_array_size(node) {
                if let element = json_array_get(node, index) { self.node(element) }
            }
            endArray()
        case JSON_STRING:
            if let start = json_string_value(node) { string(bytes(start, json_string_length(node))) }
        case JSON_INTEGER: integer(Int64(json_integer_value(node)))
        case JSON_REAL: real(json_real_value(node))
        case JSON_TRUE: boolean(true)
        case JSON_FALSE: boolean(false)
        default: null()
        }
    }

    private func bytes(_ start: UnsafePointer<CChar>, _ count: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: UnsafeRawPointer(start).assumingMemoryBound(to: UInt8.self), count: count)
    }
}
