# Short names for what README and CI run.

# Start the demonstration publication.
run *ARGS:
    cargo run --release -- demo {{ARGS}}

# All checks and tests, before a change is merged.
test:
    scripts/test

# Format and lints alone.
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --locked -- -D warnings

# The binary for production and the list of what is in it (CycloneDX).
# Needs cargo-sbom: cargo install cargo-sbom
release:
    cargo build --profile dist --locked
    cargo sbom --cargo-package masthead --output-format cyclone_dx_json_1_6 > target/dist/masthead.cdx.json

# Known vulnerabilities in dependencies. Needs access to the RustSec database.
advisories:
    scripts/dependencies --advisories

# The benchmarks, compared with nginx. Needs nginx and wrk: apt-get install nginx-light wrk
# `just bench compare` also installs Ghost below target/compare and measures it; needs npm, g++, make and python3.
bench *ARGS:
    cargo build --profile dist --locked -p masthead -p masthead-benches
    target/dist/bench {{ARGS}}

# Counts the instructions of each kind of request, compared with benches/budgets.toml. Needs valgrind: apt-get install valgrind
# The budgets are for the profile dist; with another one the counts are only printed.
guard PROFILE="dist":
    cargo build --profile {{PROFILE}} --locked -p masthead -p masthead-benches
    target/{{ if PROFILE == "dev" { "debug" } else { PROFILE } }}/bench guard

# What a first visit weighs, and its largest contentful paint on a slow phone, which must be at most LIMIT milliseconds for an article.
# Needs Chromium, and a machine that does nothing else.
lcp LIMIT="1560":
    MASTHEAD_LCP_LIMIT_MS={{LIMIT}} cargo test --locked -p masthead --test browser -- --nocapture --test-threads=1 a_first_visit

# Random input for each parser, half a minute each. Needs cargo-fuzz: cargo install cargo-fuzz
fuzz SECONDS="30":
    for target in $(cargo fuzz list); do \
        mkdir -p "fuzz/corpus/$target" "fuzz/seeds/$target" && cargo fuzz run --sanitizer none "$target" "fuzz/corpus/$target" "fuzz/seeds/$target" -- -max_total_time={{SECONDS}} -timeout=10 || exit 1; \
    done

# Kills, cuts off and starves the real program, and checks that nothing is lost: so many rounds of each test.
torture COUNT="100" NAME="":
    MASTHEAD_TORTURE={{COUNT}} cargo test --workspace --locked --test torture -- --nocapture --test-threads=1 {{NAME}}

# Requests that the API description allows, and requests that it does not.
describe EXAMPLES="200":
    scripts/describe {{EXAMPLES}}

# Renew the screenshots of the guide and the README.
screens:
    cargo test --locked -p masthead --test browser
    mkdir -p docs/src/screens
    cp target/screens/front.png docs/src/screens/
    cp target/screens/offers-light-1280.png docs/src/screens/offers.png
    cp target/screens/checkout-light-360.png docs/src/screens/checkout.png
    cp target/screens/account-subscribed-light-360.png docs/src/screens/account-subscribed.png
    cp target/screens/desk-people-light-1280.png docs/src/screens/desk-people.png
    cp target/screens/desk-article-pictures-light-1280.png docs/src/screens/desk-article.png
    cp target/screens/desk-revisions-light-1280.png docs/src/screens/desk-revisions.png
    cp target/screens/desk-figures-light-1280.png docs/src/screens/desk-figures.png
    cp target/screens/desk-fronts-light-1280.png docs/src/screens/desk-fronts.png
    cp target/screens/desk-meter-new-light-1280.png docs/src/screens/desk-meter.png
    cp target/screens/desk-message-light-1280.png docs/src/screens/desk-message.png
    cp target/screens/desk-experiment-light-1280.png docs/src/screens/desk-experiment.png
    cp target/screens/desk-offer-light-1280.png docs/src/screens/desk-offer.png
    cp target/screens/desk-product-light-1280.png docs/src/screens/desk-product.png
    cp target/screens/desk-sections-light-1280.png docs/src/screens/desk-sections.png
    cp target/screens/desk-reader-light-1280.png docs/src/screens/desk-reader.png
    cp target/screens/desk-why-light-1280.png docs/src/screens/desk-why.png
    cp target/screens/sign-in-light-1280.png docs/src/screens/sign-in.png
    cp target/screens/account-invoice-light-360.png docs/src/screens/account-invoice.png
