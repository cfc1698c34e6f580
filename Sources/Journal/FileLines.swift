import Glibc

/// Reads a file from `offset` up to `limit`, line by line: `body` is given each line without its end, and where it begins. Memory
/// is one block, or the longest line.
///
/// - Returns: what stands behind the last line end.
func readLines(
    of descriptor: Int32, from offset: Int, upTo limit: Int = .max, shown path: String,
    _ body: (_ line: UnsafeRawBufferPointer, _ offset: Int) -> Void
) throws(StoreError) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: 256 << 10)
    var kept = 0  // bytes of an unfinished line at the beginning of the block
    var blockOffset = offset
    while true {
        if kept == block.count { block.append(contentsOf: [UInt8](repeating: 0, count: block.count)) }
        let count = try check("reading \(path)") {
            block.withUnsafeMutableBytes { bytes in
                let space = UnsafeMutableRawBufferPointer(rebasing: bytes[kept...])
                let wanted = min(space.count, max(0, limit - blockOffset - kept))
                return pread(descriptor, space.baseAddress, wanted, off_t(blockOffset + kept))
            }
        }
        if count == 0 { return Array(block[..<kept]) }
        let end = kept + count
        let consumed = block.withUnsafeBytes { giveLines(of: $0, upTo: end, searchedFrom: kept, at: blockOffset, body) }
        if consumed > 0 {
            block.replaceSubrange(0..<(end - consumed), with: Array(block[consumed..<end]))
            blockOffset += consumed
        }
        kept = end - consumed
    }
}

private func giveLines(
    of block: UnsafeRawBufferPointer, upTo end: Int, searchedFrom searched: Int, at offset: Int,
    _ body: (UnsafeRawBufferPointer, Int) -> Void
) -> Int {
    guard let base = block.baseAddress else { return 0 }
    var start = 0
    var from = searched
    while from < end, let found = memchr(base + from, 0x0A, end - from) {
        let lineEnd = UnsafeRawPointer(found) - base
        body(UnsafeRawBufferPointer(rebasing: block[start..<lineEnd]), offset + start)
        start = lineEnd + 1
        from = start
    }
    return start
}
