//! The command line.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::pairs::ANIMALS;

const URL: &str = "mock://db.somedomain.net";

pub const USAGE: &str = "\
usage: cargo run --package forwith-example-database [-- [--timeline OUT] [URL [FILE]]]

URL   mock://db.somedomain.net (a pretend server) or redb://PATH (a real database in
      that file, with `--features redb`)
FILE  lines such as `cow: Moo!`
OUT   where to write who ran when: a picture in a file that ends in .svg, or a trace for
      ui.perfetto.dev in one that ends in .json (with `--features chrome-trace`)
";

pub struct Options {
    pub url: String,
    pub file: PathBuf,
    pub timeline: Option<Output>,
}

/// The file for the timeline, and its form.
pub enum Output {
    Picture(PathBuf),
    #[cfg(feature = "chrome-trace")]
    Trace(PathBuf),
}

impl Options {
    /// `None` if the user asks for help.
    pub fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Option<Self>, Error> {
        let mut arguments = arguments.fuse();
        let (mut timeline, mut others) = (None, Vec::new());
        while let Some(argument) = arguments.next() {
            match argument.to_str() {
                Some("-h" | "--help") => return Ok(None),
                Some("--timeline") => timeline = Some(Output::parse(arguments.next())?),
                Some(option) if option.starts_with('-') => {
                    return Err(Error::new(format!(
                        "there is no option `{option}`: see `--help`"
                    )));
                }
                _ => others.push(argument),
            }
        }
        let mut others = others.into_iter();
        let (url, file) = (others.next(), others.next());
        if let Some(more) = others.next() {
            return Err(Error::new(format!(
                "`{}` is one argument too many: see `--help`",
                more.to_string_lossy()
            )));
        }
        Ok(Some(Options {
            url: text(url.as_deref().unwrap_or(OsStr::new(URL)))?,
            file: file.map_or_else(|| ANIMALS.into(), PathBuf::from),
            timeline,
        }))
    }
}

fn text(url: &OsStr) -> Result<String, Error> {
    let text = url.to_str().map(str::to_owned);
    text.ok_or_else(|| Error::new(format!("the URL {} is no text", url.to_string_lossy())))
}

impl Output {
    fn parse(path: Option<OsString>) -> Result<Self, Error> {
        let path = path.map(PathBuf::from);
        let path = path.ok_or_else(|| {
            Error::new("`--timeline` must be followed by a file, such as `--timeline out.svg`")
        })?;
        match path.extension().and_then(OsStr::to_str) {
            Some("svg") => Ok(Output::Picture(path)),
            #[cfg(feature = "chrome-trace")]
            Some("json") => Ok(Output::Trace(path)),
            #[cfg(not(feature = "chrome-trace"))]
            Some("json") => Err(Error::new(
                "this build writes no traces: run it with `cargo run --features chrome-trace`",
            )),
            _ => Err(Error::new(format!(
                "`{}` must end in .svg, for a picture, or in .json, for a trace",
                path.display()
            ))),
        }
    }

    pub fn path(&self) -> &Path {
        match self {
            Output::Picture(path) => path,
            #[cfg(feature = "chrome-trace")]
            Output::Trace(path) => path,
        }
    }
}
