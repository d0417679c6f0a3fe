//! The code of the README and of the guide.

mod guide;
mod readme;

#[path = "../common/picture.rs"]
mod picture;
