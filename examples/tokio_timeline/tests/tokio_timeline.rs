//! The example records both tasks, and needs no executor of ours.

use std::process::Command;

fn stdout_of(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn both_writers_are_recorded() {
    let text = stdout_of(&mut Command::new(env!(
        "CARGO_BIN_EXE_forwith-example-tokio-timeline"
    )));
    let count = |part| text.matches(part).count();
    assert_eq!(count("● exited Connection"), 2, "{text}");
    assert_eq!(count("✕ cancelled"), 1, "{text}");
    assert!(
        text.contains("writer{n=1}") && text.contains("writer{n=2}"),
        "{text}"
    );
}

#[test]
fn forwith_runtime_is_not_in_its_tree() {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
    cargo.args([
        "tree",
        "--offline",
        "--edges",
        "normal,build",
        "--prefix",
        "none",
    ]);
    let tree = stdout_of(&mut cargo);
    let has = |package: &str| {
        tree.lines()
            .any(|line| line.starts_with(&format!("{package} v")))
    };
    assert!(has("forwith") && has("forwith-timeline"), "{tree}");
    assert!(!has("forwith-runtime"), "{tree}");
}
