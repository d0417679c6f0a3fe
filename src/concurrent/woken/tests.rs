//! What the list gives, on one thread.
