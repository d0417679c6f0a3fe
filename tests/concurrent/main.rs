//! Loops whose bodies run at once: `#[concurrent(n)]`.

#[path = "../common/mod.rs"]
mod common;

mod basics;
mod everywhere;
mod nested;
mod strained;
