//! What the documents say and how the sources are laid out: the code of the README and of the
//! guide, who imports whom, and the form of lines and comments.

mod guide;
mod imports;
mod lines;
mod readme;

#[path = "../common/picture.rs"]
mod picture;
