//! What lies between the events: how long a task ran, what it waited for, and which resources it
//! had entered.

mod player;
mod resources;
mod stretch;
mod task;
#[cfg(test)]
mod tests;

pub(crate) use player::{Replayed, play, survey};
pub(crate) use stretch::{Doing, Holding, Phase, Stretch, Wait};
