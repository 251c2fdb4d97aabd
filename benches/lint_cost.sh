#!/bin/sh
# What the lint costs: `cargo check` of 200 listeners with it and without, in nine interleaved rounds. Where
# valgrind is installed, the instructions are counted too: the same number again and again.
set -eu
cd "$(dirname "$0")/.."
exec cargo test -p emissions-tests --test lint_corpus cost -- --ignored --nocapture --test-threads 1
