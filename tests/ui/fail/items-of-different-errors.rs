use forwith::async_with;
use support::{connect, listen};

async fn rows() -> Result<usize, String> {
    async_with!(connect() as db, listen(), { db.rows.len() })
}

/// The error of the function is no help, for anything becomes that.
async fn boxed() -> Result<usize, Box<dyn std::error::Error>> {
    Ok(async_with!(connect() as db, listen(), { db.rows.len() })?)
}

fn main() {}
