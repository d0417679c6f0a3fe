//! What the servers and the kernel say of a service.

mod archive;
mod audit;
mod process;
mod servers;
mod told;
mod transactions;

pub use archive::archive;
pub use audit::{Audit, Books, Held};
pub use process::Process;
pub use servers::Servers;
pub use told::Told;
pub use transactions::Transactions;
