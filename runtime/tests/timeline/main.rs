//! Timelines of executors: as text, as a trace and in short. Their pictures are tested in
//! `forwith-timeline`.

#[path = "../common/mod.rs"]
mod common;

mod chrome_trace;
mod resources;
mod summary;
mod text;
