//! What little of the syntax must be known to find items, imports and paths among tokens.

use std::iter::Peekable;

use proc_macro2::{Delimiter, TokenStream, TokenTree, token_stream::IntoIter};

#[derive(Default)]
pub struct Attributes {
    pub is_test: bool,
    pub path: Option<String>,
}

impl Attributes {
    /// Reads what comes behind a `#`.
    pub fn read(&mut self, tokens: &mut Peekable<IntoIter>) {
        if matches!(tokens.peek(), Some(TokenTree::Punct(_))) {
            tokens.next(); // `!`
        }
        let Some(TokenTree::Group(group)) = tokens.next() else {
            return;
        };
        let text = group.stream().to_string().replace(' ', "");
        self.is_test |= text == "test" || text == "cfg(test)" || is_test_among_all(&text);
        if let Some(path) = text.strip_prefix("path=\"") {
            self.path = path.strip_suffix('"').map(str::to_owned);
        }
    }
}

pub fn next_word(tokens: &mut Peekable<IntoIter>) -> String {
    tokens
        .next()
        .map(|token| token.to_string())
        .unwrap_or_default()
}

/// Whether an attribute is `cfg(all(…))` with `test` among what must hold.
fn is_test_among_all(attribute: &str) -> bool {
    let all = attribute.strip_prefix("cfg(all(");
    let all = all.and_then(|all| all.strip_suffix("))"));
    all.is_some_and(|all| all.split(',').any(|holds| holds == "test"))
}

/// Whether a `const` is that of a `const fn`.
pub fn is_function(tokens: &mut Peekable<IntoIter>) -> bool {
    let next = tokens.peek().map(ToString::to_string);
    matches!(next.as_deref(), Some("fn" | "unsafe" | "async" | "extern"))
}

/// Whether a name is that of a macro that is called.
pub fn is_macro(tokens: &mut Peekable<IntoIter>) -> bool {
    matches!(tokens.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == '!')
}

/// The name of a constant, unless it is `const _` or a block.
pub fn constant(tokens: &mut Peekable<IntoIter>) -> Option<String> {
    match tokens.peek() {
        Some(TokenTree::Ident(name)) if name != "_" => Some(next_word(tokens)),
        _ => None,
    }
}

pub fn is_end(token: &TokenTree) -> bool {
    match token {
        TokenTree::Punct(punct) => punct.as_char() == ';',
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        _ => false,
    }
}

pub fn skip_item(first: &TokenTree, tokens: &mut Peekable<IntoIter>) {
    if !is_end(first) {
        let _ = tokens.by_ref().find(is_end);
    }
}

pub fn skip_parentheses(tokens: &mut Peekable<IntoIter>) {
    if let Some(TokenTree::Group(group)) = tokens.peek() {
        if group.delimiter() == Delimiter::Parenthesis {
            tokens.next();
        }
    }
}

pub fn until_semicolon(tokens: &mut Peekable<IntoIter>) -> TokenStream {
    let is_semicolon =
        |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';');
    let found = tokens.by_ref().take_while(|token| !is_semicolon(token));
    found.collect()
}

/// Lists the paths of a `use`, each with the name that it gives.
pub fn flatten(
    tokens: &mut Peekable<IntoIter>,
    above: &[String],
    found: &mut Vec<(Vec<String>, String)>,
) {
    let mut path = above.to_vec();
    let mut name = None;
    let mut is_open = false;
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(ident) if ident == "as" => name = Some(next_word(tokens)),
            TokenTree::Ident(ident) => {
                path.push(ident.to_string());
                is_open = true;
            }
            TokenTree::Punct(punct) if punct.as_char() == '*' => {
                found.push((path.clone(), "*".into()));
                is_open = false;
            }
            TokenTree::Punct(punct) if punct.as_char() == ',' => {
                if is_open {
                    found.push(import_of(path, name.take()));
                }
                path = above.to_vec();
                is_open = false;
            }
            TokenTree::Group(group) => {
                flatten(&mut group.stream().into_iter().peekable(), &path, found);
                is_open = false;
            }
            _ => {}
        }
    }
    if is_open {
        found.push(import_of(path, name));
    }
}

fn import_of(mut path: Vec<String>, name: Option<String>) -> (Vec<String>, String) {
    // `use a::{self}` imports `a`.
    if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
        path.pop();
    }
    let last = path.last().cloned().unwrap_or_default();
    (path, name.unwrap_or(last))
}

/// Finds the paths of at least two names in code, and the `use`s inside of functions.
pub fn find_paths(
    code: TokenStream,
    paths: &mut Vec<Vec<String>>,
    imports: &mut Vec<(Vec<String>, String)>,
) {
    let mut tokens = code.into_iter().peekable();
    let mut path: Vec<String> = Vec::new();
    let mut colons = 0;
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(ident) if ident == "use" => {
                let tree = until_semicolon(&mut tokens);
                flatten(&mut tree.into_iter().peekable(), &[], imports);
            }
            TokenTree::Ident(ident) => {
                if colons != 2 {
                    keep(&mut path, paths);
                }
                path.push(ident.to_string());
                colons = 0;
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                let mut attributes = Attributes::default();
                attributes.read(&mut tokens);
                if attributes.is_test {
                    let _ = tokens.by_ref().find(is_end);
                }
            }
            TokenTree::Group(group) => {
                keep(&mut path, paths);
                colons = 0;
                find_paths(group.stream(), paths, imports);
            }
            _ => {
                keep(&mut path, paths);
                colons = 0;
            }
        }
    }
    keep(&mut path, paths);
}

fn keep(path: &mut Vec<String>, paths: &mut Vec<Vec<String>>) {
    let path = std::mem::take(path);
    if path.len() > 1 {
        paths.push(path);
    }
}
