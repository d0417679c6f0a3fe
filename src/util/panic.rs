//! Panics: catching, containing and resuming them. Without `std` none is caught.

#[cfg(feature = "std")]
mod imp {
    use std::any::Any;
    use std::boxed::Box;
    use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
    use std::string::String;

    /// The payload of a panic.
    pub type Payload = Box<dyn Any + Send>;

    /// A payload behind one pointer, to be kept in futures.
    pub struct Thin(Box<Payload>);

    impl Thin {
        pub fn new(payload: Payload) -> Self {
            Thin(Box::new(payload))
        }

        pub fn get(&self) -> &Payload {
            &self.0
        }

        pub fn into_inner(self) -> Payload {
            *self.0
        }

        /// Resumes the panic.
        pub fn resume(self) -> ! {
            resume(*self.0)
        }
    }

    /// Runs `f` and catches its panic. A value that has panicked is only dropped afterwards.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn catch<T>(f: impl FnOnce() -> T) -> Result<T, Payload> {
        let f = AssertUnwindSafe(f);
        catch_unwind(
            #[cfg_attr(not(debug_assertions), inline(always))]
            move || {
                let f = f; // as a whole, which may unwind
                (f.0)()
            },
        )
    }

    /// Runs `f` and discards its panic: an earlier panic goes first, or no caller could be told.
    pub fn contain(f: impl FnOnce()) {
        if let Err(payload) = catch(f) {
            discard(payload);
        }
    }

    /// Drops a payload. If its destructor panics, that second payload is forgotten.
    pub fn discard(payload: Payload) {
        if let Err(second) = catch(|| drop(payload)) {
            std::mem::forget(second);
        }
    }

    /// Resumes a panic that was caught.
    pub fn resume(payload: Payload) -> ! {
        resume_unwind(payload)
    }

    /// The message of a panic. It is empty if the payload is no text.
    pub fn message(payload: &Payload) -> &str {
        if let Some(text) = payload.downcast_ref::<&'static str>() {
            text
        } else {
            payload.downcast_ref::<String>().map_or("", String::as_str)
        }
    }

    /// Whether this thread is unwinding.
    pub fn is_under_way() -> bool {
        std::thread::panicking()
    }
}

#[cfg(not(feature = "std"))]
#[allow(
    clippy::needless_pass_by_value,
    clippy::unnecessary_wraps,
    reason = "these do more with `std`"
)]
mod imp {
    use core::convert::Infallible;

    /// There is no payload, because no panic is caught.
    pub type Payload = Infallible;

    pub struct Thin(Payload);

    impl Thin {
        pub fn new(payload: Payload) -> Self {
            Thin(payload)
        }

        pub fn get(&self) -> &Payload {
            &self.0
        }

        pub fn into_inner(self) -> Payload {
            self.0
        }

        pub fn resume(self) -> ! {
            match self.0 {}
        }
    }

    #[inline]
    pub fn catch<T>(f: impl FnOnce() -> T) -> Result<T, Payload> {
        Ok(f())
    }

    pub fn contain(f: impl FnOnce()) {
        f();
    }

    pub fn discard(payload: Payload) {
        match payload {}
    }

    pub fn resume(payload: Payload) -> ! {
        match payload {}
    }

    pub fn message(payload: &Payload) -> &str {
        match *payload {}
    }
}

#[cfg(feature = "std")]
pub use imp::is_under_way;
pub use imp::{Payload, Thin, catch, contain, discard, message, resume};
