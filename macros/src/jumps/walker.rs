//! The walk through a body's tokens.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::quote;

use super::jump::Jump;
use super::shapes;
use crate::tokens::{is_word, may_have, opened, stream, with_content};

/// Calls `replace` for each jump that leaves `body`, and puts the returned code in its place.
pub(crate) fn replace(
    body: TokenStream,
    replace: &mut dyn FnMut(Jump) -> TokenStream,
) -> TokenStream {
    if !may_jump(&body) {
        return body;
    }
    Walker::new(replace).walk(body)
}

/// Whether there may be a jump in these tokens. In most there is none.
fn may_jump(tokens: &TokenStream) -> bool {
    may_have(tokens, &["break", "continue"])
}

/// Walks through tokens, and knows the loops and labels around the current one.
struct Walker<'a> {
    replace: &'a mut dyn FnMut(Jump) -> TokenStream,
    /// The labels around the current token, inside the body.
    labels: Vec<String>,
    /// Whether an unlabelled jump stays inside the body, or may stay there.
    unlabelled_stays: bool,
    /// The conditions of the `#[cfg(…)]`s around the current token.
    conditions: Vec<TokenStream>,
    /// The number of jumps that have been replaced.
    replaced: usize,
}

/// The number of tokens that a step took from the front, and their replacement.
type Step = (usize, TokenStream);

impl<'a> Walker<'a> {
    fn new(replace: &'a mut dyn FnMut(Jump) -> TokenStream) -> Self {
        Walker {
            replace,
            labels: Vec::new(),
            unlabelled_stays: false,
            conditions: Vec::new(),
            replaced: 0,
        }
    }

    fn walk(&mut self, tokens: TokenStream) -> TokenStream {
        self.walk_slice(&opened(tokens))
    }

    fn walk_slice(&mut self, tokens: &[TokenTree]) -> TokenStream {
        let outside = (self.conditions.len(), self.unlabelled_stays);
        let mut output = Vec::new();
        let mut at = 0;
        let mut condition_ends = Vec::new();
        while at < tokens.len() {
            while condition_ends.last().is_some_and(|end| *end <= at) {
                condition_ends.pop();
                self.conditions.pop();
            }
            if let Some(condition) = shapes::cfg(&tokens[at..]) {
                self.conditions.push(condition);
                condition_ends.push(at + 2 + shapes::statement(&tokens[at + 2..]));
            }
            if !shapes::may_begin(&tokens[at..]) {
                output.push(self.single(&tokens[at]));
                at += 1;
                continue;
            }
            let before = at.checked_sub(1).map(|before| &tokens[before]);
            let (taken, replaced) = self.step(before, &tokens[at..]);
            output.extend(replaced);
            at += taken;
        }
        self.conditions.truncate(outside.0);
        self.unlabelled_stays = outside.1;
        output.into_iter().collect()
    }

    fn step(&mut self, before: Option<&TokenTree>, tokens: &[TokenTree]) -> Step {
        if let Some(taken) = shapes::boundary(before, tokens) {
            return (taken, stream(&tokens[..taken]));
        }
        self.labelled(tokens)
            .or_else(|| self.whole_loop(tokens))
            .or_else(|| self.jump(tokens))
            .or_else(|| self.macro_call(tokens))
            .unwrap_or_else(|| (1, self.single(&tokens[0]).into()))
    }

    /// `'label: loop { … }`, `'label: { … }`
    fn labelled(&mut self, tokens: &[TokenTree]) -> Option<Step> {
        let label = shapes::label(tokens)?;
        let (label_tokens, named) = tokens.split_at(3);
        self.labels.push(label.to_string());
        // An unlabelled jump out of a labelled block is an error that the compiler reports.
        let (taken, replaced) = self.whole_loop(named).unwrap_or_else(|| {
            let block = self.keeping_unlabelled(true, |walker| walker.single(&named[0]).into());
            (1, block)
        });
        self.labels.pop();
        let label = stream(label_tokens);
        Some((3 + taken, quote!(#label #replaced)))
    }

    /// `loop { … }`, `while … { … }`, `for … in … { … }`
    fn whole_loop(&mut self, tokens: &[TokenTree]) -> Option<Step> {
        let taken = match shapes::whole_loop(tokens)? {
            shapes::Loop::Whole(taken) => taken,
            // Unlabelled jumps in what follows may belong to it. If they do not, the compiler
            // reports them.
            shapes::Loop::Unknown => {
                self.unlabelled_stays = true;
                return None;
            }
        };
        let (body, head) = tokens[..taken].split_last()?;
        let (keyword, head) = head.split_first()?;
        // The condition of a `while` is inside its loop, the iterator of a `for` is not.
        let is_while = is_word(Some(keyword), "while");
        let head = self.keeping_unlabelled(is_while, |walker| walker.walk_slice(head));
        let body = self.keeping_unlabelled(true, |walker| walker.single(body).into());
        Some((taken, quote!(#keyword #head #body)))
    }

    /// `break 'label value`, `continue`
    fn jump(&mut self, tokens: &[TokenTree]) -> Option<Step> {
        let shapes::JumpShape {
            label,
            head,
            taken,
            is_complete,
        } = shapes::jump(tokens)?;
        let target = stream(&tokens[..head]);
        let value = (head < taken).then(|| self.walk_slice(&tokens[head..taken]));
        let stays = match &label {
            Some(label) => self.labels.contains(&label.to_string()),
            None => self.unlabelled_stays,
        };
        if stays {
            return Some((taken, quote!(#target #value)));
        }
        self.replaced += 1;
        let jump = Jump {
            target,
            label,
            value,
            is_complete,
            conditions: self.conditions.clone(),
        };
        Some((taken, (self.replace)(jump)))
    }

    /// `name!(…)`
    fn macro_call(&mut self, tokens: &[TokenTree]) -> Option<Step> {
        let shapes::MacroCall { is_transparent } = shapes::macro_call(tokens)?;
        let name = stream(&tokens[..2]);
        let input =
            self.keeping_unlabelled(!is_transparent, |walker| walker.single(&tokens[2]).into());
        Some((3, quote!(#name #input)))
    }

    /// Walks through the inside of a loop or a macro, to which unlabelled jumps may belong.
    fn keeping_unlabelled(
        &mut self,
        stays: bool,
        walk: impl FnOnce(&mut Self) -> TokenStream,
    ) -> TokenStream {
        let outside = self.unlabelled_stays;
        self.unlabelled_stays |= stays;
        let output = walk(self);
        self.unlabelled_stays = outside;
        output
    }

    fn single(&mut self, token: &TokenTree) -> TokenTree {
        match token {
            TokenTree::Group(group) => self.group(group).into(),
            other => other.clone(),
        }
    }

    /// Keeps the user's own group, with the spans of its delimiters, if nothing in it was replaced.
    fn group(&mut self, group: &Group) -> Group {
        if !may_jump(&group.stream()) {
            return group.clone();
        }
        let before = self.replaced;
        let walked = with_content(group, self.walk(group.stream()));
        if self.replaced == before {
            group.clone()
        } else {
            walked
        }
    }
}
