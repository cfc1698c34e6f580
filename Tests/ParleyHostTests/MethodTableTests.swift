import Foundation
import JSONRPC
import Jansson
import ParleyHost
import Testing

@Suite("Methods are the published ones") struct MethodTableTests {
    private static let document: JSON? = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try? JSON.load(root.appending(path: "schemas/openrpc.json").path)
    }()

    static let names = MethodTable.shared.methods.map(\.name.description)

    private func published(_ name: String) throws -> JSON {
        let methods = try #require(Self.document?["methods"]).elements
        return try #require(methods.first { $0["name"]?.text == Text(name) }, "\(name) is not published")
    }

    private func declared(_ name: String) throws -> Method {
        try #require(MethodTable.shared.methods.first { $0.name.description == name })
    }

    /// The schema itself, where it is only referred to.
    private func resolved(_ schema: JSON?) throws -> JSON {
        let schema = try #require(schema)
        guard let reference = schema["$ref"]?.text?.description else { return schema }
        let name = Text(String(reference.split(separator: "/").last ?? ""))
        return try #require(
            Self.document?["components"]?["schemas"]?.members.first { Text($0.name) == name }?.value, "\(reference)")
    }

    @Test("The same methods are carried out and published")
    func methods() throws {
        let published = try #require(Self.document?["methods"]).elements.compactMap { $0["name"]?.text?.description }
        #expect(Set(published) == Set(Self.names))
        #expect(Set(published).count == published.count && Set(Self.names).count == Self.names.count)
    }

    @Test("A method's parameters have the published names, and are required where it says so", arguments: names)
    func parameters(_ name: String) throws {
        let published = try published(name)["params"]?.elements ?? []
        let declared = try declared(name).parameters.all
        #expect(Set(published.compactMap { $0["name"]?.text }) == Set(declared.map { Text($0.name.description) }))
        #expect(published.count == declared.count)
        for parameter in declared {
            let other = published.first { $0["name"]?.text == Text(parameter.name.description) }
            #expect(other?["required"]?.boolean ?? false == parameter.isRequired, "\(parameter.name)")
        }
    }

    @Test("A parameter's schema says what is checked", arguments: names)
    func schemas(_ name: String) throws {
        let published = try published(name)["params"]?.elements ?? []
        for parameter in try declared(name).parameters.all {
            let schema = try resolved(
                published.first { $0["name"]?.text == Text(parameter.name.description) }?["schema"])
            let facts = Members(schema)
            for fact in ["type", "enum", "minimum", "maximum", "pattern"] {
                let (said, checked) = (facts[Text(fact)], parameter.schema[fact])
                if parameter.schema.isEmpty || said == nil && schema["allOf"] != nil { continue }
                if fact == "pattern", checked == nil { continue }
                #expect(try words(said) == words(checked), "\(name) \(parameter.name): \(fact)")
            }
        }
    }

    /// A list's elements in no order; anything else as it is.
    private func words(_ value: JSONFragment?) throws -> [String]? {
        guard let value else { return nil }
        let json = try JSON.parse(value.bytes)
        return json.kind == .array ? json.elements.map { JSONFragment($0).text }.sorted() : [value.text]
    }

    @Test("`rpc.discover` answers with the published document")
    func discovered() throws {
        let host = try TestHost()
        let result = try host.call("rpc.discover")
        #expect(try JSONFragment(result) == JSONFragment(#require(Self.document)))
    }

    @Test("Each document in the binary is the file of its name, and parses", arguments: SchemaDocument.allCases)
    func documents(_ document: SchemaDocument) throws {
        let names: [SchemaDocument: String] = [
            .openRPC: "openrpc.json", .event: "event.schema.json", .config: "config.schema.json",
            .script: "script.schema.json", .words: "words.schema.json", .profiles: "profiles.schema.json",
            .plugin: "plugin.openrpc.json", .builtInWords: "built-in-words.json",
        ]
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let path = root.appending(path: "schemas/\(try #require(names[document]))").path
        #expect(try readFile(path) == document.text)
        #expect(try JSON.parse(document.text).isObject)
    }
}
