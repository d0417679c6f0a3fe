//! The CPU time of programs that this one has run.

/// User and system seconds of the programs that have ended, and of those that they have run.
#[cfg(unix)]
pub fn of_children() -> Result<f64, String> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeVal;

    #[expect(clippy::cast_precision_loss, reason = "fewer microseconds than 2^52")]
    fn seconds(time: TimeVal) -> f64 {
        time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6
    }

    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|error| error.to_string())?;
    Ok(seconds(usage.user_time()) + seconds(usage.system_time()))
}

#[cfg(not(unix))]
pub fn of_children() -> Result<f64, String> {
    Err("CPU time is measured on Unix only".into())
}
