/// Characters up to which a value is shown whole.
let excerptWidth = 60

/// At most `excerptWidth` characters of a text from the byte `start` on, with `…` where some of it is left out.
func excerpt(_ text: some Collection<UInt8>, from start: Int = 0) -> String {
    let bytes = Array(text)
    var start = min(start, bytes.count)
    while start > 0, start < bytes.count, bytes[start] & 0xC0 == 0x80 { start -= 1 }
    // No character that is shown is cut: none takes more than four bytes.
    let window = String(decoding: bytes[start...].prefix(4 * excerptWidth + 4), as: UTF8.self).unicodeScalars
    let shown = window.prefix(excerptWidth)
    return (start > 0 ? "…" : "") + String(shown) + (shown.count < window.count ? "…" : "")
}
