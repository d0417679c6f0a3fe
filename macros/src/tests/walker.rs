//! Finding the jumps that leave a body. Tests have code twice: plain, and with `out!(…)` around
//! each jump that leaves it.

use proc_macro2::TokenStream;
use quote::quote;

use crate::jumps::{self, Jump};

/// Puts `out!(…)` around each jump that leaves the body.
fn walk(body: &str) -> String {
    let replace = &mut |Jump { target, value, .. }: Jump| quote!(out!(#target #value));
    jumps::replace(body.parse().unwrap(), replace).to_string()
}

#[track_caller]
fn leaves(body: &str, expected: &str) {
    let expected: TokenStream = expected.parse().unwrap();
    assert_eq!(walk(body), expected.to_string(), "{body}");
}

#[track_caller]
fn stays(body: &str) {
    leaves(body, body);
}

#[test]
fn labels_and_values_belong_to_the_jump() {
    leaves("break", "out!(break)");
    leaves("continue;", "out!(continue);");
    leaves("break 'a;", "out!(break 'a);");
    leaves("continue 'a", "out!(continue 'a)");
    leaves("break 1 + 2;", "out!(break 1 + 2);");
    leaves("break 'a f(x)?.y, z", "out!(break 'a f(x)?.y), z");
    leaves("break Point { x: 1 };", "out!(break Point { x: 1 });");
    leaves("break |x| x + 1;", "out!(break |x| x + 1);");
    leaves("break ..;", "out!(break ..);");
    leaves("break 'a break 'b 3;", "out!(break 'a out!(break 'b 3));");
    leaves(
        "break if x { break } else { 3 };",
        "out!(break if x { out!(break) } else { 3 });",
    );
    leaves("break 'r#a r#loop;", "out!(break 'r#a r#loop);");
}

#[test]
fn jumps_are_found_in_every_expression() {
    leaves(
        "let Some(x) = y else { continue };",
        "let Some(x) = y else { out!(continue) };",
    );
    leaves(
        "match x { A => break, B | C if d => continue, _ => {} }",
        "match x { A => out!(break), B | C if d => out!(continue), _ => {} }",
    );
    leaves(
        "match x { | A | B => break, Some(1) | None => { break } }",
        "match x { | A | B => out!(break), Some(1) | None => { out!(break) } }",
    );
    leaves(
        "f(a, [b, { break }], (c, break 1))",
        "f(a, [b, { out!(break) }], (c, out!(break 1)))",
    );
    leaves("x || break", "x || out!(break)");
    leaves("a | b | { break }", "a | b | { out!(break) }");
    leaves("if x != (y) { break }", "if x != (y) { out!(break) }");
    leaves("if !(break) {}", "if !(out!(break)) {}");
    leaves("if !{ break } {}", "if !{ out!(break) } {}");
    leaves("return !(break)", "return !(out!(break))");
    leaves("unsafe { break }", "unsafe { out!(break) }");
    leaves("#[cfg(x)] break;", "#[cfg(x)] out!(break);");
    leaves(
        "f::<{ N }>(); let x: Vec<Box<dyn for<'a> Fn(&'a u8)>> = y; break",
        "f::<{ N }>(); let x: Vec<Box<dyn for<'a> Fn(&'a u8)>> = y; out!(break)",
    );
}

#[test]
fn loops_keep_their_own_jumps() {
    stays("loop { break }");
    stays("loop { if x { continue } else { break 3 } }");
    stays("while x { break }");
    stays("while let Some(4..) = list.pop() && y { continue }");
    stays("for (x, y) in z { break }");
    stays("for x in [1] { loop { break } continue; }");
    stays("let x = loop { break 'x: { break 'x 3 } };");
    leaves("loop { break } break", "loop { break } out!(break)");
    leaves(
        "loop { break 'out; } while x { continue 'out }",
        "loop { out!(break 'out); } while x { out!(continue 'out) }",
    );
}

#[test]
fn headers_of_loops_are_outside() {
    leaves(
        "for x in if y { z } else { break } { break }",
        "for x in if y { z } else { out!(break) } { break }",
    );
    leaves(
        "while { if x { break 'out } y } { break }",
        "while { if x { out!(break 'out) } y } { break }",
    );
    leaves(
        "while let Some(x) = f({ continue 'out }) { continue }",
        "while let Some(x) = f({ out!(continue 'out) }) { continue }",
    );
    stays("while { loop { break } x } { break }");
    stays("for _ in { 'a: loop { break 'a [] } } {}");
}

#[test]
fn labels_keep_their_jumps() {
    stays("'a: loop { loop { break 'a } }");
    stays("'a: for x in y { for x in y { continue 'a } }");
    stays("'a: while x { break 'a }");
    stays("let x = 'a: { break 'a 3 };");
    stays("'a: { 'b: loop { while x { break 'a } break 'b } }");
    stays("'a: loop { 'a: loop { break 'a } break 'a }");
    leaves(
        "'a: loop { break 'a } break 'a",
        "'a: loop { break 'a } out!(break 'a)",
    );
    // An unlabelled jump out of a labelled block is an error that the compiler reports.
    stays("'a: { break } ");
    leaves(
        "'a: for x in { break 'b } { continue 'b }",
        "'a: for x in { out!(break 'b) } { out!(continue 'b) }",
    );
    // No labels: a bound, a reference.
    leaves(
        "fn f<'a: 'b>() {} let x: &'a T = y; break 'a",
        "fn f<'a: 'b>() {} let x: &'a T = y; out!(break 'a)",
    );
}

#[test]
fn content_of_braces_need_not_parse() {
    stays("loop { ?? break }");
    stays("for x in y { let = ; continue }");
    leaves("while x { ?? } break", "while x { ?? } out!(break)");
}

#[test]
fn headers_end_at_the_braces_of_the_body() {
    for head in [
        "while x",
        "while { x }",
        "while x == { 1 }",
        "while let P { x, .. } = y",
        "while let P { x } | Q { x } = y && let 1..=5 = x && z",
        "while let Some(x) = f(S { x })",
        "while if x { y } else if z { y } else { z }",
        "while match x { A {} => y, _ => z }",
        "while unsafe { x } && async { y }.await",
        "while loop { break x } || !{ y }",
        "while a::<{ N }>::b::<C<D>>() < c as usize",
        "while x as Vec<Vec<u8>> == y",
        "while <X as Y<Z>>::f(x)",
        "while m! { x } != y",
        "while x != y && z",
        "while f(|x| { y }) && x.map(move |x: u8| -> u8 { y })?.0.1[3]",
        "while (|| x)()",
        "while const { x } && &raw const x == &mut y",
        "while let Some(S { x }) = 'a: { break 'a y }",
        "while -x <= *y && &&z >= &w",
        "for _ in 0..",
        "for _ in ..",
        "for _ in 0..=9",
        "for _ in x..y",
        "for S { x, .. } in y",
        "for S { x } | Q { x } in y",
        "for &(mut x, ref y) in z.iter().rev()",
        "for x in [1, 2]",
        "for x in a.b.c",
        "for await x in y",
        "for await S { x } in f(x).await",
        "'a: for await x in y",
        "loop",
    ] {
        stays(&format!("{head} {{ break }}"));
        leaves(
            &format!("{head} {{ break; continue }} break"),
            &format!("{head} {{ break; continue }} out!(break)"),
        );
        leaves(
            &format!("let x = {head} {{ break }}; {{ continue }}"),
            &format!("let x = {head} {{ break }}; {{ out!(continue) }}"),
        );
    }
}

/// The compiler reports a jump that stays where it cannot.
#[test]
fn jumps_behind_a_loop_of_unknown_syntax_stay() {
    stays("while x ~ y { break }");
    stays("for x in y @ z { break } continue");
    leaves(
        "{ while x ~ y { break } } break",
        "{ while x ~ y { break } } out!(break)",
    );
    leaves("while x ~ y { break 'a }", "while x ~ y { out!(break 'a) }");
}

#[test]
fn values_end_where_the_expression_does() {
    for value in [
        "1 + 2",
        "S { x: 1 }.y",
        "a::B::<C> { x }",
        "x as u8 as Vec<(u8, u8)>",
        "x as fn(u8) -> u8",
        "x..",
        "..=9",
        "x..=y + 1",
        "|x| -> Vec<u8> { y }",
        "|x: &[u8], y| x + y",
        "|| 3",
        "move || { x }",
        "async move { x }.await?",
        "if x { 1 } else { 2 } + 3",
        "match x { A => 1, _ => 2 }",
        "unsafe { x }",
        "f(x)(y)[z]?.await.0",
        "x.collect::<Vec<_>>().len()",
        "vec![1]",
        "m! { x }.y",
        "return",
        "return x",
        "-1 - -2",
        "&mut x",
        "x = y",
        "x <<= y >> z",
        "a < b && c > d || e != !f",
        "loop { break 3 }",
        "for x in y { break }",
        "'a: { break 'a 3 }",
        "<X as Y>::Z",
        "::a::b",
        "r#loop",
        "\"text\"",
        "Ok::<_, E>(x)",
    ] {
        let (plain, labelled) = (format!("break {value}"), format!("break 'a {value}"));
        for jump in [plain, labelled] {
            leaves(&jump, &format!("out!({jump})"));
            leaves(&format!("{jump}; x"), &format!("out!({jump}); x"));
            leaves(&format!("{jump}, x"), &format!("out!({jump}), x"));
            leaves(
                &format!("match x {{ A => {jump}, B => 3 }}"),
                &format!("match x {{ A => out!({jump}), B => 3 }}"),
            );
        }
    }
    leaves("x else break => y", "x else out!(break) => y");
    leaves(
        "break 'a: loop { break 'a 3 }",
        "out!(break 'a: loop { break 'a 3 })",
    );
}

#[test]
fn incomplete_values_end_at_the_next_mark() {
    leaves("break 1 +; x", "out!(break 1 +); x");
    leaves("break x.; y", "out!(break x.); y");
    leaves("break match x", "out!(break match x)");
    leaves("break 'a if x, y", "out!(break 'a if x), y");
}

#[test]
fn bars_are_not_always_closures() {
    leaves("x? | y | { break 9 }", "x? | y | { out!(break 9) }");
    leaves("x | y | { break 9 }", "x | y | { out!(break 9) }");
    leaves("(x) | y | { break 9 }", "(x) | y | { out!(break 9) }");
}

#[test]
fn closures_async_blocks_and_items_keep_jumps() {
    stays("let f = |x| { break };");
    stays("f(|| break, move |x: u8| -> u8 { break 'a 3 }, async |x| break)");
    stays("f(async { break }, async move { continue 'a })");
    stays("let g = move || for _ in x { break };");
    stays("fn f() { break } fn g<const N: usize>(x: [u8; N]) -> u8 where u8: Copy { continue }");
    stays("impl X for Y { fn f(&self) { break } }");
    stays("macro_rules! m { ($x:expr) => { break $x }; () => (continue 'a) }");
    leaves(
        "let f = || { break }; break",
        "let f = || { break }; out!(break)",
    );
    leaves("f(|x| break, break)", "f(|x| break, out!(break))");
    leaves(
        "async { break }.await; break",
        "async { break }.await; out!(break)",
    );
    leaves("fn f() { break } break", "fn f() { break } out!(break)");
}

#[test]
fn jumps_are_found_in_macros_without_loops() {
    leaves(
        "tokio::select! { x = y => break, _ = z => { continue 'a } }",
        "tokio::select! { x = y => out!(break), _ = z => { out!(continue 'a) } }",
    );
    leaves(
        r#"println!("{}", if x { break } else { 3 })"#,
        r#"println!("{}", if x { out!(break) } else { 3 })"#,
    );
    leaves(
        "tracing::info!(x, y = { break }); log::warn!(\"{}\", { continue });",
        "tracing::info!(x, y = { out!(break) }); log::warn!(\"{}\", { out!(continue) });",
    );
    leaves(
        "pin!(if y { z } else { break }); let (a, b) = try_join!(x, { continue })?;",
        "pin!(if y { z } else { out!(break) }); let (a, b) = try_join!(x, { out!(continue) })?;",
    );
    leaves(
        "vec![x, { break }]; assert!(matches!(x, y if { continue }))",
        "vec![x, { out!(break) }]; assert!(matches!(x, y if { out!(continue) }))",
    );
    leaves(
        "async_with!(a as b, { break })?;",
        "async_with!(a as b, { out!(break) })?;",
    );
    leaves(
        "async_for!(#[until(x)] 'a: for x in { break } { break; break 'a; break 'b })",
        "async_for!(#[until(x)] 'a: for x in { out!(break) } { break; break 'a; out!(break 'b) })",
    );
}

#[test]
fn unknown_macros_keep_unlabelled_jumps() {
    stays("each!(x, { break })");
    stays("each! { x => continue }");
    stays("other::each![loop { break }]");
    stays("each!(vec![break])");
    leaves(
        "each!(x, { break 'a; break })",
        "each!(x, { out!(break 'a); break })",
    );
    leaves(
        "each!('a: loop { break 'a; break 'b })",
        "each!('a: loop { break 'a; out!(break 'b) })",
    );
    leaves("each!(x) ; break", "each!(x) ; out!(break)");
}

#[test]
fn broken_code_stays_as_it_is() {
    stays("db.");
    stays("loop");
    stays("while x");
    stays("for x in");
    stays("'a: loop");
    stays("'a:");
    stays("let = |;");
    stays("async_with!(db as, { db. })");
    stays("match x { A => }");
    stays("macro_rules! {}");
    stays("fn");
    stays("async move");
    leaves("db. ; break", "db. ; out!(break)");
    leaves("let x = ; break 'a", "let x = ; out!(break 'a)");
    leaves("loop { x. } break", "loop { x. } out!(break)");
}

/// The conditions under which each jump that leaves the body is there.
fn conditions(body: &str) -> Vec<String> {
    let mut found = Vec::new();
    jumps::replace(body.parse().unwrap(), &mut |jump: Jump| {
        let condition = jump.condition().map(|condition| condition.to_string());
        found.push(condition.unwrap_or_default().replace(' ', ""));
        TokenStream::new()
    });
    found
}

#[test]
fn jumps_know_the_cfgs_around_them() {
    assert_eq!(conditions("#[cfg(a)] break; break"), ["a", ""]);
    assert_eq!(conditions("#[cfg(a)] if x { break } break"), ["a", ""]);
    assert_eq!(
        conditions("#[cfg(a)] if x { break } else { break } break"),
        ["a", "a", ""]
    );
    assert_eq!(
        conditions("#[cfg(a)] let S { x } = y else { break 1 }; break"),
        ["a", ""]
    );
    assert_eq!(
        conditions("match x { #[cfg(a)] A => break, #[cfg(b)] B {} => { break } _ => break }"),
        ["a", "b", ""]
    );
    assert_eq!(
        conditions("#[allow(x)] #[cfg(a)] #[cfg(b)] { x; #[cfg(c)] break; break } break"),
        ["all(a,b,c)", "all(a,b)", ""]
    );
    assert_eq!(conditions("#[cfg(a)] loop { break 'x } break"), ["a", ""]);
    assert_eq!(conditions("#[cfg_attr(a, b)] break"), [""]);
    assert_eq!(conditions("{ #[cfg(a)] x } break"), [""]);
}
