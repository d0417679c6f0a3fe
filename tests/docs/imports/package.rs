//! The modules of a package, read from its sources, and which file names things of which.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::iter::Peekable;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree, token_stream::IntoIter};

use super::graph::Edges;
use super::syntax::{
    Attributes, constant, find_paths, flatten, is_end, is_function, is_macro, next_word, skip_item,
    skip_parentheses, until_semicolon,
};

/// More names than any path of ours has.
const LONGEST_PATH: usize = 10;

/// Where a module is in its package: `[]` is the crate.
type Place = Vec<String>;

/// The modules of one package.
pub struct Package {
    modules: BTreeMap<Place, Module>,
    /// How many files were read.
    pub files: usize,
}

/// One module, and what it declares. Under several `cfg`s a module may have several files.
#[derive(Default)]
struct Module {
    files: BTreeSet<PathBuf>,
    /// The types, traits and macros that are defined here, and the files in which they are.
    types: BTreeMap<String, BTreeSet<PathBuf>>,
    /// The functions and constants, below which nothing has a name.
    values: BTreeMap<String, BTreeSet<PathBuf>>,
    /// What is imported, under which name; `*` for all.
    imported: Vec<Import>,
    /// The paths that code names, with the file in which it does.
    named: Vec<(PathBuf, Vec<String>)>,
}

struct Import {
    path: Vec<String>,
    name: String,
    file: PathBuf,
    is_re_export: bool,
}

impl Package {
    pub fn read(package: &str) -> Package {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(package)
            .join("src");
        let mut read = Package {
            modules: BTreeMap::new(),
            files: 0,
        };
        read.read_file(&root.join("lib.rs"), &root, &Vec::new());
        read
    }

    /// Reads a file, and the modules below it, which lie in `folder`.
    fn read_file(&mut self, file: &Path, folder: &Path, place: &Place) {
        let text =
            fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let tokens: TokenStream = text
            .parse()
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        self.files += 1;
        self.read_items(tokens, file, folder, place);
    }

    fn read_items(&mut self, tokens: TokenStream, file: &Path, folder: &Path, place: &Place) {
        self.at(place).files.insert(file.to_owned());
        let mut tokens = tokens.into_iter().peekable();
        let mut attributes = Attributes::default();
        let mut is_public = false;
        while let Some(token) = tokens.next() {
            let word = token.to_string();
            match (&token, word.as_str()) {
                (TokenTree::Punct(_), "#") => {
                    attributes.read(&mut tokens);
                    continue;
                }
                (TokenTree::Ident(_), _) if attributes.is_test => skip_item(&token, &mut tokens),
                (TokenTree::Ident(_), "pub") => {
                    is_public = true;
                    skip_parentheses(&mut tokens);
                    continue;
                }
                (TokenTree::Ident(_), "use") => {
                    let tree = until_semicolon(&mut tokens);
                    let mut imports = Vec::new();
                    flatten(&mut tree.into_iter().peekable(), &[], &mut imports);
                    let imports = imports.into_iter().map(|(path, name)| Import {
                        path,
                        name,
                        file: file.to_owned(),
                        is_re_export: is_public,
                    });
                    self.at(place).imported.extend(imports);
                }
                (TokenTree::Ident(_), "mod") => {
                    let name = next_word(&mut tokens);
                    let inside = [place.as_slice(), std::slice::from_ref(&name)].concat();
                    match tokens.next() {
                        Some(TokenTree::Group(body)) => {
                            let folder = folder.join(&name);
                            self.read_items(body.stream(), file, &folder, &inside);
                        }
                        _ => self.read_below(&attributes, folder, &name, file, &inside),
                    }
                }
                (TokenTree::Ident(_), "struct" | "enum" | "union" | "trait" | "type") => {
                    let name = next_word(&mut tokens);
                    add(&mut self.at(place).types, name, file);
                    self.read_code(&mut tokens, file, place);
                }
                (TokenTree::Ident(_), "fn") => {
                    let name = next_word(&mut tokens);
                    add(&mut self.at(place).values, name, file);
                    self.read_code(&mut tokens, file, place);
                }
                (TokenTree::Ident(_), "const" | "static") if !is_function(&mut tokens) => {
                    if let Some(name) = constant(&mut tokens) {
                        add(&mut self.at(place).values, name, file);
                    }
                    self.read_code(&mut tokens, file, place);
                }
                (TokenTree::Ident(_), "macro_rules") => {
                    tokens.next();
                    let name = next_word(&mut tokens);
                    add(&mut self.at(place).types, name, file);
                    tokens.next();
                }
                (TokenTree::Ident(_), "const" | "async" | "unsafe" | "extern") => continue,
                // A macro such as `pin_project!` has items inside.
                (TokenTree::Ident(_), _) if is_macro(&mut tokens) => {
                    tokens.next();
                    if let Some(TokenTree::Group(items)) = tokens.next() {
                        self.read_items(items.stream(), file, folder, place);
                    }
                }
                // An `impl`: all its paths count.
                _ => {
                    self.name_paths(std::iter::once(token).collect(), file, place);
                    self.read_code(&mut tokens, file, place);
                }
            }
            attributes = Attributes::default();
            is_public = false;
        }
    }

    /// Reads a module in a file of its own.
    fn read_below(
        &mut self,
        attributes: &Attributes,
        folder: &Path,
        name: &str,
        file: &Path,
        place: &Place,
    ) {
        if let Some(path) = &attributes.path {
            let beside = file.parent().expect("a file lies in a folder");
            let found = beside.join(path);
            let below = found.with_extension("");
            return self.read_file(&found, &below, place);
        }
        let below = folder.join(name);
        let flat = folder.join(format!("{name}.rs"));
        let found = if flat.exists() {
            flat
        } else {
            below.join("mod.rs")
        };
        self.read_file(&found, &below, place);
    }

    /// Reads the code of one item, up to its `;` or behind its braces.
    fn read_code(&mut self, tokens: &mut Peekable<IntoIter>, file: &Path, place: &Place) {
        let mut code = Vec::new();
        for token in tokens.by_ref() {
            let is_end = is_end(&token);
            code.push(token);
            if is_end {
                break;
            }
        }
        self.name_paths(code.into_iter().collect(), file, place);
    }

    fn name_paths(&mut self, code: TokenStream, file: &Path, place: &Place) {
        let mut paths = Vec::new();
        let mut imports = Vec::new();
        find_paths(code, &mut paths, &mut imports);
        let module = self.at(place);
        let named = paths.into_iter().map(|path| (file.to_owned(), path));
        module.named.extend(named);
        let imports = imports.into_iter().map(|(path, _)| (file.to_owned(), path));
        module.named.extend(imports);
    }

    fn at(&mut self, place: &Place) -> &mut Module {
        self.modules.entry(place.clone()).or_default()
    }

    /// Which files name things of which.
    pub fn edges(&self) -> Edges {
        let mut edges = Edges::new();
        for (place, module) in &self.modules {
            let imports = module.imported.iter().filter(|import| !import.is_re_export);
            let imports = imports.map(|import| (&import.file, &import.path));
            let named = module.named.iter().map(|(file, path)| (file, path));
            for (file, path) in imports.chain(named) {
                let mut to = self.files_of(place, path);
                to.remove(file);
                edges.entry(file.clone()).or_default().extend(to);
            }
        }
        edges
    }

    /// Which of our packages are named.
    pub fn packages(&self) -> BTreeSet<String> {
        let modules = self.modules.values();
        let paths = modules.flat_map(|module| {
            let imported = module.imported.iter().map(|import| &import.path);
            imported.chain(module.named.iter().map(|(_, path)| path))
        });
        let first = paths.filter_map(|path| path.first());
        let ours = first.filter(|name| name.starts_with("forwith"));
        ours.cloned().collect()
    }

    /// The files in which what a path leads to is defined.
    fn files_of(&self, place: &Place, path: &[String]) -> BTreeSet<PathBuf> {
        let mut files = BTreeSet::new();
        self.resolve(place, path, true, &mut BTreeSet::new(), &mut files);
        files
    }

    /// Follows a path from a module, through all that it may mean there.
    fn resolve(
        &self,
        place: &Place,
        path: &[String],
        is_first: bool,
        seen: &mut BTreeSet<(Place, Vec<String>)>,
        files: &mut BTreeSet<PathBuf>,
    ) {
        // An import of a name like its own package's, such as `use slab::slab`, never ends.
        if path.len() > LONGEST_PATH || !seen.insert((place.clone(), path.to_vec())) {
            return;
        }
        let Some(module) = self.modules.get(place) else {
            return;
        };
        let Some((name, rest)) = path.split_first() else {
            files.extend(module.files.iter().cloned());
            return;
        };
        match name.as_str() {
            "crate" if is_first => return self.resolve(&Vec::new(), rest, false, seen, files),
            "self" if is_first => return self.resolve(place, rest, false, seen, files),
            "super" => {
                let above = place[..place.len().saturating_sub(1)].to_vec();
                return self.resolve(&above, rest, false, seen, files);
            }
            _ => {}
        }
        let values = module.values.get(name).filter(|_| rest.is_empty());
        let defined = module.types.get(name).into_iter().chain(values);
        files.extend(defined.flatten().cloned());
        let below = [place.as_slice(), std::slice::from_ref(name)].concat();
        if self.modules.contains_key(&below) {
            self.resolve(&below, rest, false, seen, files);
        }
        for import in &module.imported {
            let path = match import.name.as_str() {
                "*" => [&import.path, path].concat(),
                known if known == name => [&import.path, rest].concat(),
                _ => continue,
            };
            self.resolve(place, &path, true, seen, files);
        }
    }
}

fn add(names: &mut BTreeMap<String, BTreeSet<PathBuf>>, name: String, file: &Path) {
    names.entry(name).or_default().insert(file.to_owned());
}
