//! The service without forwith, as it is usually written: the time limit of tower-http, the guards
//! of sqlx, and a lock that is released on each way out that the code itself takes.

mod closing;
mod lock;
mod report;
mod serve;
mod statement;
mod transfer;

pub use serve::{Tasks, serve};
