//! Tests of how deep a body's `Err` may be, as its tokens show it.

use std::iter;

use proc_macro2::{Delimiter, Group, TokenStream};
use quote::quote;

use crate::write::depth::{Depth, Depths};

fn depths(body: TokenStream) -> Depths {
    Depths::of(&Group::new(Delimiter::Brace, body), iter::empty())
}

#[test]
fn body_without_a_value_gives_no_nested_result() {
    for body in [
        quote!(),
        quote!(work().await?;),
        quote!(if is_done {} work();),
        quote!(Ok(())),
        quote!(work().await?; Ok(())),
        quote!(for item in items { work(item); } Ok(())),
        quote!(work(); Ok::<(), Error>(())),
        quote!(work(); Ok::<_, Box<dyn Error>>(())),
    ] {
        assert_eq!(depths(body.clone()).value, Depth::Outermost, "{body}");
    }
}

#[test]
fn value_of_a_body_may_be_any() {
    for body in [
        quote!(work().await),
        quote!(work(); work().await),
        quote!(Ok(work().await)),
        quote!(Ok(Ok(()))),
        quote!(Ok(Err(()))),
        quote!(Ok({})),
        quote!(Err(())),
        quote!(Ok(()).and(work())),
        quote!(let Ok(()) = work() else { return }),
        quote!(if is_done { work() } else { Ok(()) }),
        quote!(match work() {
            Ok(()) => 1,
        }),
        quote!(work!(Ok(()))),
        quote!(
            #[cfg(unix)]
            Ok(())
        ),
        quote!(some::Ok(())),
    ] {
        assert_eq!(depths(body.clone()).value, Depth::Any, "{body}");
    }
}

#[test]
fn question_mark_returns_the_outermost_error() {
    for body in [
        quote!(work().await?; println!("{}", work()?)),
        quote!(async_with!(work() as inner, {
            inner.work()?;
        })),
        quote!(assert!(a != b && !(c)); if !(c) {}),
        quote!(if c {
            match !(c) {
                _ => (),
            }
        }),
    ] {
        assert_eq!(depths(body.clone()).returned, Depth::Outermost, "{body}");
    }
}

#[test]
fn what_is_returned_may_be_any() {
    for body in [
        quote!(return Ok(Err(()));),
        quote!(if let [one] = work() {
            vec![{ return one }];
        }),
        quote!(async_with!(work() as inner, { return inner; });),
        quote!(println!("{}", return work())),
        quote!(ensure!(is_done);),
        quote!(forwith::async_for!(item in items { own::ensure!(item) })),
    ] {
        assert_eq!(depths(body.clone()).returned, Depth::Any, "{body}");
    }
}

#[test]
fn resources_that_the_body_enters_may_return() {
    let body = Group::new(Delimiter::Brace, quote!(work()?;));
    let returning = quote!(if is_done { open() } else { return Ok(Err(())) });
    let depths = Depths::of(&body, iter::once(returning));
    assert_eq!(depths.returned, Depth::Any);
}
