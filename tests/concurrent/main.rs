//! Loops whose bodies run at once: `#[concurrent(n)]`.

#[path = "../common/mod.rs"]
mod common;

mod beside_python;
mod bodies;
mod everywhere;
mod nested;
mod strained;
mod ways_out;
