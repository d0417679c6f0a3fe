//! What the program does, but for the service itself.

mod cost;
mod load;
mod soak;
mod table;

pub use cost::cost;
pub use load::load;
pub use soak::soak;
