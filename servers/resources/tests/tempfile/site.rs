//! A folder to look into, and a thread that is busy.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use forwith_testing::until;

/// A folder in which a test makes what is temporary.
pub struct Site(TempDir);

impl Site {
    pub fn new() -> Self {
        Site(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// What is there.
    pub fn names(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(self.path()).unwrap();
        files.map(|file| file.unwrap().path()).collect()
    }

    pub async fn until_empty(&self, what: &str) {
        until(&format!("an empty folder: {what}"), async || {
            let names = self.names();
            if names.is_empty() { Ok(()) } else { Err(names) }
        })
        .await;
    }
}

/// A runtime with one thread for calls that block, so that they take turns.
pub fn one_thread() -> tokio::runtime::Runtime {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime
        .max_blocking_threads(1)
        .enable_all()
        .build()
        .unwrap()
}

/// Keeps the thread busy until the sender is dropped.
pub fn keep_busy() -> std::sync::mpsc::Sender<()> {
    let (sender, receiver) = std::sync::mpsc::channel::<()>();
    tokio::task::spawn_blocking(move || receiver.recv());
    sender
}
