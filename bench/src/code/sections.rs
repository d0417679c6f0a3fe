//! The size of a program's machine code, as `objdump` shows it.

use std::fmt;
use std::ops::Sub;
use std::path::Path;
use std::process::Command;

/// Sections that grow with code, beside that of its instructions: constants, and how to unwind.
const TABLES: [&str; 3] = [".rodata", ".eh_frame", ".gcc_except_table"];

/// Bytes of machine code.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Code {
    /// Instructions.
    pub text: f64,
    /// Constants, and tables for unwinding.
    pub tables: f64,
}

impl Code {
    /// The machine code of a program.
    pub fn of(program: &Path) -> Result<Self, String> {
        let output = Command::new("objdump")
            .arg("--section-headers")
            .arg(program)
            .output()
            .map_err(|error| format!("objdump cannot be run ({error}): install binutils"))?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        let code = Code::parse(&String::from_utf8_lossy(&output.stdout));
        code.ok_or_else(|| format!("{}: no section `.text`", program.display()))
    }

    fn parse(headers: &str) -> Option<Self> {
        let mut code = Code::default();
        for line in headers.lines() {
            let mut words = line.split_whitespace();
            let (Some(_), Some(name), Some(size)) = (words.next(), words.next(), words.next())
            else {
                continue;
            };
            let Ok(size) = u32::from_str_radix(size, 16) else {
                continue;
            };
            if name == ".text" {
                code.text += f64::from(size);
            } else if TABLES.contains(&name) {
                code.tables += f64::from(size);
            }
        }
        (code.text > 0.0).then_some(code)
    }

    /// The code of one use, if this is that of `uses` more.
    pub fn each(self, uses: usize) -> Self {
        let uses = f64::from(u32::try_from(uses).expect("nobody builds as many"));
        Code {
            text: (self.text / uses).round(),
            tables: (self.tables / uses).round(),
        }
    }

    pub fn sum(self) -> f64 {
        self.text + self.tables
    }
}

impl Sub for Code {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Code {
            text: self.text - other.text,
            tables: self.tables - other.tables,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {} + {}", self.sum(), self.text, self.tables)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_read() {
        let headers = "
program:     file format elf64-x86-64

Sections:
Idx Name              Size      VMA               LMA               File off  Algn
 11 .rodata           00000100  0000000000005000  0000000000005000  00005000  2**4
                      CONTENTS, ALLOC, LOAD, READONLY, DATA
 12 .eh_frame_hdr     00001000  0000000000005e28  0000000000005e28  00005e28  2**2
 13 .eh_frame         00000020  00000000000068a0  00000000000068a0  000068a0  2**3
 14 .gcc_except_table 00000003  00000000000086ac  00000000000086ac  000086ac  2**2
 15 .text             00001a2b  0000000000009a00  0000000000009a00  00008a00  2**4
";
        let expected = Code {
            text: 6_699.0,
            tables: 291.0,
        };
        assert_eq!(Code::parse(headers), Some(expected));
        assert_eq!(Code::parse("no sections"), None);
    }

    #[test]
    fn a_use_is_a_part_of_the_difference() {
        let few = Code {
            text: 50_000.0,
            tables: 10_000.0,
        };
        let many = Code {
            text: 90_000.0,
            tables: 12_010.0,
        };
        let each = (many - few).each(40);
        assert_eq!(each.to_string(), "1050 = 1000 + 50");
    }
}
