//! A small disk that can be full.

use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Mounts a disk in memory at `$dir`, until the program has ended, in whichever way. A Ctrl-C comes
/// to the shell, too, which is to stay.
const SCRIPT: &str = "\
    trap '' INT TERM
    mount -t tmpfs -o size=16m forwith-example \"$dir\" || exit
    echo mounted
    read -r _
    umount -l \"$dir\"";

/// What fills it. It is none of the service's files.
const FILLING: &str = "filling";

/// A disk in memory. It is unmounted when this is dropped.
pub struct Disk {
    dir: PathBuf,
    shell: Child,
}

impl Disk {
    /// Mounts it at this folder, which is created.
    ///
    /// # Errors
    ///
    /// The system does not allow it, which takes root's rights.
    pub fn mount(dir: &Path) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        let mut shell = Command::new("sh")
            .args(["-c", SCRIPT])
            .env("dir", dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let said = shell.stdout.take().expect("it is piped");
        let mut line = String::new();
        BufReader::new(said).read_line(&mut line)?;
        if line.is_empty() {
            let mut errors = shell.stderr.take().expect("it is piped");
            errors.read_to_string(&mut line)?;
            shell.wait()?;
            return Err(io::Error::other(line.trim().to_owned()));
        }
        let dir = dir.to_owned();
        Ok(Disk { dir, shell })
    }

    /// Writes until there is no space.
    ///
    /// # Errors
    ///
    /// Others than that there is no space.
    pub fn fill(&self) -> io::Result<()> {
        let mut filling = fs::File::create(self.dir.join(FILLING))?;
        match io::copy(&mut io::repeat(0), &mut filling) {
            Err(error) if error.kind() == io::ErrorKind::StorageFull => Ok(()),
            filled => filled.map(|_| ()),
        }
    }

    /// Gives the space back.
    ///
    /// # Errors
    ///
    /// The file is not there.
    pub fn free(&self) -> io::Result<()> {
        fs::remove_file(self.dir.join(FILLING))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // It has unmounted the disk then, and the folder can be removed.
        let _ = self.shell.wait();
    }
}
