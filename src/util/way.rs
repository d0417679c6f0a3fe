//! How the code continues behind a macro.

/// How the code continues behind a body.
pub enum Way<R> {
    /// Behind the macro (0), or by a jump.
    Jump(u16),
    /// Out of the enclosing function.
    Return(R),
}
