//! Scopes that are stopped: hand-written traces, random trees and a table of all strikes.

#[path = "../common/mod.rs"]
mod common;

mod adversaries;
mod adversaries_of_nodes;
mod body_stop;
mod cancelled;
mod collected;
mod deadlines;
mod everywhere;
mod groups;
mod lessons;
mod random_groups;
mod random_scopes;
mod reasons;
mod together;
mod until_cancelled;
