//! Pictures that the guide shows.

use std::path::Path;

/// Compares a picture with its two files, named from the package's folder: an image for readers of
/// the sources, and a link that contains the image for rustdoc, which finds no file.
/// `UPDATE_EXPECT` writes both.
pub fn expect_picture(name: &str, picture: &str) {
    expect(&format!("{name}.svg"), picture);
    let link = format!("[picture]: data:image/svg+xml,{}\n", escaped(picture));
    expect(&format!("{name}.md"), &link);
}

fn expect(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    // A checkout may have other line endings.
    let expected = std::fs::read_to_string(&path)
        .unwrap()
        .replace("\r\n", "\n");
    assert!(
        expected == text,
        "{file} is out of date: UPDATE_EXPECT=1 cargo test --package {} --test {}",
        env!("CARGO_PKG_NAME"),
        env!("CARGO_CRATE_NAME")
    );
}

/// Percent-encodes the text for a link.
fn escaped(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z'
        | b'A'..=b'Z'
        | b'0'..=b'9'
        | b'-'
        | b'.'
        | b'_'
        | b'/'
        | b':'
        | b'='
        | b',' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}
