//! Whole runs, with all that is disturbed in them.

use crate::{run, says_what_is_missing};

const JOBS: &str = "400";

/// The report of a run in which all effects are there.
fn report(arguments: &[&str]) -> Option<String> {
    let arguments = [arguments, &["--workers", "3", "--at-once", "4", JOBS]].concat();
    let output = run(&arguments);
    if says_what_is_missing(&output) {
        return None;
    }
    assert!(output.status.success(), "{output:?}");
    let report = String::from_utf8(output.stdout).unwrap();
    for line in [
        "effects     400 of 400 jobs: 0 missing, 0 doubled, 0 of no job\n",
        "accounts    20200 cents, 20200 expected; 0 accounts are wrong\n",
        "published   400, ",
    ] {
        assert!(report.contains(line), "{report}");
    }
    Some(report)
}

/// The number behind a word at the beginning of a line.
fn number(report: &str, word: &str) -> u64 {
    let mut lines = report.lines().filter_map(|line| line.strip_prefix(word));
    let numbers = lines.next().expect(report).trim_start();
    numbers.split([' ', ',']).next().unwrap().parse().unwrap()
}

#[test]
fn each_job_is_done_once_whatever_is_killed() {
    let Some(report) = report(&["--seed", "7"]) else {
        return;
    };
    // Behind the empty line, errors are told, in which these words may be, too.
    let (disturbances, _) = report.split_once("\n\n").expect(&report);
    for (happened, times) in [
        (" was killed; jobs in hand: ", 2),
        (" has stopped as it was asked to", 1),
        ("server ", 2),
        (" was started again", 1),
        ("nothing gets through to worker 0", 1),
        ("the connections of worker 0 were cut", 1),
    ] {
        assert_eq!(
            disturbances.matches(happened).count(),
            times,
            "{happened}: {report}"
        );
    }
    // The one in the midst, and all three at the end.
    assert_eq!(number(&report, "stopped "), 4, "{report}");
    assert_eq!(number(&report, "killed "), 2, "{report}");
    assert_eq!(number(&report, "failed "), 0, "{report}");
    assert_eq!(number(&report, "lost exits "), 0, "{report}");
    // What was killed has come again.
    assert!(report.contains(" twice"), "{report}");
}

/// With one job, everything is due at once, and one worker has three of the orders.
#[test]
fn each_order_ends_a_worker_of_its_own() {
    let output = run(&["--seed", "7", "--workers", "2", "1"]);
    if says_what_is_missing(&output) {
        return;
    }
    assert!(output.status.success(), "{output:?}");
    let report = String::from_utf8(output.stdout).unwrap();
    assert_eq!(number(&report, "stopped "), 3, "{report}");
    assert_eq!(number(&report, "killed "), 2, "{report}");
    assert_eq!(number(&report, "failed "), 0, "{report}");
}

#[test]
fn nothing_is_disturbed_in_a_calm_run() {
    let Some(report) = report(&["--calm"]) else {
        return;
    };
    assert!(!report.contains(" %"), "{report}");
    assert_eq!(number(&report, "fates "), 400, "{report}");
    for (word, expected) in [("stopped ", 3), ("killed ", 0), ("failed ", 0)] {
        assert_eq!(number(&report, word), expected, "{report}");
    }
}

#[test]
fn plain_workers_do_each_job_once_too() {
    let Some(report) = report(&["--seed", "8", "--plain"]) else {
        return;
    };
    assert_eq!(number(&report, "killed "), 2, "{report}");
}
