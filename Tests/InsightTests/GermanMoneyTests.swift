import Testing

@Suite("Amounts of money in German, with examples/words/german.json") struct GermanMoneyTests {
    @Test(
        "As people write them",
        arguments: [
            ("5.000 €", "`5.000 €` 5000 EUR"), ("1.234,56 EUR", "`1.234,56 EUR` 1234.56 EUR"),
            ("5 000 €", "`5 000 €` 5000 EUR"),
            ("1 234 567,8 €", "`1 234 567,8 €` 1234567.8 EUR"), ("5\u{A0}000 €", "`5\u{A0}000 €` 5000 EUR"),
            ("€ 5'000.50", "`€ 5'000.50` 5000.5 EUR"),
            ("3 Mio. Euro", "`3 Mio. Euro` 3000000 EUR"), ("3 Mio Euro", "`3 Mio Euro` 3000000 EUR"), ("3 Mio.", ""),
            ("3 Millionen", "`3 Millionen` 3000000"),
            ("1,5 Millionen Euro", "`1,5 Millionen Euro` 1500000 EUR"),
            ("20 € pro Monat", "`20 € pro Monat` 20 EUR month"), ("20 €/Monat", "`20 €/Monat` 20 EUR month"),
            ("20 € im Monat", "`20 € im Monat` 20 EUR month"), ("20 € in der Woche", "`20 € in der Woche` 20 EUR week"),
            ("20 € die Stunde", "`20 € die Stunde` 20 EUR hour"),
            ("20 € jährlich", "`20 € jährlich` 20 EUR year"), ("20 € JÄHRLICH", "`20 € JÄHRLICH` 20 EUR year"),
            ("20 € am Tag", "`20 € am Tag` 20 EUR day"),
            ("zwischen 300 und 500 Euro", "`300 und 500 Euro` 300 EUR, `300 und 500 Euro` 500 EUR"),
            ("300 und 500 Euro", "`500 Euro` 500 EUR"),
            ("5-10 Tsd. €", "`5-10 Tsd. €` 5000 EUR, `5-10 Tsd. €` 10000 EUR"),
            ("5 bis 10 Tsd. €", "`5 bis 10 Tsd. €` 5000 EUR, `5 bis 10 Tsd. €` 10000 EUR"),
            (
                "€ 5 bis 10 Mio. pro Jahr",
                "`€ 5 bis 10 Mio. pro Jahr` 5000000 EUR year, `€ 5 bis 10 Mio. pro Jahr` 10000000 EUR year"
            ),
            ("5 Tsd.", "`5 Tsd.` 5000"), ("5 tausend", "`5 tausend` 5000"), ("5T€", "`5T€` 5000 EUR"), ("5T", ""),
            ("20 Fr.", "`20 Fr.` 20 CHF"), ("Fr. 20", "`Fr. 20` 20 CHF"),
            ("20 Franken", "`20 Franken` 20 CHF"), ("20 Pfund", "`20 Pfund` 20 GBP"), ("5k Nutzer", ""),
            ("5 Tsd. Mitarbeiter", ""), ("5k Wörter", ""), ("5,50€", "`5,50€` 5.5 EUR"),
            ("5.50 €", "`5.50 €` 5.5 EUR"), ("5,- €", ""), ("99,99 Euro.", "`99,99 Euro` 99.99 EUR"),
            ("am 22.11. 500 €", "`500 €` 500 EUR"),
            ("Zu teuer! Das kann ich mir nicht leisten.", "`leisten`, `zu teuer`"), ("GÜNSTIGER", "`günstiger`"),
            ("ein Budget von 500 €", "`500 €` 500 EUR, `budget`"),
        ])
    func rows(_ text: String, _ indicators: String) throws {
        #expect(try Money.told(text, try Words.german()) == indicators)
    }

    @Test(
        "Digits that hang together in other ways end at a blank, though that may stand between groups",
        arguments: [
            ("Am 22.11.2026 500 € bezahlt", "`500 €` 500 EUR"), ("Version 1.2.3 kostet 500 €", "`500 €` 500 EUR"),
            ("1.2.3, 500 €", "`500 €` 500 EUR"),
            ("22.11.2026 5k", "`5k` 5000"), ("2026 500 €", "`500 €` 500 EUR"),
        ])
    func blanks(_ text: String, _ indicators: String) throws {
        #expect(try Money.told(text, try Words.german()) == indicators)
    }

    @Test(
        "Names whose accents are put together differently", arguments: ["20 € ja\u{308}hrlich", "20 € JA\u{308}HRLICH"])
    func decomposed(_ text: String) throws {
        #expect(try Money.told(text, try Words.german()) == "`\(text)` 20 EUR year")
    }
}
