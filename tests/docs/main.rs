//! What the documents say and how the sources are laid out: the code of `DESIGN.md` and of the
//! guide, the lines of the tutorial, who imports whom, and the form of lines and comments.

mod design;
mod guide;
mod imports;
mod lines;
mod tutorial;

#[path = "../common/example.rs"]
mod example;
#[path = "../common/picture.rs"]
mod picture;
