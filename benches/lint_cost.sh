#!/bin/sh
# What the lint costs: `cargo check` of 200 listeners with it and without, best of five interleaved rounds.
set -eu
cd "$(dirname "$0")/.."
exec cargo test -p emissions-tests --test lint_corpus cost -- --ignored --nocapture --test-threads 1
