import CSchemas
import Jansson

/// A document of schemas/, as this binary was built with it.
package enum SchemaDocument: String, CaseIterable, Sendable {
    case openRPC = "openrpc"
    case event, config, script, words, profiles, plugin
    case builtInWords = "built-in-words"

    /// The file's bytes.
    package var text: [UInt8] {
        let schema =
            switch self {
            case .openRPC: parley_schema_openrpc()
            case .event: parley_schema_event()
            case .config: parley_schema_config()
            case .script: parley_schema_script()
            case .words: parley_schema_words()
            case .profiles: parley_schema_profiles()
            case .plugin: parley_schema_plugin()
            case .builtInWords: parley_built_in_words()
            }
        return Array(UnsafeBufferPointer(start: schema.bytes, count: schema.count))
    }

    /// On one line, for the wire. A test holds that each parses.
    var compact: JSONFragment {
        guard let json = try? JSON.parse(text) else { return .emptyObject }
        return JSONFragment(json)
    }
}
