import Glibc

/// Why the store did not do what it was asked to.
package enum StoreError: Error, Sendable {
    case notFound
    case exists
    /// Reads serve what is good; writes are refused until a person has the file repaired.
    case damaged([Damage])
    /// Not even its first event can be read.
    case unreadable(Damage)
    /// A newer Parley wrote the file.
    case newerFormat(Int64)
    /// Nothing was stored.
    case failed(SystemError)
    /// The bytes are in the file, but the disk did not confirm them.
    case unconfirmed(SystemError)
}

/// A call to the system that failed.
package struct SystemError: Error, Sendable, CustomStringConvertible {
    package let number: Int32
    /// What was being done, for a sentence: "writing /…/conv_1.jsonl".
    package let operation: String

    package init(number: Int32, operation: String) {
        self.number = number
        self.operation = operation
    }

    package var description: String { "\(operation): \(String(cString: strerror(number)))" }
}

/// Calls `body` again as long as a signal interrupted it.
///
/// - Throws: `StoreError.failed` where it answers with a negative number.
@discardableResult
func check<Result: SignedInteger>(
    _ operation: @autoclosure () -> String, _ body: () -> Result
) throws(StoreError) -> Result {
    while true {
        let result = body()
        if result >= 0 { return result }
        let number = errno
        if number != EINTR { throw .failed(SystemError(number: number, operation: operation())) }
    }
}
