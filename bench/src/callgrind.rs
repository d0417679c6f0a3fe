//! Running this program under callgrind.

use std::process::Command;

/// How many instructions the scenario takes with so many turns.
pub fn instructions(scenario: &str, turns: u64) -> Result<u64, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args([scenario, &turns.to_string()])
        .output()
        .map_err(|error| format!("valgrind cannot be run ({error}): install it"))?;
    let told = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(told.into_owned());
    }
    let collected = told
        .lines()
        .find_map(|line| line.split("Collected :").nth(1));
    collected
        .and_then(|number| number.trim().parse().ok())
        .ok_or_else(|| format!("valgrind did not say how many instructions it saw:\n{told}"))
}
