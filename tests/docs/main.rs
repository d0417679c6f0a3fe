//! What the documents say and how the sources are laid out: the code of DESIGN.md and of the
//! guide, who imports whom, and the form of lines and comments.

mod design;
mod guide;
mod imports;
mod lines;

#[path = "../common/picture.rs"]
mod picture;
