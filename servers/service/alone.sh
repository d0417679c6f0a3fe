#!/bin/bash
# What the service takes to build, and its size: with forwith, and without.
#
# Each of both becomes a program of its own, in a temporary folder. Printed is the processor time in
# which the program itself is built, behind its dependencies: the least of three release builds.
set -euo pipefail

service=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export CARGO_TARGET_DIR=$work/target

# make NAME MODULE DROPPED SERVE: writes a package with one of both services, without dependencies
# whose names begin as DROPPED says.
make() {
  mkdir -p "$1/src"
  cp -r "$service/src/bank" "$service/src/$2" "$service/src/start.rs" "$1/src/"
  grep -vE "^($3)" "$service/Cargo.toml" \
    | sed -e "s/forwith-example-service/$1/" \
      -e "s#path = \"\.\./#path = \"$service/../#" >"$1/Cargo.toml"
  printf '%s\n' '#![allow(missing_docs)]' 'pub mod bank;' "pub mod $2;" 'pub mod start;' \
    >"$1/src/lib.rs"
  cat >"$1/src/main.rs" <<EOF
//! One of both services.

use std::env::var;

use $1::start::{Start, end_with_stdin};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    end_with_stdin();
    let start = Start {
        database: var("DATABASE_URL")?,
        redis: var("REDIS_URL")?,
        dir: "statements".into(),
        port: 0,
        ends_with_stdin: true,
    };
    start.prepare().await?;
    let ended = $4.await?;
    println!("{}", serde_json::to_string(&ended)?);
    Ok(())
}
EOF
}

unused='forwith-testing|http-body-util|hyper|lexopt|tempfile'
make plain plain "$unused|forwith" 'plain::plain::serve(start, plain::plain::Tasks::Tracked)'
make with_forwith service "$unused|fastrand|tokio-util|tower-http" 'with_forwith::service::serve(start)'

cp "$service/../Cargo.lock" .
sed -e 's/^members = .*/members = ["plain", "with_forwith"]/' \
  -e "s#path = \"\.\.\"#path = \"$service/../..\"#" "$service/../Cargo.toml" >Cargo.toml

cargo build --release --quiet
declare -A least
TIMEFORMAT='%U %S'
for _ in 1 2 3; do
  for name in plain with_forwith; do
    touch "$name/src/lib.rs"
    times=$({ time cargo build --release --quiet --package "$name"; } 2>&1)
    least[$name]=$(awk -v least="${least[$name]:-999999}" '{ t = $1 + $2 } END { print t < least ? t : least }' <<<"$times")
  done
done
for name in plain with_forwith; do
  size=$(stat --format %s "$CARGO_TARGET_DIR/release/$name")
  awk -v name=$name -v time="${least[$name]}" -v size="$size" \
    'BEGIN { printf "%-14s %5.1f s %6.2f MB\n", name, time, size / 1e6 }'
done
