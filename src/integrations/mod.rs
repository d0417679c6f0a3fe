//! What is there for one executor only, each under a feature of its name.

#[cfg(feature = "smol")]
mod smol;
#[cfg(feature = "tokio")]
pub mod tokio;
