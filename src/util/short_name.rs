//! Short names of types, as people write them.

use core::fmt;

/// The name of a type, displayed without modules and lifetimes, as it is written in code.
pub(crate) struct Short<'a>(pub(crate) &'a str);

/// The wrappers of a resource: what its enter gives, and what `map_error` and `error_into` make.
const WRAPPERS: [&str; 2] = ["core::result::Result<", "forwith::adapt::Mapped<"];

impl<'a> fmt::Display for Short<'a> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut name = self.0;
        let unwrapped = |name: &'a str| {
            WRAPPERS
                .iter()
                .find_map(|wrapper| name.strip_prefix(wrapper))
        };
        while let Some(arguments) = unwrapped(name) {
            name = first_argument(arguments);
        }
        let name = name.replace("'_, ", "").replace("<'_>", "");
        for path in name.split_inclusive([' ', '<', '>', '(', ')', '[', ']', ',', '&', '*']) {
            let last = path.rfind("::").map_or(0, |at| at + 2);
            f.write_str(&path[last..])?;
        }
        Ok(())
    }
}

/// The first of several arguments, up to the comma behind it.
fn first_argument(arguments: &str) -> &str {
    let mut depth = 0;
    let end = arguments.find(|char| {
        match char {
            '<' | '(' | '[' => depth += 1,
            '>' | ')' | ']' => depth -= 1,
            _ => {}
        }
        char == ',' && depth == 0
    });
    &arguments[..end.unwrap_or(arguments.len())]
}

#[cfg(test)]
mod tests {
    use core::any::type_name;
    use core::convert::Infallible;
    use std::boxed::Box;
    use std::io;
    use std::string::{String, ToString};
    use std::vec::Vec;

    use super::Short;
    use crate::resource::{AsyncExit, Mapped, Outcome};

    struct Pooled<T, U>([T; 2], U);

    impl<T, U> AsyncExit for Pooled<T, U> {
        type Error = Infallible;

        async fn exit(self, _: Outcome<'_>) -> Result<(), Infallible> {
            Ok(())
        }
    }

    fn short<T: ?Sized>() -> String {
        Short(type_name::<T>()).to_string()
    }

    #[test]
    fn modules_are_left_out() {
        assert_eq!(short::<io::Error>(), "Error");
        assert_eq!(short::<u8>(), "u8");
        assert_eq!(short::<Vec<Box<dyn io::Read>>>(), "Vec<Box<dyn Read>>");
        assert_eq!(
            short::<Pooled<io::Error, (&str, String)>>(),
            "Pooled<Error, (&str, String)>"
        );
        assert_eq!(short::<[Box<io::Error>; 2]>(), "[Box<Error>; 2]");
        assert_eq!(
            Short("a future in a race").to_string(),
            "a future in a race"
        );
    }

    #[test]
    fn lifetimes_are_left_out() {
        assert_eq!(Short("db::Transaction<'_>").to_string(), "Transaction");
        assert_eq!(Short("db::Row<'_, '_, db::Key>").to_string(), "Row<Key>");
        assert_eq!(Short("db::Row<'_, '_>").to_string(), "Row");
    }

    #[test]
    fn what_is_mapped_has_its_own_name() {
        type Once = Mapped<Pooled<u8, (u8, u8)>, fn(Infallible) -> io::Error>;
        type Twice = Mapped<Once, fn(io::Error) -> String>;
        assert_eq!(short::<Once>(), "Pooled<u8, (u8, u8)>");
        assert_eq!(short::<Twice>(), "Pooled<u8, (u8, u8)>");
        assert_eq!(short::<Result<Twice, String>>(), "Pooled<u8, (u8, u8)>");
    }
}
