//! Expansions of typical calls, as readable files in `expanded/`.
//!
//! `UPDATE_EXPECT=1 cargo test -p forwith-macros` updates the files.

use expect_test::{ExpectFile, expect_file};
use proc_macro2::TokenStream;
use quote::quote;

/// Compares the expansion of `input` with a file. Paths are shown without `forwith::__private::`,
/// and locals without `__forwith_`.
fn check(expand: fn(TokenStream) -> TokenStream, input: &str, file: &ExpectFile) {
    let tokens: TokenStream = input.parse().unwrap();
    let code = expand(quote!((forwith) #tokens)).to_string();
    let from = input
        .lines()
        .fold(String::new(), |from, line| from + "//     " + line + "\n");
    let into = formatted(
        &code
            .replace("forwith :: __private :: ", "")
            .replace("__forwith_", ""),
    );
    file.assert_eq(&format!("// from:\n{from}// into:\n\n{into}"));
}

/// Formats code. The calls of macros in it are formatted, too, as if they were calls of functions.
fn formatted(code: &str) -> String {
    const MACROS: [&str; 4] = [
        "async_for",
        "async_with",
        "pin",
        "what_bodies_change_is_a_Cell_or_behind_a_lock",
    ];
    let as_function = |code: String, name| code.replace(&format!("{name} !"), name);
    let as_macro = |code: String, name| code.replace(&format!("{name}("), &format!("{name}!("));
    let code = MACROS.into_iter().fold(code.to_string(), as_function);
    let file = syn::parse_str(&format!("async fn expanded() {{ {code} }}")).unwrap();
    let code = MACROS
        .into_iter()
        .fold(prettyplease::unparse(&file), as_macro);
    // Half the indentation, so that nested calls fit into 100 columns.
    let lines = code.lines().map(|line| {
        let text = line.trim_start();
        " ".repeat((line.len() - text.len()) / 2) + text + "\n"
    });
    lines.collect()
}

#[test]
fn plain_loop() {
    let input = "for row in rows() {
    print(row).await;
}";
    check(
        crate::expand::async_for,
        input,
        &expect_file!["expanded/plain_loop.rs"],
    );
}

#[test]
fn loop_with_break_value() {
    let input = "'rows: for row in rows() {
    for field in &row.fields {
        if field.id == id {
            break 'rows row;
        }
    }
}";
    check(
        crate::expand::async_for,
        input,
        &expect_file!["expanded/loop_with_break_value.rs"],
    );
}

#[test]
fn loop_with_options() {
    let input = "#[until(shutdown.recv())]
#[yield_every(never)]
for row in rows() {
    print(row).await;
}";
    check(
        crate::expand::async_for,
        input,
        &expect_file!["expanded/loop_with_options.rs"],
    );
}

#[test]
fn concurrent_loop() {
    let input = "#[concurrent(n)]
'rows: for row in rows() {
    if row.is_empty() {
        continue;
    }
    if row.id == id {
        break row;
    }
    if row.is_last() {
        break 'search;
    }
    print(row).await?;
}";
    check(
        crate::expand::async_for,
        input,
        &expect_file!["expanded/concurrent_loop.rs"],
    );
}

#[test]
fn concurrent_loop_that_collects() {
    let input = "#[concurrent(unlimited)]
#[collect]
for row in rows() {
    print(row).await
}";
    check(
        crate::expand::async_for,
        input,
        &expect_file!["expanded/concurrent_loop_that_collects.rs"],
    );
}

#[test]
fn one_resource() {
    let input = "connect(url) as db, {
    db.insert(row).await?;
    db.len()
}";
    check(
        crate::expand::async_with,
        input,
        &expect_file!["expanded/one_resource.rs"],
    );
}

#[test]
fn two_resources() {
    let input = "connect(url) as db, db.begin() as (tx, id), {
    tx.insert(id).await?;
}";
    check(
        crate::expand::async_with,
        input,
        &expect_file!["expanded/two_resources.rs"],
    );
}

#[test]
fn jumps_out_of_a_resource() {
    let input = "connect(url) as db, {
    if db.is_empty() {
        continue;
    }
    if let Some(row) = db.find(id).await? {
        break 'search row;
    }
}";
    check(
        crate::expand::async_with,
        input,
        &expect_file!["expanded/jumps_out_of_a_resource.rs"],
    );
}

#[test]
fn nested() {
    let input = "connect(url) as outer, {
    async_for!('rows: for row in outer.rows() {
        async_with!(connect(row.url) as inner, {
            match inner.find(id).await? {
                None => continue,
                Some(field) if field.is_last() => break 'rows,
                Some(field) => break 'search field,
            }
        })?;
    });
}";
    check(
        crate::expand::async_with,
        input,
        &expect_file!["expanded/nested.rs"],
    );
}

#[test]
fn marked() {
    let input = "connect(url) as db, db.begin() as tx, {
    if tx.is_full() {
        return mark_failed!(refusal());
    }
    async_with!(tx.savepoint() as inner, {
        inner.insert(row).await.unwrap_or_else(|_| mark_failed!());
    })?;
}";
    check(
        crate::expand::async_with,
        input,
        &expect_file!["expanded/marked.rs"],
    );
}

/// The inner call of `marked`, as the outer one leaves it, with a jump out of both.
#[test]
fn marked_in_marked() {
    let input = "tx.savepoint() as inner, {
    if inner.insert(row).await.is_err() {
        mark_failed!(@ outer_marked 0);
        break '__forwith1 __forwith::Ok(1);
    }
}";
    check(
        crate::expand::async_with,
        input,
        &expect_file!["expanded/marked_in_marked.rs"],
    );
}

#[test]
fn mistakes_are_beside_the_expansion() {
    let input = "#[yield_evry(3)]
for row in rows() {
    print(row).await;
}";
    check(
        crate::expand::async_for,
        input,
        &expect_file!["expanded/mistake.rs"],
    );
}
