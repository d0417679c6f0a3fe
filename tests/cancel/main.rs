//! Scopes that are stopped: by hand-written traces, by random trees and by a table of all strikes.

#[path = "../common/mod.rs"]
mod common;

mod adversaries;
mod cancelled;
mod everywhere;
mod lessons;
mod random_scopes;
