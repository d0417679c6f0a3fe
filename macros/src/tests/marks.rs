//! Finding the calls of `mark_failed!`. Tests have code twice: plain, and with the mark `b` told.

use proc_macro2::{Ident, Span, TokenStream};

use crate::jumps::{self, Marks};

fn tell(body: &str) -> Option<(String, Marks)> {
    let mark = Ident::new("b", Span::call_site());
    let (told, marks) = jumps::mark(body.parse().unwrap(), &mark)?;
    Some((told.to_string(), marks))
}

#[track_caller]
fn becomes(body: &str, expected: &str) {
    let expected: TokenStream = expected.parse().unwrap();
    let told = tell(body).map(|(told, _)| told);
    assert_eq!(told, Some(expected.to_string()), "{body}");
}

#[track_caller]
fn stays(body: &str) {
    assert_eq!(tell(body).map(|(told, _)| told), None, "{body}");
}

#[test]
fn calls_are_found_everywhere() {
    becomes("mark_failed!()", "mark_failed!(@ b 0)");
    becomes("x; mark_failed!();", "x; mark_failed!(@ b 0);");
    becomes("mark_failed![x]", "mark_failed![@ b 0 x]");
    becomes("mark_failed! { x }", "mark_failed! { @ b 0 x }");
    becomes(
        "return mark_failed!((x, y).into());",
        "return mark_failed!(@ b 0 (x, y).into());",
    );
    becomes(
        "if x { f([mark_failed!(1)]) } else { mark_failed!() }",
        "if x { f([mark_failed!(@ b 0 1)]) } else { mark_failed!(@ b 0) }",
    );
    becomes(
        "async_for!(for x in y { mark_failed!(); })",
        "async_for!(for x in y { mark_failed!(@ b 0); })",
    );
    becomes(
        "each!(x, mark_failed!(y))",
        "each!(x, mark_failed!(@ b 0 y))",
    );
    becomes(
        "mark_failed!(mark_failed!(x))",
        "mark_failed!(@ b 0 mark_failed!(@ b 0 x))",
    );
}

#[test]
fn paths_stay_as_they_are() {
    becomes("forwith::mark_failed!()", "forwith::mark_failed!(@ b 0)");
    becomes("::a::b::mark_failed!(x)", "::a::b::mark_failed!(@ b 0 x)");
}

#[test]
fn closures_and_async_blocks_are_counted() {
    becomes("|x| mark_failed!(x)", "|x| mark_failed!(@ b 1 x)");
    becomes(
        "f(move || { mark_failed!() })",
        "f(move || { mark_failed!(@ b 1) })",
    );
    becomes("async { mark_failed!() }", "async { mark_failed!(@ b 1) }");
    becomes(
        "async move { |x: u8| -> u8 { mark_failed!(x) } }; mark_failed!()",
        "async move { |x: u8| -> u8 { mark_failed!(@ b 2 x) } }; mark_failed!(@ b 0)",
    );
    becomes(
        "async |x| { mark_failed!() }",
        "async |x| { mark_failed!(@ b 1) }",
    );
    becomes("x | y | mark_failed!()", "x | y | mark_failed!(@ b 0)");
}

#[test]
fn items_cannot_use_the_mark() {
    stays("fn f() { mark_failed!() }");
    stays("impl X { async fn f(&self) -> u8 { mark_failed!(1) } }");
    stays("macro_rules! refuse { () => { mark_failed!() } }");
    becomes("fn f() {} mark_failed!()", "fn f() {} mark_failed!(@ b 0)");
}

#[test]
fn other_code_is_not_touched() {
    stays("");
    stays("mark_failed(x)");
    stays("mark_failed != (x)");
    stays("mark_failed!");
    stays("!mark_failed");
    stays("mark!(failed)");
}

/// The mark of the outer body that the call had before.
#[track_caller]
fn outer(body: &str) -> Option<String> {
    let (_, Marks { outer, .. }) = tell(body).unwrap();
    outer.map(|outer| outer.to_string())
}

#[test]
fn innermost_body_knows_the_next_outer_one() {
    becomes("mark_failed!(@ a 0)", "mark_failed!(@ b 0)");
    becomes("mark_failed!(@ a 3 x)", "mark_failed!(@ b 0 x)");
    becomes(
        "async_with!(x as y, { mark_failed!(@ a 1 z) })",
        "async_with!(x as y, { mark_failed!(@ b 0 z) })",
    );
    assert_eq!(outer("mark_failed!()"), None);
    assert_eq!(outer("mark_failed!(@ a 0)").as_deref(), Some("a"));
    assert_eq!(outer("|| mark_failed!(@ a 1)").as_deref(), Some("a"));
    // A closure or an async block lies between the two bodies.
    assert_eq!(outer("mark_failed!(@ a 1)"), None);
    assert_eq!(outer("|| mark_failed!(@ a 2)"), None);
}
