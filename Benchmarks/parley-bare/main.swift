// The least a Swift program can do. How long it takes to start is what the start of the host is held against.
print("ready")
