//! The guide: its chapters are linked, its Python prints what it says, and its links into other
//! crates exist. Its Rust is tested by rustdoc.

mod links;
mod pictures;
mod sources;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the texts.
fn guide() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/guide")
}

/// The texts with their names, the table of contents included. Other files there are pictures.
fn texts() -> Vec<(String, String)> {
    let files = fs::read_dir(guide())
        .unwrap()
        .map(|file| file.unwrap().path());
    let texts = files.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let texts = texts.map(|path| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(path).unwrap())
    });
    let is_text = |name: &str| name.starts_with("step_") || OTHERS.contains(&name);
    let mut texts: Vec<_> = texts.filter(|(name, _)| is_text(name)).collect();
    let place = |name: &str| OTHERS.iter().position(|other| *other == name);
    texts.sort_by_key(|(name, _)| (place(name), name.clone()));
    texts
}

/// The texts beside the steps, in the order in which they follow them.
const OTHERS: [&str; 4] = ["in_a_server", "what_a_drop_does", "words", "contents"];

/// The chapters in order: the steps, and what follows them.
fn chapters() -> Vec<(String, String)> {
    let chapters = texts().into_iter().filter(|(name, _)| name != "contents");
    chapters.collect()
}

#[test]
fn chapters_are_listed_and_linked() {
    let modules = fs::read_to_string(guide().join("mod.rs")).unwrap();
    let contents = fs::read_to_string(guide().join("contents.md")).unwrap();
    let chapters = chapters();
    assert_eq!(chapters.len(), 13);
    for (name, _) in &chapters {
        assert!(modules.contains(&format!("pub mod {name} {{}}")), "{name}");
        assert!(contents.contains(&link(name)), "{name}");
    }
    for pair in chapters.windows(2) {
        let [(before, before_text), (after, after_text)] = pair else {
            unreachable!("windows of two")
        };
        assert!(last_links(before_text).contains(&format!("»]{}", link(after))));
        assert!(last_links(after_text).starts_with("[« "), "{after}");
        assert!(last_links(after_text).contains(&link(before)), "{after}");
    }
}

fn link(chapter: &str) -> String {
    format!("(crate::guide::{chapter})")
}

/// The line at the end of a chapter that leads to others.
fn last_links(text: &str) -> &str {
    let line = text.lines().rfind(|line| line.contains("[Contents]"));
    line.expect("each chapter leads back to the contents")
}

/// Other kinds of blocks, such as `rust,ignore`, could escape their test.
#[test]
fn blocks_are_tested_or_no_code() {
    for (name, text) in texts() {
        for (n, line) in text.lines().enumerate() {
            let Some(language) = line.strip_prefix("```") else {
                continue;
            };
            let known = ["", "rust", "python", "toml"].contains(&language);
            assert!(known, "{name}, line {}: {line}", n + 1);
        }
    }
}

/// A warning fails the test, and so does a block that does not run to its end.
#[test]
fn python_does_what_it_says() {
    let Some(python) = python() else {
        eprintln!("skipped: there is no Python 3.11 or newer here");
        return;
    };
    let run = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/docs/guide/run.py");
    for (name, text) in chapters() {
        let mut command = Command::new(python);
        command
            .arg("-X")
            .arg("utf8")
            .arg(&run)
            .arg(guide().join(format!("{name}.md")));
        let output = command.output().unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{name}:\n{complaint}");
        let ran = String::from_utf8_lossy(&output.stdout);
        let blocks = text.matches("```python").count();
        assert_eq!(ran.trim(), blocks.to_string(), "{name}");
    }
}

/// The command for a Python that has all that the guide shows.
fn python() -> Option<&'static str> {
    let has_all = |python: &&str| {
        let ask = "import sys; sys.exit(sys.version_info < (3, 11))";
        let asked = Command::new(python).arg("-c").arg(ask).output();
        asked.is_ok_and(|output| output.status.success())
    };
    ["python3", "python"].into_iter().find(has_all)
}

/// A link to `https://docs.rs/tokio/latest/tokio/sync/struct.Mutex.html` needs a
/// `tokio::sync::Mutex` in `links.rs`, which the compiler resolves.
#[test]
fn links_into_other_crates_exist() {
    let known = without_generics(include_str!("links.rs"));
    let mut count = 0;
    for (name, text) in texts() {
        for address in text.split("https://docs.rs/").skip(1) {
            let address = address.split([')', '\n']).next().unwrap();
            let path = path_of(address);
            assert!(
                known.contains(&format!(" {path};")),
                "{name} links to {path}, which is not in links.rs"
            );
            count += 1;
        }
    }
    assert!(count > 40, "{count}");
}

/// The code without each `::<…>`.
fn without_generics(code: &str) -> String {
    let mut parts = code.split("::<");
    let mut plain = parts.next().unwrap().to_owned();
    for part in parts {
        // The arguments contain at most one pair of brackets.
        let end = if part.starts_with("Ready<") {
            ">>"
        } else {
            ">"
        };
        plain.push_str(part.split_once(end).unwrap().1);
    }
    plain
}

/// `tokio/latest/tokio/sync/struct.Mutex.html#method.lock` is `tokio::sync::Mutex::lock`.
fn path_of(address: &str) -> String {
    let (_, page) = address
        .split_once("/latest/")
        .expect("a link to the latest version");
    let (page, anchor) = page.split_once('#').unwrap_or((page, ""));
    let page = page.strip_suffix(".html").expect("a link to a page");
    let page = page.strip_suffix("/index").unwrap_or(page);
    let (modules, item) = page.rsplit_once('/').unwrap_or(("", page));
    let item = item.rsplit('.').next().unwrap();
    let anchor = anchor.rsplit('.').next().unwrap();
    let parts = modules.split('/').chain([item, anchor]);
    let parts: Vec<_> = parts.filter(|part| !part.is_empty()).collect();
    parts.join("::")
}
