# What README and CI call, under short names.

# Start the demonstration publication.
run *ARGS:
    cargo run --release -- demo {{ARGS}}

# Everything that must hold before a change lands.
test:
    scripts/test

# Format and lints alone.
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --locked -- -D warnings
