import CJansson
import Glibc

/// Bounds the memory that one parse may take: `{}` repeated over 60 MiB would be gigabytes of tree.
///
/// libjansson asks for memory through two hooks that hold for the whole process. Ours count what the parsing thread
/// holds, and say no past the limit; libjansson then frees the half-built tree and reports a failure.
enum ParseBudget {
    /// Runs `parse` with at most `limit` bytes. The flag tells whether the limit was what stopped it.
    static func spending<Result>(_ limit: Int, _ parse: () -> Result) -> (result: Result, exceeded: Bool) {
        let key = installed
        var account = Account(left: limit, exceeded: false)
        let result = withUnsafeMutablePointer(to: &account) { pointer in
            pthread_setspecific(key, pointer)
            defer { pthread_setspecific(key, nil) }
            return parse()
        }
        return (result, account.exceeded)
    }

    private struct Account {
        var left: Int
        var exceeded: Bool
    }

    /// The thread's account, under this key while a parse runs. Setting it up installs the hooks, once.
    private static let installed: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        json_set_alloc_funcs(
            { size in
                guard let account = ParseBudget.account else { return malloc(size) }
                guard account.pointee.left >= size, let memory = malloc(size) else {
                    account.pointee.exceeded = true
                    return nil
                }
                account.pointee.left -= malloc_usable_size(memory)
                return memory
            },
            { memory in
                if let account = ParseBudget.account { account.pointee.left += malloc_usable_size(memory) }
                free(memory)
            })
        return key
    }()

    private static var account: UnsafeMutablePointer<Account>? {
        pthread_getspecific(installed)?.assumingMemoryBound(to: Account.self)
    }
}
