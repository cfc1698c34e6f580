import Testing

@Suite("Amounts of money in English") struct MoneyTests {
    @Test(
        "One amount",
        arguments: [
            // A currency before or behind, with one blank at most.
            ("$5", "`$5` 5 USD"), ("$ 5", "`$ 5` 5 USD"), ("$  5", ""), ("5$", "`5$` 5 USD"), ("5 $", "`5 $` 5 USD"),
            ("5  $", ""), ("$\u{A0}5", "`$\u{A0}5` 5 USD"), ("5\u{202F}€", "`5\u{202F}€` 5 EUR"), ("$\n5", ""),
            ("USD 5", "`USD 5` 5 USD"), ("5 usd", "`5 usd` 5 USD"), ("5 Dollars", "`5 Dollars` 5 USD"),
            ("5 dollar", "`5 dollar` 5 USD"), ("a dollar 5", "`dollar 5` 5 USD"), ("5 bucks!", "`5 bucks` 5 USD"),
            ("50 quid.", "`50 quid` 50 GBP"), ("CA$5", "`CA$5` 5 CAD"), ("C$5", "`C$5` 5 CAD"), ("A$5", "`A$5` 5 AUD"),
            ("US$ 5", "`US$ 5` 5 USD"), ("R$5", "`R$5` 5 BRL"), ("₹500", "`₹500` 500 INR"),
            ("¥5000", "`¥5000` 5000 JPY"),
            ("5000 yen", "`5000 yen` 5000 JPY"), ("5 RMB", "`5 RMB` 5 CNY"), ("chf5", "`chf5` 5 CHF"),
            ("($5)", "`$5` 5 USD"), ("\"$5\"", "`$5` 5 USD"), ("cost:$5;", "`$5` 5 USD"), ("x$5", "`$5` 5 USD"),
            ("$5USD", "`$5USD` 5 USD"), ("$5 EUR", "`$5 EUR` 5 EUR"), ("€5 $", "`€5 $` 5 USD"),
            ("$5 EUR 3", "`$5` 5 USD, `EUR 3` 3 EUR"),
            ("USD 5 USD", "`USD 5 USD` 5 USD"),
            // Names that are words are whole words.
            ("5 usdt", ""), ("ausd 5", ""), ("5 dollarama", ""), ("5 euros", "`5 euros` 5 EUR"), ("5 europeans", ""),
            ("5 pounds", ""), ("5 penny", ""), ("12 yens", ""),
            // Factors.
            ("5k", "`5k` 5000"), ("5K", "`5K` 5000"), ("5 k", "`5 k` 5000"), ("1.5k", "`1.5k` 1500"), ("5km", ""),
            ("5 kg", ""),
            ("5  k", ""), ("k5", ""), ("0.5 million", "`0.5 million` 500000"), ("2 Billion", "`2 Billion` 2000000000"),
            ("5 grand", "`5 grand` 5000"), ("5k€", "`5k€` 5000 EUR"), ("5k €", "`5k €` 5000 EUR"),
            ("€5k", "`€5k` 5000 EUR"),
            ("$5k USD", "`$5k USD` 5000 USD"), ("USD 5 million", "`USD 5 million` 5000000 USD"),
            ("5 million dollars", "`5 million dollars` 5000000 USD"),
            ("2m", ""), ("2 m", ""), ("2bn", ""), ("$2 m", "`$2 m` 2000000 USD"), ("2m USD", "`2m USD` 2000000 USD"),
            ("2m$", "`2m$` 2000000 USD"), ("€2.5bn", "`€2.5bn` 2500000000 EUR"), ("$2mm", "`$2mm` 2000000 USD"),
            ("$2 meters", "`$2` 2 USD"),
            ("5k users", ""), ("5k Users", ""), ("5k  users", "`5k` 5000"), ("5k, users", "`5k` 5000"),
            ("5k userspace", "`5k` 5000"),
            ("5k active users", "`5k` 5000"), ("$5k users", "`$5k` 5000 USD"), ("10 million people", ""),
            ("a 5k run", ""), ("4k monitor", ""),
            ("5k a month", "`5k a month` 5000 month"), ("$2m users", "`$2m` 2000000 USD"),
            // Periods.
            ("$5/month", "`$5/month` 5 USD month"), ("$5 / month", "`$5 / month` 5 USD month"),
            ("$5/mo.", "`$5/mo` 5 USD month"),
            ("$5 a day", "`$5 a day` 5 USD day"), ("$5 an hour", "`$5 an hour` 5 USD hour"),
            ("$5 each year", "`$5 each year` 5 USD year"),
            ("$5 every week", "`$5 every week` 5 USD week"), ("$5 per annum", "`$5 per annum` 5 USD year"),
            ("$5 PER MONTH", "`$5 PER MONTH` 5 USD month"), ("$5 annually", "`$5 annually` 5 USD year"),
            ("$5 month", "`$5 month` 5 USD month"),
            ("$5 months", "`$5` 5 USD"), ("$5 per user per month", "`$5` 5 USD"), ("$5 permonth", "`$5` 5 USD"),
            ("$5, per month", "`$5` 5 USD"),
            ("$5 monthly fee", "`$5 monthly` 5 USD month"), ("$5 a monthly", "`$5 a monthly` 5 USD month"),
            ("50 a month", ""), ("50/month", ""),
            ("5k/yr", "`5k/yr` 5000 year"), ("500 euros quarterly", "`500 euros quarterly` 500 EUR quarter"),
            ("$5 a", "`$5` 5 USD"),
        ])
    func one(_ text: String, _ indicators: String) throws {
        #expect(try Money.told(text, try Words.builtIn()) == indicators)
    }

    @Test(
        "Numbers",
        arguments: [
            ("$0", "`$0` 0 USD"), ("$007", "`$007` 7 USD"), ("$1,234", "`$1,234` 1234 USD"),
            ("$1,234,567", "`$1,234,567` 1234567 USD"),
            ("$12,345.6", "`$12,345.6` 12345.6 USD"), ("$1,234,567.89", "`$1,234,567.89` 1234567.89 USD"),
            ("$1'234'567", "`$1'234'567` 1234567 USD"),
            ("$1’234.50", "`$1’234.50` 1234.5 USD"), ("1\u{A0}234\u{A0}567 €", "`1\u{A0}234\u{A0}567 €` 1234567 EUR"),
            ("1\u{202F}234 €", "`1\u{202F}234 €` 1234 EUR"), ("$1 234", "`$1 234` 1234 USD"),
            ("$0.5", "`$0.5` 0.5 USD"),
            ("$0.125", "`$0.125` 0.125 USD"),
            ("$12.3456", "`$12.3456` 12.3456 USD"), ("$1,50", "`$1,50` 1.5 USD"),
            ("$1234,56", "`$1234,56` 1234.56 USD"), ("$1.50", "`$1.50` 1.5 USD"),
            ("$5.", "`$5` 5 USD"), ("$5,", "`$5` 5 USD"), ("$5...", "`$5` 5 USD"), ("$5,and", "`$5` 5 USD"),
            ("$5.x", "`$5` 5 USD"),
            ("$5,000,", "`$5,000` 5000 USD"), ("$1234,567", ""), ("$12,3456", ""), ("$1,2345", ""),
            ("$1,5", "`$1,5` 1.5 USD"),
            ("$1,5k", "`$1,5k` 1500 USD"), ("$1,234'567", ""),
            ("$1.2.3", ""), ("$1,234.5.6", ""), ("$1..2", "`$1` 1 USD"), ("$1,,2", "`$1` 1 USD"),
            ("$1.234.567", "`$1.234.567` 1234567 USD"), ("$1234567", "`$1234567` 1234567 USD"),
            ("$0.1", "`$0.1` 0.1 USD"),
            ("$1,000,000,000,000", "`$1,000,000,000,000` 1000000000000 USD"),
            ("$9007199254740993", "`$9007199254740993` 9007199254740992 USD"), ("$1,000k", "`$1,000k` 1000000 USD"),
            ("$ .5", ""), ("$.50", ""), ("$-5", ""),
            ("-$5", "`$5` 5 USD"), ("+$5", "`$5` 5 USD"), ("~$5", "`$5` 5 USD"), ("$٣", ""), ("$５", ""), ("$½", ""),
            ("$5²", "`$5` 5 USD"),
            // Not a number of its own.
            ("v5 USD", ""), ("a5k", ""), ("x.5k", ""), ("1.2.3 USD", ""), ("version 1.2.3k", ""), ("ä5k", ""),
            ("日5k", ""), ("_5k", "`5k` 5000"),
            ("#5k", "`5k` 5000"), ("5k5", ""), ("5kb", ""), ("0x5k", ""), ("5,5,5k", ""), ("1.2.3, $5", "`$5` 5 USD"),
            ("1.2.3,5 USD", ""),
        ])
    func numbers(_ text: String, _ indicators: String) throws {
        #expect(try Money.told(text, try Words.builtIn()) == indicators)
    }

    @Test(
        "Ranges",
        arguments: [
            ("$5-10", "`$5-10` 5 USD, `$5-10` 10 USD"), ("$5 - $10", "`$5 - $10` 5 USD, `$5 - $10` 10 USD"),
            ("5-10 USD", "`5-10 USD` 5 USD, `5-10 USD` 10 USD"),
            ("$5 to 10", "`$5 to 10` 5 USD, `$5 to 10` 10 USD"), ("$5—$10", "`$5—$10` 5 USD, `$5—$10` 10 USD"),
            ("5 to 10k", "`5 to 10k` 5000, `5 to 10k` 10000"),
            ("5k-10k", "`5k-10k` 5000, `5k-10k` 10000"), ("5k to 10", "`5k` 5000"),
            ("$500-2k", "`$500-2k` 500 USD, `$500-2k` 2000 USD"), ("500-2k", "`500-2k` 500, `500-2k` 2000"),
            ("$1-2m", "`$1-2m` 1000000 USD, `$1-2m` 2000000 USD"),
            ("$1-2m per year", "`$1-2m per year` 1000000 USD year, `$1-2m per year` 2000000 USD year"),
            ("€1–1.5 bn", "`€1–1.5 bn` 1000000000 EUR, `€1–1.5 bn` 1500000000 EUR"), ("1-2m", ""),
            ("1-2m USD", "`1-2m USD` 1000000 USD, `1-2m USD` 2000000 USD"),
            ("$1m-2m", "`$1m-2m` 1000000 USD, `$1m-2m` 2000000 USD"),
            ("$10 to $5", "`$10 to $5` 10 USD, `$10 to $5` 5 USD"),
            ("between $5 and $10 a month", "`$5 and $10 a month` 5 USD month, `$5 and $10 a month` 10 USD month"),
            ("Between 5 AND 10k", "`5 AND 10k` 5000, `5 AND 10k` 10000"),
            ("$5 and $10", "`$5` 5 USD, `$10` 10 USD"), ("$5 to €10", "`$5` 5 USD, `€10` 10 EUR"),
            ("betweenx 5 and 10 USD", "`10 USD` 10 USD"),
            ("inbetween 5 and 10 USD", "`10 USD` 10 USD"), ("between 5 and 10 people", ""), ("5-10k users", ""),
            ("10 to 20 people", ""), ("$5-10-15", "`$5-10` 5 USD, `$5-10` 10 USD"),
            ("5-10", ""), ("5 to 10", ""), ("$5 to go", "`$5` 5 USD"), ("$5-", "`$5` 5 USD"), ("$5 to", "`$5` 5 USD"),
            ("$5 - ", "`$5` 5 USD"), ("$5 to x10", "`$5` 5 USD"),
            ("$5/month-$10/month", "`$5/month` 5 USD month, `$10/month` 10 USD month"),
            ("from 5 to 10 dollars", "`5 to 10 dollars` 5 USD, `5 to 10 dollars` 10 USD"),
            ("$5,000-$10,000/mo", "`$5,000-$10,000/mo` 5000 USD month, `$5,000-$10,000/mo` 10000 USD month"),
            ("2026-11-22", ""), ("10k-20k tokens", ""),
        ])
    func ranges(_ text: String, _ indicators: String) throws {
        #expect(try Money.told(text, try Words.builtIn()) == indicators)
    }

    @Test(
        "A symbol right before a number is that number's",
        arguments: [
            ("In 2026 $500 was paid", "`$500` 500 USD"), ("2 $500 vouchers", "`$500` 500 USD"),
            ("2026-11-22 $500", "`$500` 500 USD"),
            ("$5 $10", "`$5` 5 USD, `$10` 10 USD"), ("€5 €10 €15", "`€5` 5 EUR, `€10` 10 EUR, `€15` 15 EUR"),
            ("5 $ 10 $", "`5 $` 5 USD, `10 $` 10 USD"), ("5$ 10$", "`5$` 5 USD, `10$` 10 USD"),
            ("$5$10", "`$5` 5 USD, `$10` 10 USD"),
        ])
    func whose(_ text: String, _ indicators: String) throws {
        #expect(try Money.told(text, try Words.builtIn()) == indicators)
    }

    @Test(
        "Several of them, and words of a budget behind them in the list's order",
        arguments: [
            ("$5, €6 and 7k", "`$5` 5 USD, `€6` 6 EUR, `7k` 7000"), ("$5\n$6", "`$5` 5 USD, `$6` 6 USD"),
            ("$5;$5", "`$5` 5 USD, `$5` 5 USD"),
            ("cheaper? my budget is $5", "`$5` 5 USD, `budget`, `cheaper`"), ("affordable, unaffordable", "`afford`"),
            ("too  expensive", ""),
            ("BUDGETS 5k", "`5k` 5000, `budget`"),
            ("$5 a month or $50 a year", "`$5 a month` 5 USD month, `$50 a year` 50 USD year"),
        ])
    func several(_ text: String, _ indicators: String) throws {
        #expect(try Money.told(text, try Words.builtIn()) == indicators)
    }
}
