//! Coroutines that a person steps, to see what a scheduler sees.

mod coroutine;
mod request;
mod scheduled;
mod stepper;

pub use coroutine::{Coroutine, Finished};
pub use request::{Reply, Request, Step};
pub use scheduled::Scheduled;
