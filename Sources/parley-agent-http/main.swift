import Glibc
import JSONRPC
import Threads

// Before there is any other thread: SIGTERM is waited for here, and a pipe that nobody reads is an error, not the end.
signal(SIGPIPE, SIG_IGN)
var awaited = sigset_t()
sigemptyset(&awaited)
sigaddset(&awaited, SIGTERM)
pthread_sigmask(SIG_BLOCK, &awaited, nil)

do {
    let descriptors = try ProtocolDescriptors.claimStandardStreams()
    let service = PluginService(descriptors)
    var number: Int32 = 0
    while sigwait(&awaited, &number) != 0 {}
    service.end()
    // `end` leaves the process.
    while true { pause() }
} catch {
    log("\(error)")
    exit(1)
}
