import ArgumentParser
import ParleyHost

/// The options of every command with a host.
struct StoreOptions: ParsableArguments {
    @Option(help: "The store's folder (else $PARLEY_HOME, else ~/.local/share/parley).")
    var store: String?

    @Option(help: "The config file (else $PARLEY_CONFIG, else ~/.config/parley/parley.json where there is one).")
    var config: String?

    @Option(help: "When an answer may go out: fsync (the disk has it) or os (the kernel has it).")
    var durability: HostOptions.Durability = .fsync

    var place: StorePlace { StorePlace(store: store, config: config, durability: durability) }
}
