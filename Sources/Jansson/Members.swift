/// An object's members in order, each value as text: what shallow merges work on, and what is kept of an object.
package struct Members: Equatable, Sendable {
    package private(set) var list: [(name: Text, value: JSONFragment)] = []

    package init() {}

    /// Members whose names differ.
    package init(_ list: [(name: Text, value: JSONFragment)]) { self.list = list }

    /// The members of a parsed object; none for everything else.
    package init(_ object: JSON?) {
        guard let object else { return }
        list = object.members.map { (Text($0.name), JSONFragment($0.value)) }
    }

    package var isEmpty: Bool { list.isEmpty }

    package subscript(name: Text) -> JSONFragment? {
        get { list.first { $0.name == name }?.value }
        set {
            let index = list.firstIndex { $0.name == name }
            switch (index, newValue) {
            case (let index?, let value?): list[index].value = value
            case (let index?, nil): list.remove(at: index)
            case (nil, let value?): list.append((name, value))
            case (nil, nil): break
            }
        }
    }

    /// Puts each member of `other` in the place of ours of that name, or at the end.
    package mutating func merge(_ other: Members) {
        for (name, value) in other.list { self[name] = value }
    }

    package static func == (left: Members, right: Members) -> Bool {
        left.list.elementsEqual(right.list) { $0.name == $1.name && $0.value == $1.value }
    }
}

extension JSONWriter {
    package mutating func object(_ members: Members) {
        beginObject()
        for (name, value) in members.list {
            key(named: name)
            self.value(value)
        }
        endObject()
    }
}
