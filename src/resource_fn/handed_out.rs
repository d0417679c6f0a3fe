//! What every form of a function hands out: a resource that stands for the value.

/// Lets a resource stand for its value, which is in its field `lent`.
macro_rules! stands_for_value {
    ($name:ident: impl[$($generics:tt)*] $type:ty) => {
        impl<$($generics)*> HoldsValue for $type {
            type Value = T;

            #[inline]
            fn value_mut(&mut self) -> &mut T {
                self
            }
        }

        impl<$($generics)*> Deref for $type {
            type Target = T;

            fn deref(&self) -> &T {
                match &self.lent {
                    Some(lent) => &lent.value,
                    None => unreachable!("its exit takes it by value"),
                }
            }
        }

        impl<$($generics)*> DerefMut for $type {
            fn deref_mut(&mut self) -> &mut T {
                match &mut self.lent {
                    Some(lent) => &mut lent.value,
                    None => unreachable!("its exit takes it by value"),
                }
            }
        }

        impl<$($generics)*> Debug for $type
        where
            T: Debug,
        {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($name)).field(&**self).finish()
            }
        }
    };
}

/// Makes a resource of a function that may borrow. Its second part cannot be handed over, so it is
/// lost where the resource is dropped. What the function holds is abandoned by its own rules.
macro_rules! borrows {
    ($name:ident: impl[$($generics:tt)*] $type:ty, exit: impl[$($exit:tt)*]) => {
        #[diagnostic::do_not_recommend]
        impl<$($exit)*> AsyncExit for $type {
            type Error = E;

            fn exit(mut self, outcome: Outcome<'_>) -> impl Future<Output = Result<(), E>> {
                let lent = self.lent.take().expect("an exit begins once");
                lent.begin_exit(outcome.into())
            }

            fn abandon(mut self, mut handoff: Handoff<'_>) {
                let mut dropped = Ok(());
                let lent = self.lent.take();
                let exits = reaper::gather(|| dropped = panic::catch(|| drop(lent)));
                handoff.report_lost();
                handoff.run_side_by_side(exits);
                dropped.unwrap_or_else(|payload| panic::resume(payload));
            }
        }

        /// A value that is never exited is lost.
        impl<$($generics)*> Drop for $type {
            #[inline]
            fn drop(&mut self) {
                if let Some(lent) = self.lent.take() {
                    report_lost(type_name::<Self>());
                    drop(lent);
                }
            }
        }

        stands_for_value!($name: impl[$($generics)*] $type);
    };
}

pub(super) use {borrows, stands_for_value};
