//! Locked read-modify-writes, as `objdump` shows them.

use std::collections::{HashMap, HashSet};
use std::process::Command;

/// The addresses of the locked instructions in each object, as `objdump` disassembles it.
#[derive(Default)]
pub struct Locked {
    objects: HashMap<String, HashSet<u64>>,
}

impl Locked {
    /// The addresses in one object. What is no file, such as the kernel's page, counts as having
    /// none.
    pub(crate) fn of(&mut self, object: &str) -> Result<HashSet<u64>, String> {
        if let Some(known) = self.objects.get(object) {
            return Ok(known.clone());
        }
        let found = if object.starts_with('/') {
            disassemble(object)?
        } else {
            HashSet::new()
        };
        self.objects.insert(object.to_owned(), found.clone());
        Ok(found)
    }
}

fn disassemble(object: &str) -> Result<HashSet<u64>, String> {
    let output = Command::new("objdump")
        .args(["--disassemble", "--no-show-raw-insn", object])
        .output()
        .map_err(|error| format!("objdump cannot be run ({error}): install binutils"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(parse(&String::from_utf8_lossy(&output.stdout)))
}

fn parse(disassembled: &str) -> HashSet<u64> {
    let locked = |line: &str| {
        let (address, instruction) = line.split_once(':')?;
        let address = u64::from_str_radix(address.trim(), 16).ok()?;
        is_locked(instruction.trim()).then_some(address)
    };
    disassembled.lines().filter_map(locked).collect()
}

/// Whether the instruction is locked, on x86-64. An exchange with memory is, without a prefix.
fn is_locked(instruction: &str) -> bool {
    let words: Vec<_> = instruction.split_whitespace().collect();
    match words[..] {
        ["lock", ..] => true,
        [name, operands, ..] if name.starts_with("xchg") => operands.contains('('),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exchanges_with_memory_are_locked() {
        let disassembled = "
0000000000011000 <main>:
   11000:	push   %rbx
   11001:	lock xadd %rax,(%rbx)
   11006:	xchg   %ax,%ax
   11008:	xchg   %al,0x8(%rbx)
   1100b:	xchg   %rax,%rbx
   1100e:	lock cmpxchg %ecx,(%rdi)
   11012:	mov    $0x0,%eax        # lock
";
        assert_eq!(
            parse(disassembled),
            HashSet::from([0x11001, 0x11008, 0x1100e])
        );
    }
}
