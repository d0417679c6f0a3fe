//! What lies between the events: how long a task ran, what it waited for, and which resources it had entered.

mod held;
mod player;
mod stretch;
#[cfg(test)]
mod tests;

pub(crate) use player::{Played, play, survey};
pub(crate) use stretch::{Doing, Holding, Phase, Stretch, Wait};
