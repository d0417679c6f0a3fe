//! A layer.
#![forbid(unsafe_code)]

mod answer;
mod body;
mod exchange;
mod grpc_timeout;
mod layer;
mod line;
mod reason;
mod request;
mod response;
mod settings;
mod shared;
mod shutdown;
mod signals;
mod tracker;

pub use answer::CutShort;
pub use body::ResponseBody;
pub use layer::{TrackLayer, TrackService};
pub use reason::Reason;
pub use response::ResponseFuture;
pub use shutdown::{Left, Shutdown};
pub use tracker::{Task, Tracker};
