//! Code that must compile and run.
#![allow(
    warnings,
    clippy::all,
    clippy::pedantic,
    reason = "the code is unusual on purpose"
)]

mod errors;
mod expression_positions;
mod handed_on_fragments;
mod inner_jumps;
mod jumps_under_cfg;
mod jumps_with_values;
mod locals;
mod loop_options;
mod loops;
mod marked_bodies;
mod methods_of_the_same_name;
mod minimal_bodies;
mod names_of_items;
mod nested_macros;
mod no_prelude;
mod paths;
mod races;
mod raw_identifiers;
mod send_tasks;
mod several_resources;
mod sources;
mod struct_literals;
mod taken_names;
mod ways_out;
