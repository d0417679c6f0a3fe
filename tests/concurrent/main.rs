//! Loops whose bodies run at once: `#[concurrent(n)]`.

#[path = "../common/mod.rs"]
mod common;

mod basics;
mod beside_python;
mod everywhere;
mod nested;
mod strained;
