//! What the macros expand to: whether it runs as written, passes every lint and
//! uses no name that is not there for it.

// The lints of `lints/mod.rs` that only work for a whole crate.
#![deny(
    future_incompatible,
    non_ascii_idents,
    rust_2024_compatibility,
    rust_2021_compatibility
)]

mod formatting;
mod lints;
mod private_names;
mod random_programs;
