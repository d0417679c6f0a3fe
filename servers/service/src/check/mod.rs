//! What the servers and the kernel say of a service.

mod audit;
mod process;
mod servers;
mod transactions;

pub use audit::{Audit, Books, Held};
pub use process::Process;
pub use servers::Servers;
pub use transactions::Transactions;
