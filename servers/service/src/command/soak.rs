//! The service for a long time, while its servers are disturbed.

use std::error::Error as StdError;
use std::time::Duration;

/// TODO
pub async fn soak(_time: Duration, _seed: u64) -> Result<bool, Box<dyn StdError>> {
    todo!()
}
