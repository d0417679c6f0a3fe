//! Builds the packages, in a workspace of their own, and tells what that took.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::cpu;
use super::generate::{Package, write};

/// What cargo is to do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Task {
    Check,
    Build(Profile),
}

/// How a program is built.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Profile {
    /// The default of `cargo build`.
    Dev,
    /// The default of `cargo build --release`.
    Release,
    /// For size, with link-time optimisation, and panics that abort.
    Small,
}

const SMALL: &str = "\
[profile.small]
inherits = \"release\"
opt-level = \"s\"
lto = \"fat\"
panic = \"abort\"
";

/// Optimises macros and build scripts.
const FAST_MACROS: &str = "profile.dev.build-override.opt-level=3";

impl Profile {
    fn name(self) -> &'static str {
        match self {
            Profile::Dev => "dev",
            Profile::Release => "release",
            Profile::Small => "small",
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Profile::Dev => "debug",
            Profile::Release | Profile::Small => self.name(),
        }
    }
}

/// A workspace with packages that use forwith, below the target folder of this program.
pub struct Workspace {
    folder: PathBuf,
    target: PathBuf,
    /// The names of the packages.
    names: BTreeSet<String>,
    has_fast_macros: bool,
}

impl Workspace {
    /// Writes the packages. Their dependencies have the versions of our own lock file.
    pub fn write(packages: impl IntoIterator<Item = Package>) -> Result<Self, String> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let ours = program
            .ancestors()
            .nth(2)
            .ok_or("this program is in no target folder")?;
        let folder = ours.join("code");
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let root = root.canonicalize().map_err(|error| error.to_string())?;
        let mut names = BTreeSet::new();
        for package in packages {
            package.write(&folder, &root)?;
            names.insert(package.name());
        }
        let members = Vec::from_iter(&names);
        let manifest = format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n\n{SMALL}");
        write(&folder.join("Cargo.toml"), &manifest)?;
        fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))
            .map_err(|error| format!("Cargo.lock: {error}"))?;
        Ok(Workspace {
            target: folder.join("target"),
            folder,
            names,
            has_fast_macros: false,
        })
    }

    /// The workspace with optimised macros and build scripts.
    pub fn with_fast_macros(&self) -> Self {
        Workspace {
            folder: self.folder.clone(),
            target: self.target.clone(),
            names: self.names.clone(),
            has_fast_macros: true,
        }
    }

    /// Builds or checks a package, with what it depends on. Gives the CPU seconds.
    pub fn make(&self, package: Package, task: Task) -> Result<f64, String> {
        let name = package.name();
        match task {
            Task::Check => self.run(&["check", "--package", &name]),
            Task::Build(profile) => {
                self.run(&["build", "--package", &name, "--profile", profile.name()])
            }
        }
    }

    /// Builds or checks a package whose only file has been touched. Gives the CPU seconds.
    pub fn make_again(&self, package: Package, task: Task) -> Result<f64, String> {
        self.touch(package)?;
        self.make(package, task)
    }

    /// Builds or checks a package, and nothing that it depends on, as if for the first time.
    pub fn make_anew(&self, package: Package, task: Task) -> Result<f64, String> {
        remove(&self.target.join("debug/incremental"))?;
        self.make_again(package, task)
    }

    /// Builds forwith and what it depends on for the first time. Gives the CPU seconds.
    pub fn make_forwith(&self) -> Result<f64, String> {
        let target = self.folder.join("cold");
        remove(&target)?;
        let arguments = ["build", "--package", "forwith"];
        let cpu = measured(self.command(&arguments).arg("--target-dir").arg(&target))?.0;
        remove(&target)?;
        Ok(cpu)
    }

    /// Seconds for the expansion of all macros in a package whose dependencies have been checked.
    pub fn expand(&self, package: Package) -> Result<f64, String> {
        let name = package.name();
        let arguments = ["rustc", "--profile", "check", "--package", &name];
        self.touch(package)?;
        let (_, told) = measured(self.command(&arguments).args(["--", "-Ztime-passes"]))?;
        expansion(&told).ok_or_else(|| format!("the compiler tells of no expansion:\n{told}"))
    }

    /// The program of a package that has been built.
    pub fn program(&self, package: Package, profile: Profile) -> PathBuf {
        self.target.join(profile.folder()).join(package.name())
    }

    /// Makes the file of a package younger, and leaves its text.
    fn touch(&self, package: Package) -> Result<(), String> {
        let file = self.folder.join(package.name()).join("src/main.rs");
        let touched = fs::read(&file).and_then(|text| fs::write(&file, text));
        touched.map_err(|error| format!("{}: {error}", file.display()))
    }

    fn run(&self, arguments: &[&str]) -> Result<f64, String> {
        Ok(measured(
            self.command(arguments)
                .arg("--target-dir")
                .arg(&self.target),
        )?
        .0)
    }

    /// Cargo with these arguments, in this workspace, with none of the settings of our own build.
    fn command(&self, arguments: &[&str]) -> Command {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command
            .args(arguments)
            .arg("--offline")
            .current_dir(&self.folder);
        if self.has_fast_macros {
            command.args(["--config", FAST_MACROS]);
        }
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            let is_setting = ["CARGO_PROFILE_", "CARGO_BUILD_"]
                .iter()
                .any(|begin| name.starts_with(begin));
            if is_setting || SETTINGS.contains(&&*name) {
                command.env_remove(&*name);
            }
        }
        // Lets the compiler time its passes. Set for all, since build scripts look at it.
        let crates: Vec<_> = self
            .names
            .iter()
            .map(|name| name.replace('-', "_"))
            .collect();
        command.env("RUSTC_BOOTSTRAP", crates.join(","));
        command
    }
}

/// Settings of our own build that would change what is measured.
const SETTINGS: [&str; 5] = [
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_INCREMENTAL",
    "CARGO_TARGET_DIR",
    "RUSTC_WRAPPER",
    "RUSTFLAGS",
];

/// Runs cargo. Gives the CPU seconds of it and all that it has run, and what it told on stderr.
fn measured(command: &mut Command) -> Result<(f64, String), String> {
    let before = cpu::of_children()?;
    let output = command
        .output()
        .map_err(|error| format!("cargo cannot be run: {error}"))?;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        return Err(format!("{told}\n{HINT}"));
    }
    Ok((cpu::of_children()? - before, told))
}

const HINT: &str = "If a package is missing: `cargo fetch` in our workspace downloads it.";

/// The seconds that the compiler's `-Ztime-passes` tells for expansion, in a line such as
/// `time:   0.260; rss:   71MB ->  139MB (  +68MB)  macro_expand_crate`.
fn expansion(told: &str) -> Option<f64> {
    let line = told
        .lines()
        .find(|line| line.ends_with("\tmacro_expand_crate"))?;
    line.trim_start()
        .strip_prefix("time:")?
        .split(';')
        .next()?
        .trim()
        .parse()
        .ok()
}

fn remove(folder: &Path) -> Result<(), String> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(format!("{}: {error}", folder.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::expansion;

    #[test]
    fn expansion_is_found() {
        let told = "\
   Compiling plain-ours-200 v0.0.0
time:   0.001; rss:   41MB ->   43MB (   +2MB)\tparse_crate
time:   0.260; rss:   71MB ->  139MB (  +68MB)\tmacro_expand_crate
time:   0.261; rss:   71MB ->  139MB (  +68MB)\texpand_crate
";
        assert_eq!(expansion(told), Some(0.26));
        assert_eq!(expansion(""), None);
    }
}
