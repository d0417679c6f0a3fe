//! Writes programs that use the macros so many times, and their twins without.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// The number of uses in one type of a resource, where there are several.
const USES_OF_A_TYPE: usize = 3;

/// What the uses of a program look like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// A resource around a loop with a `break` and a `?`, with numbers alone.
    Plain,
    /// Plain, with forwith without `std`. Nothing catches a panic.
    Small,
    /// Resources of many types, and bodies that own strings, vectors and closures across awaits.
    Owned,
}

/// One of the twins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Side {
    /// The macros.
    Ours,
    /// Code that awaits the exit on the same ways out, written out.
    ByHand,
}

pub const SIDES: [Side; 2] = [Side::Ours, Side::ByHand];

/// A package with one program.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Package {
    pub shape: Shape,
    pub side: Side,
    pub uses: usize,
}

/// The text of a program: parts that stand in it once, for each resource, and for each use.
struct Template<'a> {
    once: &'a str,
    each_resource: &'a str,
    each_use: &'a str,
}

const EACH_RESOURCE: &str = "// --- each resource ---\n";
const EACH_USE: &str = "// --- each use ---\n";
const MAIN: &str = include_str!("templates/main.rs");

impl Package {
    /// A name for cargo.
    pub fn name(self) -> String {
        let shape = match self.shape {
            Shape::Plain => "plain",
            Shape::Small => "small",
            Shape::Owned => "owned",
        };
        let side = match self.side {
            Side::Ours => "ours",
            Side::ByHand => "by-hand",
        };
        format!("{shape}-{side}-{}", self.uses)
    }

    /// Writes the package below `folder`. Files that have this text already stay as they are.
    pub fn write(self, folder: &Path, forwith: &Path) -> Result<(), String> {
        let folder = folder.join(self.name());
        write(&folder.join("Cargo.toml"), &self.manifest(forwith))?;
        write(&folder.join("src/main.rs"), &self.program())
    }

    fn manifest(self, forwith: &Path) -> String {
        let mut manifest = format!(
            "[package]\nname = \"{}\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
             [dependencies]\nfutures = \"0.3\"\n",
            self.name()
        );
        if self.side == Side::Ours {
            let features = match self.shape {
                Shape::Plain | Shape::Owned => "",
                Shape::Small => ", default-features = false",
            };
            let path = forwith.display();
            writeln!(manifest, "forwith = {{ path = '{path}'{features} }}")
                .expect("strings take all");
        }
        manifest
    }

    fn program(self) -> String {
        let template = Template::parse(self.template());
        let mut program = template.once.to_owned();
        if !template.each_resource.is_empty() {
            for number in 0..self.uses.div_ceil(USES_OF_A_TYPE) {
                program += &template.each_resource.replace("$t", &number.to_string());
            }
        }
        let mut uses = String::new();
        for number in 0..self.uses {
            let resource = (number / USES_OF_A_TYPE).to_string();
            let number = number.to_string();
            program += &template
                .each_use
                .replace("$t", &resource)
                .replace("$n", &number);
            write!(uses, "use_{number}, ").expect("strings take all");
        }
        program + &MAIN.replace("$uses", uses.trim_end_matches(", "))
    }

    fn template(self) -> &'static str {
        match (self.shape, self.side) {
            (Shape::Plain | Shape::Small, Side::Ours) => include_str!("templates/plain_ours.rs"),
            (Shape::Plain, Side::ByHand) => include_str!("templates/plain_by_hand.rs"),
            (Shape::Small, Side::ByHand) => include_str!("templates/small_by_hand.rs"),
            (Shape::Owned, Side::Ours) => include_str!("templates/owned_ours.rs"),
            (Shape::Owned, Side::ByHand) => include_str!("templates/owned_by_hand.rs"),
        }
    }
}

impl<'a> Template<'a> {
    fn parse(text: &'a str) -> Self {
        let (before, each_use) = text.split_once(EACH_USE).expect("templates have a use");
        let (once, each_resource) = before.split_once(EACH_RESOURCE).unwrap_or((before, ""));
        Template {
            once,
            each_resource,
            each_use,
        }
    }
}

/// Writes a file, unless it has this text already: cargo builds anew what is younger.
pub fn write(file: &Path, text: &str) -> Result<(), String> {
    if fs::read_to_string(file).is_ok_and(|old| old == text) {
        return Ok(());
    }
    let folder = file.parent().unwrap_or(file);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(file, text))
        .map_err(|error| format!("{}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPES: [Shape; 3] = [Shape::Plain, Shape::Small, Shape::Owned];

    fn packages(uses: usize) -> impl Iterator<Item = Package> {
        SHAPES
            .into_iter()
            .flat_map(move |shape| SIDES.map(|side| Package { shape, side, uses }))
    }

    fn functions(program: &str) -> usize {
        let file = syn::parse_file(program).unwrap();
        let is_use = |item: &&syn::Item| match item {
            syn::Item::Fn(function) => function.sig.ident.to_string().starts_with("use_"),
            _ => false,
        };
        file.items.iter().filter(is_use).count()
    }

    #[test]
    fn programs_parse_and_have_their_uses() {
        for package in packages(7) {
            let program = package.program();
            assert_eq!(functions(&program), 7, "{}", package.name());
            assert!(program.contains("= &[use_0, use_1, "), "{program}");
            assert!(!program.contains('$'), "{program}");
        }
    }

    #[test]
    fn ours_has_the_macros_and_its_twin_has_not() {
        for package in packages(1) {
            let is_ours = package.side == Side::Ours;
            assert_eq!(package.program().contains("async_with!("), is_ours);
            assert_eq!(package.program().contains("async_for!("), is_ours);
            let manifest = package.manifest(Path::new("/forwith"));
            assert_eq!(manifest.contains("forwith = { path = '/forwith'"), is_ours);
        }
    }

    #[test]
    fn a_type_of_a_resource_has_three_uses() {
        for side in SIDES {
            let package = Package {
                shape: Shape::Owned,
                side,
                uses: 60,
            };
            let program = package.program();
            assert_eq!(program.matches("\nstruct Resource").count(), 20);
            assert_eq!(
                program.matches("(open_19(").count() + program.matches("= open_19(").count(),
                3
            );
        }
    }
}
