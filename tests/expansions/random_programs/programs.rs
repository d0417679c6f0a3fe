// Written by `generate.py`.

use super::*;

pub const PROGRAMS: &[Program] = &[
    Program {
        run: || Box::pin(p0()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "entered 4",
            "exited 4: Completed",
            "exited 3: Completed",
            "dropped 2",
            "dropped 4",
            "exited 2: Completed",
            "exited 1: Completed",
            "at 5",
        ],
    },
    Program {
        run: || Box::pin(p1()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "at 3",
            "entered 4",
            "entered 5",
            "at 4",
            "at 5",
            "exited 5: Completed",
            "exited 4: Completed",
            "entered 6",
            "at 6",
            "at 7",
            "exited 6: Completed",
            "entered 7",
            "exited 7: Completed",
            "exited 3: Completed",
            "entered 8",
            "entered 9",
            "entered 10",
            "at 11",
            "dropped 10",
            "exited 10: Completed",
            "exited 9: Completed",
            "exited 8: Completed",
            "exited 2: Completed",
            "exited 1: Completed",
            "entered 11",
            "entered 12",
            "entered 13",
            "exited 13: Completed",
            "exited 12: Completed",
            "exited 11: Completed",
            "dropped 12",
            "at 14",
        ],
    },
    Program {
        run: || Box::pin(p2()),
        ending: r#"Ok(14)"#,
        trace: &[
            "at 2",
            "entered 1",
            "entered 2",
            "at 5",
            "entered 3",
            "entered 4",
            "at 6",
            "at 7",
            "exited 4: Completed",
            "exited 3: Completed",
            "entered 5",
            "at 8",
            "at 9",
            "at 10",
            "exited 5: Completed",
            "exited 2: Completed",
            "exited 1: Completed",
            "entered 6",
            "exited 6: Completed",
        ],
    },
    Program {
        run: || Box::pin(p3()),
        ending: r#"panicked at 19"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "at 4",
            "at 5",
            "at 6",
            "exited 3: Completed",
            "exited 2: Completed",
            "entered 4",
            "at 7",
            "at 8",
            "at 9",
            "exited 4: Completed",
            "exited 1: Completed",
            "values []",
            "entered 5",
            "entered 6",
            "entered 7",
            "at 13",
            "exited 7: Completed",
            "entered 8",
            "at 15",
            "at 16",
            "exited 8: Completed",
            "entered 9",
            "at 21",
            "at 22",
            "exited 9: Completed",
            "dropped 11",
            "exited 6: Panicked",
            "exited 5: Panicked",
        ],
    },
    Program {
        run: || Box::pin(p4()),
        ending: r#"Err("at 2")"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "exited 3: Failed",
            "exited 2: Failed",
            "exited 1: Failed",
        ],
    },
    Program {
        run: || Box::pin(p5()),
        ending: r#"Ok(0)"#,
        trace: &[
            "at 2",
            "entered 1",
            "at 5",
            "entered 2",
            "at 7",
            "at 8",
            "at 9",
            "exited 2: Completed",
            "entered 3",
            "at 10",
            "exited 3: Completed",
            "entered 2",
            "at 7",
            "at 8",
            "at 9",
            "exited 2: Completed",
            "entered 3",
            "at 10",
            "exited 3: Completed",
            "values [0, 1]",
            "values [0]",
            "exited 1: Completed",
        ],
    },
    Program {
        run: || Box::pin(p6()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "at 1",
            "at 2",
            "entered 2",
            "at 3",
            "exited 2: Completed",
            "exited 1: Completed",
            "at 4",
            "at 7",
            "entered 3",
            "entered 4",
            "entered 5",
            "at 10",
            "at 11",
            "exited 5: Completed",
            "exited 4: Completed",
            "exited 3: Completed",
        ],
    },
    Program {
        run: || Box::pin(p7()),
        ending: r#"Ok(3)"#,
        trace: &[
            "entered 1",
            "at 2",
            "exited 1: Completed",
            "entered 2",
            "entered 3",
            "exited 3: Completed",
            "exited 2: Completed",
        ],
    },
    Program {
        run: || Box::pin(p8()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "entered 2",
            "exited 2: Completed",
            "exited 1: Completed",
            "entered 3",
            "entered 4",
            "exited 4: Completed",
            "exited 3: Completed",
            "at 4",
        ],
    },
    Program {
        run: || Box::pin(p9()),
        ending: r#"Err("at 11")"#,
        trace: &[
            "at 2",
            "entered 1",
            "entered 2",
            "at 7",
            "at 8",
            "at 9",
            "at 7",
            "at 8",
            "at 9",
            "exited 2: Completed",
            "exited 1: Completed",
            "entered 1",
            "entered 2",
            "at 7",
            "at 8",
            "at 9",
            "at 7",
            "at 8",
            "at 9",
            "exited 2: Completed",
            "exited 1: Completed",
            "entered 1",
            "entered 2",
            "exited 2: Completed",
            "exited 1: Completed",
            "values [0]",
            "at 2",
            "entered 1",
            "entered 2",
            "at 7",
            "at 8",
            "at 9",
            "at 7",
            "at 8",
            "at 9",
            "exited 2: Completed",
            "exited 1: Completed",
            "entered 1",
            "entered 2",
            "at 7",
            "at 8",
            "at 9",
            "at 7",
            "at 8",
            "at 9",
            "exited 2: Completed",
            "exited 1: Completed",
            "entered 1",
            "entered 2",
            "at 7",
            "at 8",
            "at 9",
            "at 7",
            "at 8",
            "at 9",
            "exited 2: Completed",
            "exited 1: Completed",
            "values [0, 1, 2]",
            "at 2",
            "entered 1",
            "entered 2",
            "at 7",
            "at 8",
            "at 9",
            "at 7",
            "at 8",
            "at 9",
            "exited 2: Completed",
            "exited 1: Completed",
            "entered 1",
            "entered 2",
            "at 7",
            "at 8",
            "at 9",
            "at 7",
            "at 8",
            "at 9",
            "exited 2: Completed",
            "exited 1: Completed",
            "entered 1",
            "entered 2",
            "at 7",
            "at 8",
            "at 9",
            "at 7",
            "at 8",
            "at 9",
            "exited 2: Completed",
            "exited 1: Completed",
            "values [0, 1, 2]",
        ],
    },
    Program {
        run: || Box::pin(p10()),
        ending: r#"Ok(0)"#,
        trace: &[
            "at 1",
            "entered 1",
            "exited 1: Failed",
            "entered 1",
            "entered 2",
            "at 7",
            "at 8",
            "at 9",
            "exited 2: Completed",
            "values [0]",
            "exited 1: Completed",
            "entered 3",
            "exited 3: Failed",
        ],
    },
    Program {
        run: || Box::pin(p11()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "at 1",
            "entered 2",
            "entered 3",
            "entered 4",
            "at 4",
            "at 5",
            "exited 4: Completed",
            "exited 3: Completed",
            "at 6",
            "entered 3",
            "entered 4",
            "at 4",
            "at 5",
            "exited 4: Completed",
            "exited 3: Completed",
            "at 6",
            "values [0, 1]",
            "at 11",
            "exited 2: Completed",
            "entered 5",
            "entered 6",
            "entered 7",
            "at 14",
            "at 15",
            "at 16",
            "exited 7: Completed",
            "exited 6: Completed",
            "exited 5: Completed",
            "entered 5",
            "entered 6",
            "entered 7",
            "at 14",
            "at 15",
            "at 16",
            "exited 7: Completed",
            "exited 6: Completed",
            "exited 5: Completed",
            "entered 8",
            "entered 9",
            "entered 10",
            "at 19",
            "at 20",
            "exited 10: Completed",
            "exited 9: Completed",
            "exited 8: Completed",
            "at 21",
            "at 22",
            "entered 11",
            "entered 12",
            "at 23",
            "at 24",
            "exited 12: Completed",
            "exited 11: Completed",
            "entered 13",
            "entered 14",
            "at 25",
            "at 26",
            "exited 14: Completed",
            "exited 13: Completed",
            "entered 5",
            "entered 6",
            "entered 7",
            "at 14",
            "at 15",
            "at 16",
            "exited 7: Completed",
            "exited 6: Completed",
            "exited 5: Completed",
            "entered 5",
            "entered 6",
            "entered 7",
            "at 14",
            "at 15",
            "at 16",
            "exited 7: Completed",
            "exited 6: Completed",
            "exited 5: Completed",
            "entered 5",
            "entered 6",
            "entered 7",
            "at 14",
            "at 15",
            "at 16",
            "exited 7: Completed",
            "exited 6: Completed",
            "exited 5: Completed",
            "entered 8",
            "entered 9",
            "entered 10",
            "at 19",
            "at 20",
            "exited 10: Completed",
            "exited 9: Completed",
            "exited 8: Completed",
            "at 21",
            "at 22",
            "entered 11",
            "entered 12",
            "at 23",
            "at 24",
            "exited 12: Completed",
            "exited 11: Completed",
            "entered 13",
            "entered 14",
            "at 25",
            "at 26",
            "exited 14: Completed",
            "exited 13: Completed",
            "exited 1: Completed",
            "dropped 27",
        ],
    },
    Program {
        run: || Box::pin(p12()),
        ending: r#"Err("at 10")"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "at 1",
            "dropped 3",
            "dropped 3",
            "dropped 3",
            "values [0, 1, 2]",
            "exited 3: Completed",
            "at 5",
            "exited 2: Completed",
            "entered 4",
            "entered 5",
            "entered 6",
            "at 6",
            "entered 7",
            "entered 8",
            "entered 9",
            "at 7",
            "exited 9: Completed",
            "exited 8: Completed",
            "exited 7: Completed",
            "entered 10",
            "at 9",
            "exited 10: Completed",
            "entered 10",
            "at 9",
            "exited 10: Completed",
            "entered 10",
            "at 9",
            "exited 10: Completed",
            "exited 6: Completed",
            "exited 5: Completed",
            "entered 11",
            "exited 11: Failed",
            "exited 4: Failed",
            "exited 1: Failed",
        ],
    },
    Program {
        run: || Box::pin(p13()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "entered 4",
            "entered 5",
            "at 3",
            "at 4",
            "at 5",
            "exited 5: Completed",
            "exited 4: Completed",
            "entered 6",
            "at 6",
            "at 7",
            "exited 6: Completed",
            "entered 7",
            "at 8",
            "at 9",
            "at 10",
            "exited 7: Completed",
            "exited 3: Completed",
            "at 14",
            "at 16",
            "at 16",
            "at 14",
            "at 16",
            "at 16",
            "entered 8",
            "entered 9",
            "at 17",
            "exited 9: Completed",
            "exited 8: Completed",
            "exited 2: Completed",
            "exited 1: Completed",
            "entered 1",
            "entered 2",
            "entered 3",
            "entered 4",
            "entered 5",
            "at 3",
            "at 4",
            "at 5",
            "exited 5: Completed",
            "exited 4: Completed",
            "entered 6",
            "at 6",
            "at 7",
            "exited 6: Completed",
            "entered 7",
            "at 8",
            "at 9",
            "at 10",
            "exited 7: Completed",
            "exited 3: Completed",
            "exited 2: Completed",
            "exited 1: Completed",
        ],
    },
    Program {
        run: || Box::pin(p14()),
        ending: r#"Err("at 17")"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "entered 4",
            "at 3",
            "exited 4: Completed",
            "exited 3: Completed",
            "exited 2: Completed",
            "exited 1: Completed",
            "entered 5",
            "at 9",
            "at 10",
            "at 11",
            "entered 6",
            "at 12",
            "exited 6: Completed",
            "exited 5: Completed",
            "entered 7",
            "at 14",
            "at 15",
            "at 16",
            "dropped 13",
            "exited 7: Failed",
        ],
    },
    Program {
        run: || Box::pin(p15()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "entered 2",
            "exited 2: Completed",
            "exited 1: Completed",
            "entered 3",
            "dropped 3",
            "exited 3: Completed",
        ],
    },
    Program {
        run: || Box::pin(p16()),
        ending: r#"panicked at 9"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "entered 4",
            "at 3",
            "at 4",
            "exited 4: Completed",
            "exited 3: Completed",
            "entered 3",
            "entered 4",
            "at 3",
            "at 4",
            "exited 4: Completed",
            "exited 3: Completed",
            "entered 3",
            "entered 4",
            "at 3",
            "at 4",
            "exited 4: Completed",
            "exited 3: Completed",
            "dropped 1",
            "exited 2: Completed",
            "exited 1: Panicked",
        ],
    },
    Program {
        run: || Box::pin(p17()),
        ending: r#"Ok(9)"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "entered 4",
            "at 4",
            "at 6",
            "at 7",
            "at 8",
            "at 6",
            "at 7",
            "at 8",
            "dropped 3",
            "entered 5",
            "exited 5: Completed",
            "exited 4: Completed",
            "exited 3: Completed",
            "exited 2: Completed",
            "exited 1: Completed",
        ],
    },
    Program {
        run: || Box::pin(p18()),
        ending: r#"Err("at 3")"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "entered 4",
            "exited 4: Failed",
            "exited 3: Failed",
            "exited 2: Failed",
            "exited 1: Failed",
        ],
    },
    Program {
        run: || Box::pin(p19()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "entered 4",
            "entered 5",
            "entered 6",
            "at 1",
            "exited 6: Completed",
            "exited 5: Completed",
            "exited 4: Completed",
            "exited 3: Completed",
            "exited 2: Completed",
            "exited 1: Failed",
            "at 3",
        ],
    },
    Program {
        run: || Box::pin(p20()),
        ending: r#"panicked at 22"#,
        trace: &[
            "entered 1",
            "at 1",
            "entered 2",
            "entered 3",
            "entered 4",
            "at 3",
            "at 4",
            "at 5",
            "at 3",
            "at 4",
            "at 5",
            "entered 5",
            "entered 6",
            "at 6",
            "exited 6: Completed",
            "exited 5: Completed",
            "exited 4: Completed",
            "entered 7",
            "dropped 10",
            "exited 7: Completed",
            "entered 8",
            "entered 9",
            "at 12",
            "exited 9: Completed",
            "exited 8: Completed",
            "entered 7",
            "dropped 10",
            "exited 7: Completed",
            "entered 8",
            "entered 9",
            "at 12",
            "entered 10",
            "entered 11",
            "at 14",
            "exited 11: Completed",
            "exited 10: Completed",
            "exited 9: Completed",
            "exited 8: Completed",
            "exited 3: Failed",
            "exited 2: Failed",
            "exited 1: Completed",
            "entered 12",
            "at 19",
            "at 19",
            "at 19",
            "at 19",
            "at 19",
            "exited 12: Panicked",
        ],
    },
    Program {
        run: || Box::pin(p21()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "entered 4",
            "entered 5",
            "at 3",
            "at 4",
            "exited 5: Completed",
            "at 6",
            "at 7",
            "at 6",
            "at 7",
            "at 6",
            "at 7",
            "entered 6",
            "entered 7",
            "at 8",
            "exited 7: Completed",
            "exited 6: Completed",
            "exited 4: Completed",
            "entered 8",
            "entered 9",
            "at 9",
            "exited 9: Completed",
            "at 10",
            "exited 8: Completed",
            "exited 3: Completed",
            "exited 2: Completed",
            "entered 10",
            "entered 11",
            "entered 12",
            "entered 13",
            "at 11",
            "at 12",
            "exited 13: Completed",
            "exited 12: Failed",
            "exited 11: Failed",
            "exited 10: Failed",
            "entered 2",
            "entered 3",
            "entered 4",
            "entered 5",
            "at 3",
            "at 4",
            "exited 5: Completed",
            "at 6",
            "at 7",
            "at 6",
            "at 7",
            "at 6",
            "at 7",
            "entered 6",
            "entered 7",
            "at 8",
            "exited 7: Completed",
            "exited 6: Completed",
            "exited 4: Completed",
            "entered 8",
            "entered 9",
            "at 9",
            "exited 9: Completed",
            "at 10",
            "exited 8: Completed",
            "exited 3: Completed",
            "exited 2: Completed",
            "entered 10",
            "entered 11",
            "entered 12",
            "entered 13",
            "at 11",
            "at 12",
            "exited 13: Completed",
            "entered 14",
            "at 14",
            "at 15",
            "exited 14: Completed",
            "exited 12: Completed",
            "exited 11: Completed",
            "exited 10: Completed",
            "exited 1: Completed",
        ],
    },
    Program {
        run: || Box::pin(p22()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "entered 4",
            "at 6",
            "at 7",
            "exited 4: Completed",
            "exited 3: Completed",
            "entered 5",
            "at 8",
            "at 9",
            "at 10",
            "exited 5: Completed",
            "entered 3",
            "entered 4",
            "at 6",
            "at 7",
            "exited 4: Completed",
            "exited 3: Completed",
            "entered 5",
            "at 8",
            "at 9",
            "at 10",
            "exited 5: Completed",
            "entered 3",
            "entered 4",
            "at 6",
            "at 7",
            "exited 4: Completed",
            "exited 3: Completed",
            "entered 5",
            "at 8",
            "at 9",
            "at 10",
            "exited 5: Completed",
            "entered 6",
            "at 12",
            "exited 6: Completed",
            "at 13",
            "entered 6",
            "at 12",
            "exited 6: Completed",
            "at 13",
            "entered 6",
            "at 12",
            "exited 6: Completed",
            "at 13",
            "values [0, 1, 2]",
            "exited 2: Completed",
            "exited 1: Completed",
            "values [0]",
        ],
    },
    Program {
        run: || Box::pin(p23()),
        ending: r#"panicked at 3"#,
        trace: &[
            "entered 1",
            "at 2",
            "entered 2",
            "entered 3",
            "at 4",
            "at 5",
            "at 6",
            "exited 3: Completed",
            "entered 4",
            "at 7",
            "at 8",
            "exited 4: Completed",
            "exited 2: Completed",
            "at 2",
            "exited 1: Panicked",
        ],
    },
    Program {
        run: || Box::pin(p24()),
        ending: r#"panicked at 4"#,
        trace: &[
            "at 1",
            "entered 1",
            "entered 2",
            "exited 2: Completed",
            "exited 1: Completed",
            "entered 3",
            "entered 4",
            "entered 5",
            "entered 6",
            "entered 7",
            "exited 7: Panicked",
            "exited 6: Panicked",
            "exited 5: Panicked",
            "exited 4: Panicked",
            "exited 3: Panicked",
        ],
    },
    Program {
        run: || Box::pin(p25()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "entered 4",
            "at 4",
            "at 5",
            "at 6",
            "values [0]",
            "at 4",
            "at 5",
            "at 6",
            "values [0]",
            "exited 4: Completed",
            "exited 3: Completed",
            "dropped 1",
            "exited 2: Completed",
            "exited 1: Completed",
        ],
    },
    Program {
        run: || Box::pin(p26()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "entered 2",
            "at 2",
            "exited 2: Completed",
            "exited 1: Completed",
            "entered 3",
            "entered 4",
            "entered 5",
            "entered 6",
            "at 7",
            "exited 6: Completed",
            "exited 5: Completed",
            "exited 4: Completed",
            "entered 7",
            "entered 8",
            "at 8",
            "at 9",
            "at 10",
            "exited 8: Completed",
            "exited 7: Completed",
            "at 11",
            "dropped 5",
            "exited 3: Completed",
            "entered 9",
            "entered 10",
            "entered 11",
            "entered 12",
            "at 13",
            "at 14",
            "exited 12: Completed",
            "exited 11: Completed",
            "exited 10: Completed",
            "entered 13",
            "at 16",
            "exited 13: Completed",
            "exited 9: Completed",
        ],
    },
    Program {
        run: || Box::pin(p27()),
        ending: r#"Err("at 3")"#,
        trace: &[
            "at 2",
            "entered 1",
            "entered 2",
            "entered 3",
            "exited 3: Failed",
            "exited 2: Failed",
            "exited 1: Failed",
        ],
    },
    Program {
        run: || Box::pin(p28()),
        ending: r#"Ok(2)"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "at 1",
            "exited 3: Completed",
            "exited 2: Completed",
            "exited 1: Completed",
        ],
    },
    Program {
        run: || Box::pin(p29()),
        ending: r#"panicked at 3"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "at 1",
            "dropped 2",
            "exited 3: Panicked",
            "exited 2: Panicked",
            "exited 1: Panicked",
        ],
    },
    Program {
        run: || Box::pin(p30()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "entered 2",
            "at 2",
            "dropped 3",
            "exited 2: Completed",
            "entered 3",
            "exited 3: Completed",
            "exited 1: Completed",
        ],
    },
    Program {
        run: || Box::pin(p31()),
        ending: r#"Ok(6)"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "at 2",
            "at 3",
            "exited 3: Completed",
            "at 4",
            "entered 3",
            "at 2",
            "at 3",
            "exited 3: Completed",
            "at 4",
            "entered 4",
            "exited 4: Completed",
            "exited 2: Completed",
            "exited 1: Completed",
        ],
    },
    Program {
        run: || Box::pin(p32()),
        ending: r#"Err("at 9")"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "at 4",
            "at 5",
            "at 6",
            "at 7",
            "exited 3: Completed",
            "exited 2: Completed",
            "entered 4",
            "entered 5",
            "at 11",
            "exited 5: Completed",
            "exited 4: Completed",
            "dropped 2",
            "exited 1: Completed",
            "entered 6",
            "at 14",
            "at 16",
            "at 17",
            "at 16",
            "at 17",
            "at 16",
            "at 17",
            "at 14",
            "at 16",
            "at 17",
            "at 16",
            "at 17",
            "at 16",
            "at 17",
            "entered 7",
            "dropped 18",
            "exited 7: Completed",
            "exited 6: Completed",
            "entered 6",
            "at 14",
            "at 16",
            "at 17",
            "at 16",
            "at 17",
            "at 16",
            "at 17",
            "at 14",
            "at 16",
            "at 17",
            "at 16",
            "at 17",
            "at 16",
            "at 17",
            "entered 7",
            "dropped 18",
            "exited 7: Completed",
            "exited 6: Completed",
            "entered 6",
            "at 14",
            "at 16",
            "at 17",
            "at 16",
            "at 17",
            "at 16",
            "at 17",
            "at 14",
            "at 16",
            "at 17",
            "at 16",
            "at 17",
            "at 16",
            "at 17",
            "entered 7",
            "dropped 18",
            "exited 7: Completed",
            "exited 6: Completed",
            "entered 1",
            "entered 2",
            "entered 3",
            "at 4",
            "at 5",
            "at 6",
            "at 7",
            "exited 3: Completed",
            "exited 2: Completed",
            "entered 4",
            "entered 5",
            "at 11",
            "exited 5: Completed",
            "exited 4: Completed",
            "dropped 2",
            "exited 1: Completed",
            "entered 6",
            "at 14",
            "at 16",
            "at 17",
            "at 16",
            "at 17",
            "at 16",
            "at 17",
            "at 14",
            "at 16",
            "at 17",
            "at 16",
            "at 17",
            "at 16",
            "at 17",
            "entered 7",
            "dropped 18",
            "exited 7: Completed",
            "exited 6: Completed",
            "entered 6",
            "at 14",
            "at 16",
            "at 17",
            "at 16",
            "at 17",
            "at 16",
            "at 17",
            "at 14",
            "at 16",
            "at 17",
            "at 16",
            "at 17",
            "at 16",
            "at 17",
            "entered 7",
            "dropped 18",
            "exited 7: Completed",
            "exited 6: Completed",
            "entered 6",
            "at 14",
            "at 16",
            "at 17",
            "at 16",
            "at 17",
            "at 16",
            "at 17",
            "at 14",
            "at 16",
            "at 17",
            "at 16",
            "at 17",
            "at 16",
            "at 17",
            "entered 7",
            "dropped 18",
            "exited 7: Completed",
            "exited 6: Completed",
            "entered 1",
            "entered 2",
            "entered 3",
            "at 4",
            "at 5",
            "at 6",
            "at 7",
            "exited 3: Completed",
            "exited 2: Completed",
            "dropped 2",
            "exited 1: Failed",
        ],
    },
    Program {
        run: || Box::pin(p33()),
        ending: r#"Err("at 20")"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "exited 3: Failed",
            "exited 2: Failed",
            "exited 1: Failed",
            "entered 1",
            "entered 2",
            "entered 3",
            "exited 3: Completed",
            "exited 2: Completed",
            "exited 1: Completed",
            "entered 1",
            "entered 2",
            "entered 3",
            "exited 3: Completed",
            "exited 2: Completed",
            "exited 1: Completed",
            "values [2]",
            "entered 4",
            "at 6",
            "entered 5",
            "at 7",
            "exited 5: Completed",
            "exited 4: Completed",
            "entered 6",
            "entered 7",
            "entered 8",
            "entered 9",
            "entered 10",
            "entered 11",
            "entered 12",
            "at 10",
            "at 11",
            "exited 12: Completed",
            "exited 11: Completed",
            "entered 13",
            "at 13",
            "at 14",
            "at 15",
            "exited 13: Completed",
            "exited 10: Completed",
            "exited 9: Completed",
            "exited 8: Completed",
            "exited 7: Completed",
            "exited 6: Completed",
            "entered 14",
            "dropped 18",
            "exited 14: Completed",
            "entered 15",
            "exited 15: Failed",
        ],
    },
    Program {
        run: || Box::pin(p34()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "entered 4",
            "entered 5",
            "entered 6",
            "entered 7",
            "at 3",
            "at 4",
            "at 5",
            "exited 7: Completed",
            "exited 6: Completed",
            "exited 5: Completed",
            "exited 4: Completed",
            "exited 3: Completed",
            "entered 8",
            "entered 9",
            "entered 10",
            "at 8",
            "exited 10: Completed",
            "exited 9: Completed",
            "at 9",
            "exited 8: Completed",
            "entered 8",
            "entered 9",
            "entered 10",
            "at 8",
            "exited 10: Completed",
            "exited 9: Completed",
            "at 9",
            "exited 8: Completed",
            "entered 8",
            "entered 9",
            "entered 10",
            "at 8",
            "exited 10: Completed",
            "exited 9: Completed",
            "at 9",
            "exited 8: Completed",
            "exited 2: Completed",
            "exited 1: Completed",
        ],
    },
    Program {
        run: || Box::pin(p35()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "at 4",
            "exited 3: Completed",
            "exited 2: Failed",
            "exited 1: Failed",
            "entered 9",
            "at 21",
            "entered 10",
            "entered 11",
            "exited 11: Completed",
            "exited 10: Completed",
            "entered 12",
            "exited 12: Completed",
            "exited 9: Completed",
            "dropped 20",
        ],
    },
    Program {
        run: || Box::pin(p36()),
        ending: r#"Ok(7)"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "at 4",
            "exited 3: Completed",
            "dropped 6",
            "exited 2: Completed",
            "exited 1: Completed",
            "dropped 2",
        ],
    },
    Program {
        run: || Box::pin(p37()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "entered 2",
            "at 3",
            "at 5",
            "at 5",
            "entered 3",
            "at 6",
            "at 7",
            "at 8",
            "exited 3: Completed",
            "exited 2: Completed",
            "entered 4",
            "at 9",
            "exited 4: Completed",
            "entered 2",
            "at 3",
            "at 5",
            "at 5",
            "entered 3",
            "at 6",
            "at 7",
            "at 8",
            "exited 3: Completed",
            "exited 2: Completed",
            "entered 4",
            "at 9",
            "exited 4: Completed",
            "exited 1: Completed",
            "entered 5",
            "at 13",
            "at 13",
            "exited 5: Completed",
            "dropped 11",
        ],
    },
    Program {
        run: || Box::pin(p38()),
        ending: r#"panicked at 6"#,
        trace: &[
            "entered 1",
            "exited 1: Completed",
            "entered 2",
            "at 4",
            "dropped 3",
            "exited 2: Completed",
            "entered 1",
            "exited 1: Completed",
            "entered 2",
            "at 4",
            "dropped 3",
            "exited 2: Completed",
        ],
    },
    Program {
        run: || Box::pin(p39()),
        ending: r#"Ok(7)"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "entered 4",
            "exited 4: Completed",
            "exited 3: Completed",
            "entered 5",
            "exited 5: Failed",
            "exited 2: Failed",
            "exited 1: Failed",
        ],
    },
    Program {
        run: || Box::pin(p40()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "at 1",
            "exited 1: Completed",
            "entered 2",
            "entered 3",
            "entered 4",
            "at 2",
            "exited 4: Completed",
            "entered 5",
            "entered 6",
            "at 4",
            "exited 6: Completed",
            "exited 5: Completed",
            "entered 7",
            "at 5",
            "exited 7: Completed",
            "exited 3: Completed",
            "at 8",
            "exited 2: Completed",
        ],
    },
    Program {
        run: || Box::pin(p41()),
        ending: r#"panicked at 4"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "exited 3: Panicked",
            "exited 2: Panicked",
            "exited 1: Panicked",
        ],
    },
    Program {
        run: || Box::pin(p42()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "at 3",
            "exited 3: Completed",
            "at 4",
            "entered 3",
            "at 3",
            "exited 3: Completed",
            "at 4",
            "entered 3",
            "at 3",
            "exited 3: Completed",
            "at 4",
            "exited 2: Completed",
            "exited 1: Completed",
            "entered 4",
            "entered 5",
            "at 5",
            "at 6",
            "exited 5: Completed",
            "exited 4: Completed",
            "entered 6",
            "exited 6: Completed",
            "entered 1",
            "entered 2",
            "entered 3",
            "at 3",
            "exited 3: Completed",
            "at 4",
            "entered 3",
            "at 3",
            "exited 3: Completed",
            "at 4",
            "entered 3",
            "at 3",
            "exited 3: Completed",
            "at 4",
            "exited 2: Completed",
            "exited 1: Completed",
            "entered 4",
            "entered 5",
            "at 5",
            "at 6",
            "exited 5: Completed",
            "exited 4: Completed",
            "entered 6",
            "exited 6: Failed",
        ],
    },
    Program {
        run: || Box::pin(p43()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "entered 2",
            "exited 2: Completed",
            "at 2",
            "exited 1: Completed",
            "entered 3",
            "entered 4",
            "dropped 3",
            "exited 4: Completed",
            "exited 3: Completed",
        ],
    },
    Program {
        run: || Box::pin(p44()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "entered 2",
            "dropped 2",
            "exited 2: Completed",
            "entered 3",
            "entered 4",
            "entered 5",
            "entered 6",
            "entered 7",
            "at 5",
            "exited 7: Completed",
            "exited 6: Completed",
            "exited 5: Completed",
            "exited 4: Completed",
            "exited 3: Completed",
            "exited 1: Completed",
        ],
    },
    Program {
        run: || Box::pin(p45()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "entered 4",
            "at 3",
            "dropped 4",
            "exited 4: Completed",
            "exited 3: Completed",
            "exited 2: Completed",
            "exited 1: Completed",
        ],
    },
    Program {
        run: || Box::pin(p46()),
        ending: r#"panicked at 3"#,
        trace: &[
            "entered 1",
            "entered 2",
            "exited 2: Completed",
            "exited 1: Completed",
            "entered 3",
            "entered 4",
            "entered 5",
            "entered 6",
            "dropped 5",
            "exited 6: Failed",
            "exited 5: Failed",
            "exited 4: Failed",
            "exited 3: Failed",
            "entered 1",
            "entered 2",
            "exited 2: Panicked",
            "exited 1: Panicked",
        ],
    },
    Program {
        run: || Box::pin(p47()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "entered 4",
            "entered 5",
            "at 3",
            "exited 5: Completed",
            "exited 4: Completed",
            "entered 6",
            "at 4",
            "exited 6: Failed",
            "exited 3: Completed",
            "exited 2: Completed",
            "exited 1: Completed",
            "entered 7",
            "entered 8",
            "entered 9",
            "entered 10",
            "entered 11",
            "entered 12",
            "at 8",
            "at 9",
            "at 10",
            "exited 12: Completed",
            "exited 11: Completed",
            "exited 10: Completed",
            "at 11",
            "exited 9: Completed",
            "entered 9",
            "entered 10",
            "entered 11",
            "entered 12",
            "at 8",
            "at 9",
            "at 10",
            "exited 12: Completed",
            "exited 11: Completed",
            "exited 10: Completed",
            "at 11",
            "exited 9: Completed",
            "exited 8: Completed",
            "exited 7: Completed",
        ],
    },
    Program {
        run: || Box::pin(p48()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "values []",
            "exited 3: Completed",
            "entered 4",
            "entered 5",
            "exited 5: Completed",
            "entered 6",
            "at 6",
            "at 6",
            "exited 6: Completed",
            "entered 7",
            "entered 8",
            "exited 8: Completed",
            "exited 7: Completed",
            "entered 9",
            "entered 10",
            "at 10",
            "at 11",
            "exited 10: Completed",
            "entered 11",
            "at 12",
            "exited 11: Completed",
            "exited 9: Completed",
            "exited 4: Completed",
            "at 14",
            "entered 12",
            "entered 13",
            "entered 14",
            "at 16",
            "at 16",
            "exited 14: Completed",
            "exited 13: Completed",
            "exited 12: Completed",
            "entered 15",
            "entered 16",
            "entered 17",
            "at 18",
            "at 19",
            "exited 17: Completed",
            "exited 16: Completed",
            "entered 18",
            "at 21",
            "at 22",
            "at 23",
            "exited 18: Completed",
            "dropped 20",
            "entered 16",
            "entered 17",
            "at 18",
            "at 19",
            "exited 17: Completed",
            "exited 16: Completed",
            "entered 18",
            "at 21",
            "at 22",
            "at 23",
            "exited 18: Completed",
            "dropped 20",
            "entered 16",
            "entered 17",
            "at 18",
            "at 19",
            "exited 17: Completed",
            "exited 16: Completed",
            "entered 18",
            "at 21",
            "at 22",
            "at 23",
            "exited 18: Completed",
            "dropped 20",
            "exited 15: Completed",
            "exited 2: Completed",
            "exited 1: Completed",
            "at 26",
            "entered 19",
            "entered 20",
            "entered 21",
            "entered 22",
            "entered 23",
            "entered 24",
            "at 29",
            "at 30",
            "at 31",
            "exited 24: Completed",
            "exited 23: Completed",
            "exited 22: Completed",
            "exited 21: Completed",
            "exited 20: Completed",
            "exited 19: Completed",
            "dropped 28",
            "entered 19",
            "entered 20",
            "entered 21",
            "entered 22",
            "entered 23",
            "entered 24",
            "at 29",
            "at 30",
            "at 31",
            "exited 24: Completed",
            "exited 23: Completed",
            "exited 22: Completed",
            "exited 21: Completed",
            "exited 20: Completed",
            "exited 19: Completed",
            "dropped 28",
            "entered 25",
            "exited 25: Failed",
            "entered 25",
            "exited 25: Completed",
            "entered 25",
            "exited 25: Completed",
            "at 26",
            "entered 19",
            "entered 20",
            "entered 21",
            "entered 22",
            "entered 23",
            "entered 24",
            "at 29",
            "at 30",
            "at 31",
            "exited 24: Completed",
            "exited 23: Completed",
            "exited 22: Completed",
            "exited 21: Completed",
            "exited 20: Completed",
            "exited 19: Completed",
            "dropped 28",
            "entered 19",
            "entered 20",
            "entered 21",
            "entered 22",
            "entered 23",
            "entered 24",
            "at 29",
            "at 30",
            "at 31",
            "exited 24: Completed",
            "exited 23: Completed",
            "exited 22: Completed",
            "exited 21: Completed",
            "exited 20: Completed",
            "exited 19: Completed",
            "dropped 28",
            "entered 25",
            "exited 25: Completed",
            "entered 25",
            "exited 25: Completed",
            "entered 25",
            "exited 25: Completed",
            "at 26",
            "entered 19",
            "entered 20",
            "entered 21",
            "entered 22",
            "entered 23",
            "entered 24",
            "at 29",
            "at 30",
            "at 31",
            "exited 24: Completed",
            "exited 23: Completed",
            "exited 22: Completed",
            "exited 21: Completed",
            "exited 20: Completed",
            "exited 19: Completed",
            "dropped 28",
            "entered 19",
            "entered 20",
            "entered 21",
            "entered 22",
            "entered 23",
            "entered 24",
            "at 29",
            "at 30",
            "at 31",
            "exited 24: Completed",
            "exited 23: Completed",
            "exited 22: Completed",
            "exited 21: Completed",
            "exited 20: Completed",
            "exited 19: Completed",
            "dropped 28",
            "entered 25",
            "exited 25: Completed",
            "entered 25",
            "exited 25: Completed",
            "entered 25",
            "exited 25: Completed",
            "at 34",
        ],
    },
    Program {
        run: || Box::pin(p49()),
        ending: r#"Err("at 16")"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "exited 3: Completed",
            "exited 2: Completed",
            "dropped 2",
            "exited 1: Completed",
            "entered 6",
            "dropped 15",
            "dropped 15",
            "exited 6: Completed",
        ],
    },
];

async fn p0() -> Ended {
    async_with!(open(1), open(2) as _r2, {
        async_for!(
            #[concurrent(1)]
            'l0: for _ in iter(0..2) {
                let _held2 = Held(2);
                async_with!(open(3) as _r3, open(4) as _r4, {
                    if hit(3, 1) {
                        break;
                    }
                })?;
            }
        );
        let _held4 = Held(4);
    })?;
    log("at 5");
    yield_once().await;
    if hit(6, 2) {
        return Ok(6);
    }
    Ok(0)
}

async fn p1() -> Ended {
    'b0: {
        async_with!(open(1), open(2) as _r2, {
            async_with!(open(3) as _r3, {
                if hit(1, 3) {
                    break 'b0;
                }
                async_for!(
                    #[concurrent(1)]
                    'l1: for _ in iter(0..1) {
                        log("at 3");
                        yield_once().await;
                        async_with!(open(4), open(5) as _r5, {
                            log("at 4");
                            yield_once().await;
                            log("at 5");
                            yield_once().await;
                        })?;
                        async_with!(open(6), {
                            log("at 6");
                            yield_once().await;
                            log("at 7");
                            yield_once().await;
                        })?;
                    }
                );
                async_with!(open(7) as _r7, {
                    if hit(8, 3) {
                        return Ok(8);
                    }
                })?;
            })?;
            if hit(9, 3) {
                Err(format!("at 9"))?;
            }
            async_with!(open(8) as _r8, {
                async_with!(open(9) as _r9, open(10) as _r10, {
                    let _held10 = Held(10);
                    log("at 11");
                    yield_once().await;
                })?;
            })?;
        })?;
        'b1: {
            let _held12 = Held(12);
            async_with!(open(11) as _r11, {
                async_with!(open(12) as _r12, open(13) as _r13, {
                    if hit(13, 1) {
                        break 'b1;
                    }
                })?;
            })?;
        }
        log("at 14");
        yield_once().await;
    }
    if hit(15, 3) {
        Err(format!("at 15"))?;
    }
    Ok(0)
}

async fn p2() -> Ended {
    let mut turn1 = 0;
    'l0: while {
        turn1 += 1;
        turn1 <= 2
    } {
        log("at 2");
        yield_once().await;
        'l1: for _ in 0..1 {
            async_with!(open(1) as _r1, open(2) as _r2, {
                async_for!('l2: for _ in iter(0..1) {
                    log("at 5");
                    yield_once().await;
                    async_with!(open(3) as _r3, open(4), {
                        log("at 6");
                        yield_once().await;
                        log("at 7");
                        yield_once().await;
                    })?;
                    async_with!(open(5) as _r5, {
                        log("at 8");
                        yield_once().await;
                        log("at 9");
                        yield_once().await;
                        log("at 10");
                        yield_once().await;
                    })?;
                });
            })?;
            async_with!(open(6), {
                async_for!(
                    #[concurrent(1)]
                    'l2: for _ in iter(0..2) {
                        if hit(12, 3) {
                            break 'l0;
                        }
                    }
                );
            })?;
            'l2: for _ in 0..2 {
                if hit(14, 1) {
                    return Ok(14);
                }
                if hit(15, 1) {
                    return Err("at 15".into());
                }
            }
        }
        log("at 16");
        yield_once().await;
    }
    'l0: for _ in 0..3 {
        async_for!('l1: for _ in iter(0..2) {
            async_with!(open(7) as _r7, {
                let _held19 = Held(19);
                'b2: {
                    async_with!(open(8) as _r8, {
                        log("at 20");
                        yield_once().await;
                        log("at 21");
                        yield_once().await;
                    })?;
                    if hit(22, 2) {
                        let mark = move || mark_failed!();
                        mark();
                    }
                }
            })?;
        });
    }
    if hit(23, 1) {
        return Err("at 23".into());
    }
    Ok(0)
}

async fn p3() -> Ended {
    let values = async_for!(
        #[concurrent(1)]
        #[collect]
        'l0: for turn1 in iter(0..1) {
            'l1: for _ in 0..3 {
                async_for!(
                    #[concurrent(1)]
                    'l2: for _ in iter(0..1) {
                        async_with!(open(1), {
                            async_with!(open(2) as _r2, open(3), {
                                log("at 4");
                                yield_once().await;
                                log("at 5");
                                yield_once().await;
                                log("at 6");
                                yield_once().await;
                            })?;
                            async_with!(open(4), {
                                log("at 7");
                                yield_once().await;
                                log("at 8");
                                yield_once().await;
                                log("at 9");
                                yield_once().await;
                            })?;
                            if hit(10, 1) {
                                continue 'l0;
                            }
                        })?;
                    }
                );
            }
            turn1
        }
    );
    log(format!("values {values:?}"));
    async_with!(open(5) as _r5, open(6), {
        let _held11 = Held(11);
        async_for!('l0: for _ in iter(0..1) {
            async_with!(open(7), {
                log("at 13");
                yield_once().await;
            })?;
            if hit(14, 2) {
                continue;
            }
            'b1: {
                async_with!(open(8), {
                    'b2: {
                        log("at 15");
                        yield_once().await;
                        log("at 16");
                        yield_once().await;
                    }
                })?;
            }
        });
        let mut turn17 = 0;
        'l0: loop {
            turn17 += 1;
            if turn17 > 3 {
                break;
            }
            if hit(18, 3) {
                continue;
            }
            if hit(19, 2) {
                panic!("at 19");
            }
            async_for!('l1: for _ in iter(0..1) {
                'b2: {
                    async_with!(open(9) as _r9, {
                        log("at 21");
                        yield_once().await;
                        log("at 22");
                        yield_once().await;
                    })?;
                }
            });
        }
    })?;
    'b0: {
        'b1: {
            async_for!('l2: for _ in iter(0..3) {
                if hit(24, 3) {
                    break;
                }
            });
            if hit(25, 2) {
                return Ok(25);
            }
            if hit(26, 3) {
                panic!("at 26");
            }
        }
        if hit(27, 1) {
            break 'b0;
        }
    }
    Ok(0)
}

async fn p4() -> Ended {
    async_with!(open(1), open(2) as _r2, {
        async_with!(open(3), {
            'l0: for _ in 0..2 {
                if hit(2, 1) {
                    return Err("at 2".into());
                }
                async_with!(open(4), {
                    log("at 3");
                    yield_once().await;
                    if hit(4, 3) {
                        mark_failed!();
                        continue;
                    }
                    async_with!(open(5), {
                        log("at 5");
                        yield_once().await;
                        log("at 6");
                        yield_once().await;
                        log("at 7");
                        yield_once().await;
                    })?;
                })?;
            }
            'b0: {
                if hit(8, 3) {
                    return Err("at 8".into());
                }
            }
        })?;
        async_for!(
            #[concurrent(1)]
            'l0: for _ in iter(0..1) {
                if hit(10, 1) {
                    break 'l0;
                }
            }
        );
        if hit(11, 2) {
            panic!("at 11");
        }
    })?;
    async_with!(open(6), open(7) as _r7, {
        let _held12 = Held(12);
        if hit(13, 3) {
            Err(format!("at 13"))?;
        }
    })?;
    async_for!(
        #[concurrent(1)]
        'l0: for _ in iter(0..1) {
            let _held15 = Held(15);
            log("at 16");
            yield_once().await;
            if hit(17, 2) {
                panic!("at 17");
            }
        }
    );
    Ok(0)
}

async fn p5() -> Ended {
    'l0: for _ in 0..1 {
        log("at 2");
        yield_once().await;
        async_with!(open(1) as _r1, {
            let values = async_for!(
                #[concurrent(1)]
                #[collect]
                'l1: for turn3 in iter(0..1) {
                    if hit(4, 2) {
                        break 'l0;
                    }
                    log("at 5");
                    yield_once().await;
                    let values = async_for!(
                        #[concurrent(1)]
                        #[collect]
                        'l2: for turn6 in iter(0..2) {
                            async_with!(open(2), {
                                log("at 7");
                                yield_once().await;
                                log("at 8");
                                yield_once().await;
                                log("at 9");
                                yield_once().await;
                            })?;
                            async_with!(open(3), {
                                log("at 10");
                                yield_once().await;
                            })?;
                            turn6
                        }
                    );
                    log(format!("values {values:?}"));
                    turn3
                }
            );
            log(format!("values {values:?}"));
            if hit(11, 1) {
                break 'l0;
            }
        })?;
    }
    Ok(0)
}

async fn p6() -> Ended {
    async_with!(open(1), {
        log("at 1");
        yield_once().await;
        log("at 2");
        yield_once().await;
        async_with!(open(2) as _r2, {
            log("at 3");
            yield_once().await;
        })?;
    })?;
    log("at 4");
    yield_once().await;
    async_for!('l0: for _ in iter(0..1) {
        if hit(6, 2) {
            panic!("at 6");
        }
        log("at 7");
        yield_once().await;
        let mut turn8 = 0;
        'l1: while {
            turn8 += 1;
            turn8 <= 1
        } {
            async_with!(open(3) as _r3, {
                async_with!(open(4) as _r4, {
                    if hit(9, 3) {
                        return Err("at 9".into());
                    }
                    async_with!(open(5), {
                        log("at 10");
                        yield_once().await;
                        log("at 11");
                        yield_once().await;
                    })?;
                })?;
            })?;
        }
    });
    Ok(0)
}

async fn p7() -> Ended {
    async_with!(open(1), {
        if hit(1, 3) {
            Err(format!("at 1"))?;
        }
        log("at 2");
        yield_once().await;
    })?;
    async_with!(open(2), open(3), {
        if hit(3, 1) {
            return Ok(3);
        }
        if hit(4, 3) {
            return Ok(4);
        }
        async_with!(open(4) as _r4, open(5) as _r5, {
            async_with!(open(6) as _r6, open(7) as _r7, {
                async_with!(open(8), open(9), {
                    if hit(5, 2) {
                        Err(format!("at 5"))?;
                    }
                    async_for!('l0: for _ in iter(0..3) {
                        log("at 7");
                        yield_once().await;
                        log("at 8");
                        yield_once().await;
                    });
                })?;
                async_for!(
                    #[concurrent(1)]
                    'l0: for _ in iter(0..3) {
                        async_with!(open(10), {
                            log("at 10");
                            yield_once().await;
                        })?;
                        if hit(11, 1) {
                            async {
                                yield_once().await;
                                mark_failed!()
                            }
                            .await;
                        }
                        if hit(12, 3) {
                            return Err("at 12".into());
                        }
                    }
                );
                let _held13 = Held(13);
            })?;
            log("at 14");
            yield_once().await;
        })?;
    })?;
    Ok(0)
}

async fn p8() -> Ended {
    async_with!(open(1), {
        async_with!(open(2), {
            if hit(1, 3) {
                panic!("at 1");
            }
        })?;
    })?;
    async_with!(open(3) as _r3, open(4), {
        async_for!(
            #[concurrent(1)]
            'l0: for _ in iter(0..1) {
                if hit(3, 3) {
                    return Err("at 3".into());
                }
            }
        );
    })?;
    log("at 4");
    yield_once().await;
    Ok(0)
}

async fn p9() -> Ended {
    let mut turn1 = 0;
    'l0: while {
        turn1 += 1;
        turn1 <= 3
    } {
        log("at 2");
        yield_once().await;
        let values = async_for!(
            #[concurrent(1)]
            #[collect]
            'l1: for turn3 in iter(0..3) {
                async_with!(open(1), open(2), {
                    if hit(4, 3) {
                        continue 'l1;
                    }
                    async_for!('l2: for _ in iter(0..1) {
                        async_for!('l3: for _ in iter(0..2) {
                            log("at 7");
                            yield_once().await;
                            log("at 8");
                            yield_once().await;
                            log("at 9");
                            yield_once().await;
                        });
                    });
                })?;
                if hit(10, 2) {
                    continue 'l1;
                }
                turn3
            }
        );
        log(format!("values {values:?}"));
        if hit(11, 3) {
            return Err("at 11".into());
        }
    }
    Ok(0)
}

async fn p10() -> Ended {
    log("at 1");
    yield_once().await;
    let mut turn2 = 0;
    'l0: while {
        turn2 += 1;
        turn2 <= 3
    } {
        async_with!(open(1), {
            if hit(3, 1) {
                mark_failed!();
                continue 'l0;
            }
            let values = async_for!(
                #[concurrent(1)]
                #[collect]
                'l1: for turn4 in iter(0..2) {
                    if hit(5, 2) {
                        continue 'l1;
                    }
                    async_with!(open(2), {
                        async_for!(
                            #[concurrent(1)]
                            'l2: for _ in iter(0..1) {
                                log("at 7");
                                yield_once().await;
                                log("at 8");
                                yield_once().await;
                            }
                        );
                        log("at 9");
                        yield_once().await;
                    })?;
                    turn4
                }
            );
            log(format!("values {values:?}"));
        })?;
        async_with!(open(3), {
            if hit(10, 1) {
                mark_failed!();
                break;
            }
            let _held11 = Held(11);
        })?;
    }
    Ok(0)
}

async fn p11() -> Ended {
    async_with!(open(1), {
        log("at 1");
        yield_once().await;
        async_with!(open(2) as _r2, {
            let mut turn2 = 0;
            'l0: loop {
                turn2 += 1;
                if turn2 > 1 {
                    break;
                }
                'l1: for _ in 0..2 {
                    async_with!(open(3) as _r3, open(4), {
                        log("at 4");
                        yield_once().await;
                        log("at 5");
                        yield_once().await;
                    })?;
                    log("at 6");
                    yield_once().await;
                }
                let values = async_for!(
                    #[concurrent(1)]
                    #[collect]
                    'l1: for turn7 in iter(0..3) {
                        if hit(8, 3) {
                            break 'l1;
                        }
                        turn7
                    }
                );
                log(format!("values {values:?}"));
                if hit(9, 2) {
                    continue 'l0;
                }
            }
            let mut turn10 = 0;
            'l0: loop {
                turn10 += 1;
                if turn10 > 1 {
                    break;
                }
                log("at 11");
                yield_once().await;
            }
        })?;
        'l0: for _ in 0..2 {
            async_for!(
                #[concurrent(1)]
                'l1: for _ in iter(0..3) {
                    async_with!(open(5) as _r5, open(6) as _r6, {
                        async_with!(open(7) as _r7, {
                            log("at 14");
                            yield_once().await;
                            log("at 15");
                            yield_once().await;
                            log("at 16");
                            yield_once().await;
                        })?;
                    })?;
                    if hit(17, 2) {
                        break;
                    }
                }
            );
            async_for!(
                #[concurrent(1)]
                'l1: for _ in iter(0..1) {
                    async_with!(open(8), open(9) as _r9, {
                        async_with!(open(10), {
                            log("at 19");
                            yield_once().await;
                            log("at 20");
                            yield_once().await;
                        })?;
                    })?;
                    log("at 21");
                    yield_once().await;
                    'b2: {
                        log("at 22");
                        yield_once().await;
                        async_with!(open(11), open(12) as _r12, {
                            log("at 23");
                            yield_once().await;
                            log("at 24");
                            yield_once().await;
                        })?;
                        async_with!(open(13) as _r13, open(14) as _r14, {
                            log("at 25");
                            yield_once().await;
                            log("at 26");
                            yield_once().await;
                        })?;
                    }
                }
            );
        }
    })?;
    let _held27 = Held(27);
    Ok(0)
}

async fn p12() -> Ended {
    async_with!(open(1) as _r1, {
        async_with!(open(2) as _r2, {
            async_with!(open(3), {
                log("at 1");
                yield_once().await;
                let values = async_for!(
                    #[concurrent(1)]
                    #[collect]
                    'l0: for turn2 in iter(0..3) {
                        let _held3 = Held(3);
                        turn2
                    }
                );
                log(format!("values {values:?}"));
                if hit(4, 3) {
                    return Ok(4);
                }
            })?;
            log("at 5");
            yield_once().await;
        })?;
        async_with!(open(4) as _r4, {
            async_with!(open(5) as _r5, open(6), {
                log("at 6");
                yield_once().await;
                async_with!(open(7) as _r7, {
                    async_with!(open(8) as _r8, open(9) as _r9, {
                        log("at 7");
                        yield_once().await;
                    })?;
                })?;
                async_for!('l0: for _ in iter(0..3) {
                    async_with!(open(10) as _r10, {
                        log("at 9");
                        yield_once().await;
                    })?;
                });
            })?;
            async_with!(open(11) as _r11, {
                if hit(10, 1) {
                    return Err("at 10".into());
                }
                let mut turn11 = 0;
                'l0: while {
                    turn11 += 1;
                    turn11 <= 3
                } {
                    async_with!(open(12) as _r12, {
                        log("at 12");
                        yield_once().await;
                        log("at 13");
                        yield_once().await;
                    })?;
                }
                async_with!(open(13), {
                    async_with!(open(14) as _r14, {
                        log("at 14");
                        yield_once().await;
                        log("at 15");
                        yield_once().await;
                    })?;
                })?;
            })?;
        })?;
    })?;
    log("at 16");
    yield_once().await;
    async_with!(open(15) as _r15, {
        if hit(17, 1) {
            return Err("at 17".into());
        }
    })?;
    Ok(0)
}

async fn p13() -> Ended {
    if hit(1, 2) {
        return Ok(1);
    }
    async_for!('l0: for _ in iter(0..2) {
        'b1: {
            async_with!(open(1) as _r1, open(2) as _r2, {
                async_with!(open(3), {
                    async_with!(open(4) as _r4, open(5) as _r5, {
                        log("at 3");
                        yield_once().await;
                        log("at 4");
                        yield_once().await;
                        log("at 5");
                        yield_once().await;
                    })?;
                    async_with!(open(6) as _r6, {
                        log("at 6");
                        yield_once().await;
                        log("at 7");
                        yield_once().await;
                    })?;
                    async_with!(open(7) as _r7, {
                        log("at 8");
                        yield_once().await;
                        log("at 9");
                        yield_once().await;
                        log("at 10");
                        yield_once().await;
                    })?;
                })?;
                async_for!('l2: for _ in iter(0..2) {
                    if hit(12, 3) {
                        break 'b1;
                    }
                    async_for!(
                        #[concurrent(1)]
                        'l3: for _ in iter(0..1) {
                            log("at 14");
                            yield_once().await;
                        }
                    );
                    async_for!(
                        #[concurrent(1)]
                        'l3: for _ in iter(0..2) {
                            log("at 16");
                            yield_once().await;
                        }
                    );
                });
                async_with!(open(8) as _r8, {
                    async_with!(open(9) as _r9, {
                        log("at 17");
                        yield_once().await;
                    })?;
                })?;
            })?;
        }
    });
    if hit(18, 3) {
        panic!("at 18");
    }
    Ok(0)
}

async fn p14() -> Ended {
    if hit(1, 3) {
        return Ok(1);
    }
    let mut turn2 = 0;
    'l0: loop {
        turn2 += 1;
        if turn2 > 1 {
            break;
        }
        async_with!(open(1) as _r1, open(2) as _r2, {
            async_with!(open(3), {
                async_with!(open(4), {
                    log("at 3");
                    yield_once().await;
                })?;
            })?;
        })?;
    }
    let mut turn4 = 0;
    'l0: loop {
        turn4 += 1;
        if turn4 > 3 {
            break;
        }
        if hit(5, 1) {
            continue;
        }
        let values = async_for!(
            #[concurrent(1)]
            #[collect]
            'l1: for turn6 in iter(0..3) {
                async_for!('l2: for _ in iter(0..1) {
                    async_with!(open(5) as _r5, {
                        'l3: for _ in 0..1 {
                            log("at 9");
                            yield_once().await;
                            log("at 10");
                            yield_once().await;
                            log("at 11");
                            yield_once().await;
                        }
                        async_with!(open(6) as _r6, {
                            log("at 12");
                            yield_once().await;
                        })?;
                    })?;
                    async_with!(open(7) as _r7, {
                        let _held13 = Held(13);
                        'b3: {
                            log("at 14");
                            yield_once().await;
                            log("at 15");
                            yield_once().await;
                            log("at 16");
                            yield_once().await;
                        }
                        if hit(17, 1) {
                            Err(format!("at 17"))?;
                        }
                    })?;
                });
                turn6
            }
        );
        log(format!("values {values:?}"));
    }
    Ok(0)
}

async fn p15() -> Ended {
    if hit(1, 3) {
        Err(format!("at 1"))?;
    }
    async_with!(open(1), open(2), {
        if hit(2, 3) {
            return Err("at 2".into());
        }
    })?;
    async_with!(open(3), {
        let _held3 = Held(3);
    })?;
    Ok(0)
}

async fn p16() -> Ended {
    async_with!(open(1) as _r1, {
        async_with!(open(2) as _r2, {
            let _held1 = Held(1);
            let mut turn2 = 0;
            'l0: while {
                turn2 += 1;
                turn2 <= 3
            } {
                async_with!(open(3) as _r3, open(4) as _r4, {
                    'b1: {
                        log("at 3");
                        yield_once().await;
                        log("at 4");
                        yield_once().await;
                    }
                })?;
                if hit(5, 3) {
                    continue;
                }
            }
        })?;
        async_for!('l0: for _ in iter(0..1) {
            let mut turn7 = 0;
            'l1: loop {
                turn7 += 1;
                if turn7 > 3 {
                    break;
                }
                let mut turn8 = 0;
                'l2: while {
                    turn8 += 1;
                    turn8 <= 1
                } {
                    if hit(9, 3) {
                        panic!("at 9");
                    }
                }
            }
            async_with!(open(5) as _r5, {
                async_with!(open(6), {
                    async_for!('l1: for _ in iter(0..3) {
                        log("at 11");
                        yield_once().await;
                        log("at 12");
                        yield_once().await;
                        log("at 13");
                        yield_once().await;
                    });
                    async_with!(open(7) as _r7, {
                        log("at 14");
                        yield_once().await;
                        log("at 15");
                        yield_once().await;
                    })?;
                })?;
                async_with!(open(8) as _r8, {
                    async_with!(open(9) as _r9, {
                        log("at 16");
                        yield_once().await;
                    })?;
                })?;
            })?;
            async_with!(open(10) as _r10, open(11) as _r11, {
                async_with!(open(12), open(13), {
                    'b1: {
                        log("at 17");
                        yield_once().await;
                    }
                    async_for!(
                        #[concurrent(1)]
                        'l1: for _ in iter(0..3) {
                            log("at 19");
                            yield_once().await;
                            log("at 20");
                            yield_once().await;
                        }
                    );
                })?;
            })?;
        });
        'l0: for _ in 0..1 {
            if hit(22, 1) {
                mark_failed!();
                continue 'l0;
            }
            async_with!(open(14) as _r14, {
                async_for!('l1: for _ in iter(0..3) {
                    async_with!(open(15), open(16) as _r16, {
                        log("at 24");
                        yield_once().await;
                        log("at 25");
                        yield_once().await;
                    })?;
                    async_with!(open(17), open(18) as _r18, {
                        log("at 26");
                        yield_once().await;
                    })?;
                });
                log("at 27");
                yield_once().await;
                let mut turn28 = 0;
                'l1: loop {
                    turn28 += 1;
                    if turn28 > 2 {
                        break;
                    }
                    async_for!('l2: for _ in iter(0..2) {
                        log("at 30");
                        yield_once().await;
                        log("at 31");
                        yield_once().await;
                    });
                    let _held32 = Held(32);
                    let _held33 = Held(33);
                }
            })?;
            if hit(34, 3) {
                tokio::select! { () = yield_once() => mark_failed!() }
            }
        }
    })?;
    Ok(0)
}

async fn p17() -> Ended {
    async_with!(open(1) as _r1, open(2) as _r2, {
        async_with!(open(3), {
            async_with!(open(4), {
                'b0: {
                    if hit(1, 3) {
                        mark_failed!();
                    }
                }
                let mut turn2 = 0;
                'l0: while {
                    turn2 += 1;
                    turn2 <= 1
                } {
                    let _held3 = Held(3);
                    log("at 4");
                    yield_once().await;
                    'l1: for _ in 0..2 {
                        log("at 6");
                        yield_once().await;
                        log("at 7");
                        yield_once().await;
                        log("at 8");
                        yield_once().await;
                    }
                }
                async_with!(open(5), {
                    if hit(9, 1) {
                        return Ok(9);
                    }
                })?;
            })?;
            async_for!('l0: for _ in iter(0..1) {
                async_with!(open(6) as _r6, open(7), {
                    async_with!(open(8), open(9), {
                        log("at 11");
                        yield_once().await;
                    })?;
                })?;
                async_with!(open(10), {
                    if hit(12, 1) {
                        return Err("at 12".into());
                    }
                    if hit(13, 1) {
                        Err(format!("at 13"))?;
                    }
                })?;
            });
        })?;
        async_with!(open(11) as _r11, {
            if hit(14, 1) {
                Err(format!("at 14"))?;
            }
            async_with!(open(12) as _r12, open(13), {
                async_with!(open(14) as _r14, open(15), {
                    async_with!(open(16), {
                        log("at 15");
                        yield_once().await;
                        log("at 16");
                        yield_once().await;
                        log("at 17");
                        yield_once().await;
                    })?;
                })?;
                if hit(18, 3) {
                    panic!("at 18");
                }
            })?;
        })?;
    })?;
    Ok(0)
}

async fn p18() -> Ended {
    async_with!(open(1), {
        if hit(1, 3) {
            panic!("at 1");
        }
        if hit(2, 3) {
            return Ok(2);
        }
        async_with!(open(2) as _r2, {
            async_with!(open(3), open(4), {
                if hit(3, 1) {
                    Err(format!("at 3"))?;
                }
                log("at 4");
                yield_once().await;
            })?;
        })?;
    })?;
    async_with!(open(5) as _r5, {
        let values = async_for!(
            #[concurrent(1)]
            #[collect]
            'l0: for turn5 in iter(0..3) {
                let _held6 = Held(6);
                let mut turn7 = 0;
                'l1: while {
                    turn7 += 1;
                    turn7 <= 1
                } {
                    async_with!(open(6) as _r6, {
                        async_with!(open(7), {
                            log("at 8");
                            yield_once().await;
                            log("at 9");
                            yield_once().await;
                        })?;
                        let _held10 = Held(10);
                    })?;
                    async_with!(open(8), {
                        async_with!(open(9) as _r9, open(10), {
                            log("at 11");
                            yield_once().await;
                            log("at 12");
                            yield_once().await;
                        })?;
                    })?;
                }
                turn5
            }
        );
        log(format!("values {values:?}"));
        let values = async_for!(
            #[concurrent(1)]
            #[collect]
            'l0: for turn13 in iter(0..3) {
                let _held14 = Held(14);
                if hit(15, 3) {
                    break;
                }
                turn13
            }
        );
        log(format!("values {values:?}"));
        async_with!(open(11) as _r11, {
            if hit(16, 3) {
                return Ok(16);
            }
        })?;
    })?;
    if hit(17, 2) {
        return Err("at 17".into());
    }
    Ok(0)
}

async fn p19() -> Ended {
    async_with!(open(1), {
        async_with!(open(2), {
            async_with!(open(3) as _r3, open(4), {
                async_with!(open(5) as _r5, open(6), {
                    log("at 1");
                    yield_once().await;
                })?;
            })?;
        })?;
        if hit(2, 1) {
            let mark = move || mark_failed!();
            mark();
        }
    })?;
    log("at 3");
    yield_once().await;
    if hit(4, 3) {
        return Err("at 4".into());
    }
    Ok(0)
}

async fn p20() -> Ended {
    async_with!(open(1), {
        log("at 1");
        yield_once().await;
        async_with!(open(2), open(3) as _r3, {
            async_with!(open(4) as _r4, {
                'b0: {
                    'l1: for _ in 0..2 {
                        log("at 3");
                        yield_once().await;
                        log("at 4");
                        yield_once().await;
                        log("at 5");
                        yield_once().await;
                    }
                    async_with!(open(5), open(6), {
                        log("at 6");
                        yield_once().await;
                    })?;
                }
                if hit(7, 3) {
                    return Ok(7);
                }
                if hit(8, 2) {
                    panic!("at 8");
                }
            })?;
            async_for!(
                #[concurrent(1)]
                'l0: for _ in iter(0..2) {
                    async_with!(open(7) as _r7, {
                        let _held10 = Held(10);
                    })?;
                    if hit(11, 1) {
                        mark_failed!();
                    }
                    async_with!(open(8) as _r8, open(9), {
                        log("at 12");
                        yield_once().await;
                        if hit(13, 1) {
                            continue 'l0;
                        }
                        async_with!(open(10), open(11) as _r11, {
                            log("at 14");
                            yield_once().await;
                        })?;
                    })?;
                }
            );
        })?;
    })?;
    async_with!(open(12), {
        let mut turn15 = 0;
        'l0: while {
            turn15 += 1;
            turn15 <= 1
        } {
            if hit(16, 3) {
                let mark = move || mark_failed!();
                mark();
            }
        }
        let mut turn17 = 0;
        'l0: loop {
            turn17 += 1;
            if turn17 > 3 {
                break;
            }
            'l1: for _ in 0..2 {
                log("at 19");
                yield_once().await;
                if hit(20, 1) {
                    continue 'l0;
                }
                if hit(21, 1) {
                    mark_failed!();
                    continue 'l1;
                }
            }
            if hit(22, 2) {
                panic!("at 22");
            }
        }
    })?;
    Ok(0)
}

async fn p21() -> Ended {
    async_with!(open(1) as _r1, {
        if hit(1, 3) {
            return Err("at 1".into());
        }
        'l0: for _ in 0..2 {
            async_with!(open(2) as _r2, open(3), {
                async_with!(open(4) as _r4, {
                    async_with!(open(5) as _r5, {
                        log("at 3");
                        yield_once().await;
                        log("at 4");
                        yield_once().await;
                    })?;
                    async_for!('l1: for _ in iter(0..3) {
                        log("at 6");
                        yield_once().await;
                        log("at 7");
                        yield_once().await;
                    });
                    async_with!(open(6) as _r6, open(7) as _r7, {
                        log("at 8");
                        yield_once().await;
                    })?;
                })?;
                async_with!(open(8), {
                    async_with!(open(9) as _r9, {
                        log("at 9");
                        yield_once().await;
                    })?;
                    log("at 10");
                    yield_once().await;
                })?;
            })?;
            async_with!(open(10), open(11) as _r11, {
                async_with!(open(12), {
                    async_with!(open(13), {
                        log("at 11");
                        yield_once().await;
                        log("at 12");
                        yield_once().await;
                    })?;
                    if hit(13, 1) {
                        mark_failed!();
                        continue 'l0;
                    }
                    async_with!(open(14), {
                        log("at 14");
                        yield_once().await;
                        log("at 15");
                        yield_once().await;
                    })?;
                })?;
            })?;
        }
    })?;
    if hit(16, 2) {
        panic!("at 16");
    }
    Ok(0)
}

async fn p22() -> Ended {
    let values = async_for!(
        #[concurrent(1)]
        #[collect]
        'l0: for turn1 in iter(0..1) {
            if hit(2, 3) {
                continue;
            }
            async_with!(open(1) as _r1, {
                if hit(3, 3) {
                    panic!("at 3");
                }
                if hit(4, 2) {
                    panic!("at 4");
                }
                async_with!(open(2) as _r2, {
                    async_for!('l1: for _ in iter(0..3) {
                        async_with!(open(3) as _r3, open(4) as _r4, {
                            log("at 6");
                            yield_once().await;
                            log("at 7");
                            yield_once().await;
                        })?;
                        async_with!(open(5) as _r5, {
                            log("at 8");
                            yield_once().await;
                            log("at 9");
                            yield_once().await;
                            log("at 10");
                            yield_once().await;
                        })?;
                    });
                    let values = async_for!(
                        #[concurrent(1)]
                        #[collect]
                        'l1: for turn11 in iter(0..3) {
                            async_with!(open(6), {
                                log("at 12");
                                yield_once().await;
                            })?;
                            log("at 13");
                            yield_once().await;
                            turn11
                        }
                    );
                    log(format!("values {values:?}"));
                })?;
            })?;
            turn1
        }
    );
    log(format!("values {values:?}"));
    Ok(0)
}

async fn p23() -> Ended {
    async_with!(open(1) as _r1, {
        'b0: {
            async_for!(
                #[concurrent(1)]
                'l1: for _ in iter(0..3) {
                    log("at 2");
                    yield_once().await;
                    if hit(3, 2) {
                        panic!("at 3");
                    }
                    async_with!(open(2) as _r2, {
                        async_with!(open(3) as _r3, {
                            log("at 4");
                            yield_once().await;
                            log("at 5");
                            yield_once().await;
                            log("at 6");
                            yield_once().await;
                        })?;
                        async_with!(open(4) as _r4, {
                            log("at 7");
                            yield_once().await;
                            log("at 8");
                            yield_once().await;
                        })?;
                        if hit(9, 3) {
                            mark_failed!();
                        }
                    })?;
                }
            );
        }
        log("at 10");
        yield_once().await;
    })?;
    Ok(0)
}

async fn p24() -> Ended {
    log("at 1");
    yield_once().await;
    async_with!(open(1), open(2) as _r2, {
        if hit(2, 3) {
            return Err("at 2".into());
        }
        if hit(3, 2) {
            panic!("at 3");
        }
    })?;
    async_with!(open(3) as _r3, {
        async_with!(open(4) as _r4, open(5) as _r5, {
            async_with!(open(6) as _r6, {
                async_with!(open(7) as _r7, {
                    if hit(4, 1) {
                        panic!("at 4");
                    }
                    if hit(5, 2) {
                        panic!("at 5");
                    }
                    if hit(6, 2) {
                        mark_failed!();
                        panic!("at 6");
                    }
                })?;
                let _held7 = Held(7);
            })?;
        })?;
    })?;
    Ok(0)
}

async fn p25() -> Ended {
    async_with!(open(1) as _r1, open(2) as _r2, {
        let _held1 = Held(1);
        async_with!(open(3), open(4), {
            let mut turn2 = 0;
            'l0: loop {
                turn2 += 1;
                if turn2 > 3 {
                    break;
                }
                let values = async_for!(
                    #[concurrent(1)]
                    #[collect]
                    'l1: for turn3 in iter(0..1) {
                        log("at 4");
                        yield_once().await;
                        'b2: {
                            log("at 5");
                            yield_once().await;
                        }
                        'b2: {
                            log("at 6");
                            yield_once().await;
                        }
                        turn3
                    }
                );
                log(format!("values {values:?}"));
                if hit(7, 2) {
                    break;
                }
            }
        })?;
    })?;
    Ok(0)
}

async fn p26() -> Ended {
    async_with!(open(1) as _r1, open(2), {
        if hit(1, 2) {
            mark_failed!();
            panic!("at 1");
        }
        log("at 2");
        yield_once().await;
        'b0: {
            if hit(3, 1) {
                break 'b0;
            }
            let _held4 = Held(4);
        }
    })?;
    async_with!(open(3), {
        let _held5 = Held(5);
        'b0: {
            let mut turn6 = 0;
            'l1: while {
                turn6 += 1;
                turn6 <= 1
            } {
                async_with!(open(4) as _r4, open(5), {
                    async_with!(open(6), {
                        log("at 7");
                        yield_once().await;
                    })?;
                })?;
                async_with!(open(7) as _r7, open(8), {
                    'b2: {
                        log("at 8");
                        yield_once().await;
                        log("at 9");
                        yield_once().await;
                        log("at 10");
                        yield_once().await;
                    }
                })?;
                log("at 11");
                yield_once().await;
            }
        }
    })?;
    'b0: {
        async_with!(open(9) as _r9, {
            if hit(12, 2) {
                return Err("at 12".into());
            }
            async_with!(open(10), {
                async_with!(open(11), open(12), {
                    log("at 13");
                    yield_once().await;
                    log("at 14");
                    yield_once().await;
                })?;
            })?;
            async_with!(open(13), {
                if hit(15, 3) {
                    return mark_failed!(Ok(15));
                }
                log("at 16");
                yield_once().await;
            })?;
        })?;
    }
    Ok(0)
}

async fn p27() -> Ended {
    async_for!('l0: for _ in iter(0..1) {
        log("at 2");
        yield_once().await;
        async_with!(open(1) as _r1, {
            async_with!(open(2) as _r2, open(3), {
                if hit(3, 1) {
                    Err(format!("at 3"))?;
                }
                let _held4 = Held(4);
                if hit(5, 1) {
                    break;
                }
            })?;
        })?;
    });
    Ok(0)
}

async fn p28() -> Ended {
    async_with!(open(1) as _r1, {
        async_with!(open(2) as _r2, open(3), {
            log("at 1");
            yield_once().await;
        })?;
        if hit(2, 1) {
            return Ok(2);
        }
        async_with!(open(4) as _r4, open(5), {
            let values = async_for!(
                #[concurrent(1)]
                #[collect]
                'l0: for turn3 in iter(0..2) {
                    log("at 4");
                    yield_once().await;
                    if hit(5, 1) {
                        break 'l0;
                    }
                    turn3
                }
            );
            log(format!("values {values:?}"));
            log("at 6");
            yield_once().await;
        })?;
    })?;
    async_with!(open(6), {
        async_with!(open(7) as _r7, {
            if hit(7, 2) {
                panic!("at 7");
            }
        })?;
    })?;
    if hit(8, 1) {
        panic!("at 8");
    }
    Ok(0)
}

async fn p29() -> Ended {
    async_with!(open(1) as _r1, open(2), {
        async_with!(open(3), {
            log("at 1");
            yield_once().await;
            'b0: {
                let _held2 = Held(2);
                if hit(3, 1) {
                    panic!("at 3");
                }
            }
        })?;
        'b0: {
            let mut turn4 = 0;
            'l1: loop {
                turn4 += 1;
                if turn4 > 3 {
                    break;
                }
                async_with!(open(4) as _r4, open(5) as _r5, {
                    'b2: {
                        log("at 5");
                        yield_once().await;
                        log("at 6");
                        yield_once().await;
                    }
                    async_with!(open(6), open(7) as _r7, {
                        log("at 7");
                        yield_once().await;
                    })?;
                    if hit(8, 3) {
                        let mark = move || mark_failed!();
                        mark();
                    }
                })?;
            }
            if hit(9, 3) {
                return Ok(9);
            }
            if hit(10, 3) {
                Err(format!("at 10"))?;
            }
        }
        if hit(11, 3) {
            mark_failed!();
        }
    })?;
    if hit(12, 3) {
        panic!("at 12");
    }
    'b0: {
        let mut turn13 = 0;
        'l1: loop {
            turn13 += 1;
            if turn13 > 1 {
                break;
            }
            if hit(14, 3) {
                continue 'l1;
            }
            async_with!(open(8) as _r8, {
                if hit(15, 2) {
                    break 'b0;
                }
            })?;
            if hit(16, 1) {
                break 'b0;
            }
        }
        if hit(17, 3) {
            panic!("at 17");
        }
    }
    Ok(0)
}

async fn p30() -> Ended {
    async_with!(open(1) as _r1, {
        async_for!(
            #[concurrent(1)]
            'l0: for _ in iter(0..1) {
                async_with!(open(2), {
                    log("at 2");
                    yield_once().await;
                    let _held3 = Held(3);
                })?;
                if hit(4, 2) {
                    forwith::mark_failed!();
                }
            }
        );
        async_with!(open(3) as _r3, {
            if hit(5, 2) {
                Err(format!("at 5"))?;
            }
        })?;
    })?;
    Ok(0)
}

async fn p31() -> Ended {
    async_with!(open(1) as _r1, {
        async_with!(open(2) as _r2, {
            async_for!(
                #[concurrent(1)]
                'l0: for _ in iter(0..2) {
                    async_with!(open(3) as _r3, {
                        log("at 2");
                        yield_once().await;
                        log("at 3");
                        yield_once().await;
                    })?;
                    log("at 4");
                    yield_once().await;
                    if hit(5, 3) {
                        panic!("at 5");
                    }
                }
            );
            async_with!(open(4), {
                if hit(6, 1) {
                    return Ok(6);
                }
                async_with!(open(5) as _r5, open(6), {
                    if hit(7, 1) {
                        return Err("at 7".into());
                    }
                    let _held8 = Held(8);
                })?;
                async_with!(open(7) as _r7, open(8) as _r8, {
                    async_with!(open(9), {
                        log("at 9");
                        yield_once().await;
                        log("at 10");
                        yield_once().await;
                    })?;
                })?;
            })?;
        })?;
        if hit(11, 3) {
            Err(format!("at 11"))?;
        }
    })?;
    Ok(0)
}

async fn p32() -> Ended {
    let values = async_for!(
        #[concurrent(1)]
        #[collect]
        'l0: for turn1 in iter(0..3) {
            async_with!(open(1), {
                let _held2 = Held(2);
                'l1: for _ in 0..1 {
                    async_with!(open(2) as _r2, open(3) as _r3, {
                        'b2: {
                            log("at 4");
                            yield_once().await;
                            log("at 5");
                            yield_once().await;
                            log("at 6");
                            yield_once().await;
                        }
                        log("at 7");
                        yield_once().await;
                        if hit(8, 1) {
                            break;
                        }
                    })?;
                    if hit(9, 2) {
                        Err(format!("at 9"))?;
                    }
                    if hit(10, 2) {
                        continue 'l0;
                    }
                }
                async_with!(open(4) as _r4, open(5) as _r5, {
                    log("at 11");
                    yield_once().await;
                })?;
            })?;
            let mut turn12 = 0;
            'l1: while {
                turn12 += 1;
                turn12 <= 3
            } {
                async_with!(open(6) as _r6, {
                    async_for!(
                        #[concurrent(1)]
                        'l2: for _ in iter(0..2) {
                            log("at 14");
                            yield_once().await;
                            let mut turn15 = 0;
                            'l3: while {
                                turn15 += 1;
                                turn15 <= 3
                            } {
                                log("at 16");
                                yield_once().await;
                                log("at 17");
                                yield_once().await;
                            }
                        }
                    );
                    async_with!(open(7) as _r7, {
                        let _held18 = Held(18);
                    })?;
                })?;
            }
            turn1
        }
    );
    log(format!("values {values:?}"));
    Ok(0)
}

async fn p33() -> Ended {
    let values = async_for!(
        #[concurrent(1)]
        #[collect]
        'l0: for turn1 in iter(0..3) {
            async_with!(open(1) as _r1, {
                async_with!(open(2), open(3) as _r3, {
                    if hit(2, 2) {
                        continue 'l0;
                    }
                    if hit(3, 1) {
                        mark_failed!();
                        continue 'l0;
                    }
                })?;
            })?;
            turn1
        }
    );
    log(format!("values {values:?}"));
    async_for!('l0: for _ in iter(0..2) {
        if hit(5, 2) {
            break;
        }
        async_with!(open(4), {
            log("at 6");
            yield_once().await;
            async_with!(open(5) as _r5, {
                log("at 7");
                yield_once().await;
            })?;
        })?;
        if hit(8, 2) {
            break 'l0;
        }
    });
    async_for!(
        #[concurrent(1)]
        'l0: for _ in iter(0..3) {
            async_with!(open(6), {
                async_with!(open(7), open(8) as _r8, {
                    async_with!(open(9) as _r9, open(10) as _r10, {
                        async_with!(open(11) as _r11, open(12), {
                            log("at 10");
                            yield_once().await;
                            log("at 11");
                            yield_once().await;
                        })?;
                        if hit(12, 3) {
                            break;
                        }
                        async_with!(open(13) as _r13, {
                            log("at 13");
                            yield_once().await;
                            log("at 14");
                            yield_once().await;
                            log("at 15");
                            yield_once().await;
                        })?;
                    })?;
                    if hit(16, 2) {
                        continue;
                    }
                })?;
            })?;
            async_with!(open(14), {
                if hit(17, 2) {
                    return Err("at 17".into());
                }
                let _held18 = Held(18);
                if hit(19, 2) {
                    mark_failed!();
                }
            })?;
            async_with!(open(15) as _r15, {
                if hit(20, 1) {
                    return Err("at 20".into());
                }
            })?;
        }
    );
    Ok(0)
}

async fn p34() -> Ended {
    async_with!(open(1), open(2), {
        'l0: for _ in 0..1 {
            if hit(2, 3) {
                mark_failed!();
                continue;
            }
        }
        async_with!(open(3) as _r3, {
            async_with!(open(4), {
                async_with!(open(5) as _r5, {
                    async_with!(open(6), open(7), {
                        log("at 3");
                        yield_once().await;
                        log("at 4");
                        yield_once().await;
                        log("at 5");
                        yield_once().await;
                    })?;
                })?;
                if hit(6, 2) {
                    Err(format!("at 6"))?;
                }
            })?;
        })?;
        async_for!(
            #[concurrent(1)]
            'l0: for _ in iter(0..3) {
                async_with!(open(8) as _r8, {
                    async_with!(open(9), {
                        async_with!(open(10) as _r10, {
                            log("at 8");
                            yield_once().await;
                        })?;
                    })?;
                    log("at 9");
                    yield_once().await;
                })?;
            }
        );
    })?;
    Ok(0)
}

async fn p35() -> Ended {
    let mut turn1 = 0;
    'l0: while {
        turn1 += 1;
        turn1 <= 2
    } {
        async_with!(open(1) as _r1, {
            async_with!(open(2), {
                if hit(2, 3) {
                    forwith::mark_failed!();
                }
                async_for!('l1: for _ in iter(0..2) {
                    async_with!(open(3) as _r3, {
                        log("at 4");
                        yield_once().await;
                    })?;
                    if hit(5, 1) {
                        mark_failed!();
                        break 'l0;
                    }
                    async_with!(open(4), {
                        log("at 6");
                        yield_once().await;
                        log("at 7");
                        yield_once().await;
                    })?;
                });
                async_with!(open(5), {
                    let mut turn8 = 0;
                    'l1: loop {
                        turn8 += 1;
                        if turn8 > 3 {
                            break;
                        }
                        log("at 9");
                        yield_once().await;
                        log("at 10");
                        yield_once().await;
                        log("at 11");
                        yield_once().await;
                    }
                    if hit(12, 3) {
                        async {
                            yield_once().await;
                            mark_failed!()
                        }
                        .await;
                    }
                    async_with!(open(6) as _r6, {
                        log("at 13");
                        yield_once().await;
                        log("at 14");
                        yield_once().await;
                    })?;
                })?;
            })?;
            if hit(15, 1) {
                tokio::select! { () = yield_once() => mark_failed!() }
            }
            async_with!(open(7) as _r7, open(8) as _r8, {
                log("at 16");
                yield_once().await;
                if hit(17, 1) {
                    continue 'l0;
                }
            })?;
        })?;
        log("at 18");
        yield_once().await;
        if hit(19, 1) {
            panic!("at 19");
        }
    }
    let _held20 = Held(20);
    async_with!(open(9) as _r9, {
        log("at 21");
        yield_once().await;
        async_with!(open(10) as _r10, open(11) as _r11, {
            if hit(22, 3) {
                mark_failed!();
                panic!("at 22");
            }
        })?;
        async_with!(open(12) as _r12, {
            if hit(23, 3) {
                Err(format!("at 23"))?;
            }
        })?;
    })?;
    Ok(0)
}

async fn p36() -> Ended {
    if hit(1, 2) {
        return Ok(1);
    }
    let _held2 = Held(2);
    async_with!(open(1) as _r1, {
        async_with!(open(2) as _r2, {
            async_with!(open(3), {
                if hit(3, 2) {
                    Err(format!("at 3"))?;
                }
                log("at 4");
                yield_once().await;
                'b0: {
                    if hit(5, 1) {
                        break 'b0;
                    }
                }
            })?;
            let _held6 = Held(6);
        })?;
        if hit(7, 1) {
            return Ok(7);
        }
    })?;
    Ok(0)
}

async fn p37() -> Ended {
    async_with!(open(1) as _r1, {
        if hit(1, 3) {
            Err(format!("at 1"))?;
        }
        'b0: {
            let mut turn2 = 0;
            'l1: loop {
                turn2 += 1;
                if turn2 > 2 {
                    break;
                }
                async_with!(open(2), {
                    log("at 3");
                    yield_once().await;
                    async_for!('l2: for _ in iter(0..2) {
                        log("at 5");
                        yield_once().await;
                    });
                    async_with!(open(3) as _r3, {
                        log("at 6");
                        yield_once().await;
                        log("at 7");
                        yield_once().await;
                        log("at 8");
                        yield_once().await;
                    })?;
                })?;
                async_with!(open(4), {
                    log("at 9");
                    yield_once().await;
                    if hit(10, 3) {
                        break 'b0;
                    }
                })?;
            }
        }
    })?;
    let _held11 = Held(11);
    async_with!(open(5) as _r5, {
        let mut turn12 = 0;
        'l0: while {
            turn12 += 1;
            turn12 <= 2
        } {
            log("at 13");
            yield_once().await;
        }
    })?;
    Ok(0)
}

async fn p38() -> Ended {
    let mut turn1 = 0;
    'l0: while {
        turn1 += 1;
        turn1 <= 3
    } {
        async_with!(open(1), {
            if hit(2, 3) {
                continue 'l0;
            }
        })?;
        async_with!(open(2) as _r2, {
            let _held3 = Held(3);
            log("at 4");
            yield_once().await;
        })?;
        if hit(5, 2) {
            break 'l0;
        }
    }
    if hit(6, 1) {
        panic!("at 6");
    }
    Ok(0)
}

async fn p39() -> Ended {
    if hit(1, 3) {
        return Ok(1);
    }
    async_with!(open(1), {
        async_with!(open(2) as _r2, {
            let mut turn2 = 0;
            'l0: loop {
                turn2 += 1;
                if turn2 > 3 {
                    break;
                }
                if hit(3, 2) {
                    break 'l0;
                }
                async_with!(open(3) as _r3, open(4) as _r4, {
                    if hit(4, 2) {
                        Err(format!("at 4"))?;
                    }
                    if hit(5, 1) {
                        continue;
                    }
                })?;
                if hit(6, 2) {
                    break;
                }
            }
            async_with!(open(5) as _r5, {
                if hit(7, 1) {
                    return mark_failed!(Ok(7));
                }
                async_with!(open(6) as _r6, open(7), {
                    if hit(8, 1) {
                        return Err("at 8".into());
                    }
                    'l0: for _ in 0..2 {
                        log("at 10");
                        yield_once().await;
                        log("at 11");
                        yield_once().await;
                        log("at 12");
                        yield_once().await;
                    }
                    async_for!(
                        #[concurrent(1)]
                        'l0: for _ in iter(0..1) {
                            log("at 14");
                            yield_once().await;
                            log("at 15");
                            yield_once().await;
                        }
                    );
                })?;
                'l0: for _ in 0..2 {
                    async_with!(open(8), {
                        log("at 17");
                        yield_once().await;
                        log("at 18");
                        yield_once().await;
                        log("at 19");
                        yield_once().await;
                    })?;
                    async_with!(open(9), open(10), {
                        log("at 20");
                        yield_once().await;
                        log("at 21");
                        yield_once().await;
                    })?;
                }
            })?;
        })?;
        let mut turn22 = 0;
        'l0: while {
            turn22 += 1;
            turn22 <= 2
        } {
            'b1: {
                if hit(23, 1) {
                    return Ok(23);
                }
                let _held24 = Held(24);
                async_for!('l2: for _ in iter(0..1) {
                    if hit(26, 3) {
                        break;
                    }
                });
            }
            if hit(27, 1) {
                async {
                    yield_once().await;
                    mark_failed!()
                }
                .await;
            }
            if hit(28, 2) {
                mark_failed!();
                continue;
            }
        }
    })?;
    async_with!(open(11) as _r11, {
        if hit(29, 1) {
            Err(format!("at 29"))?;
        }
    })?;
    Ok(0)
}

async fn p40() -> Ended {
    'b0: {
        async_with!(open(1) as _r1, {
            log("at 1");
            yield_once().await;
        })?;
    }
    async_with!(open(2) as _r2, {
        'b0: {
            async_with!(open(3) as _r3, {
                async_with!(open(4) as _r4, {
                    log("at 2");
                    yield_once().await;
                })?;
                async_with!(open(5) as _r5, open(6), {
                    if hit(3, 3) {
                        async {
                            yield_once().await;
                            mark_failed!()
                        }
                        .await;
                    }
                    log("at 4");
                    yield_once().await;
                })?;
                async_with!(open(7) as _r7, {
                    log("at 5");
                    yield_once().await;
                    if hit(6, 2) {
                        return Err("at 6".into());
                    }
                    if hit(7, 2) {
                        break 'b0;
                    }
                })?;
            })?;
        }
        log("at 8");
        yield_once().await;
    })?;
    Ok(0)
}

async fn p41() -> Ended {
    async_with!(open(1), {
        'l0: for _ in 0..2 {
            if hit(2, 2) {
                continue;
            }
        }
        if hit(3, 2) {
            panic!("at 3");
        }
        async_with!(open(2), open(3), {
            if hit(4, 1) {
                panic!("at 4");
            }
            log("at 5");
            yield_once().await;
            if hit(6, 2) {
                mark_failed!();
                panic!("at 6");
            }
        })?;
    })?;
    Ok(0)
}

async fn p42() -> Ended {
    'l0: for _ in 0..2 {
        'b1: {
            async_with!(open(1), open(2), {
                let mut turn2 = 0;
                'l2: while {
                    turn2 += 1;
                    turn2 <= 3
                } {
                    async_with!(open(3), {
                        log("at 3");
                        yield_once().await;
                    })?;
                    log("at 4");
                    yield_once().await;
                }
            })?;
            'b2: {
                async_with!(open(4) as _r4, {
                    async_with!(open(5), {
                        log("at 5");
                        yield_once().await;
                        log("at 6");
                        yield_once().await;
                    })?;
                })?;
                async_with!(open(6) as _r6, {
                    if hit(7, 3) {
                        Err(format!("at 7"))?;
                    }
                    if hit(8, 2) {
                        let mark = move || mark_failed!();
                        mark();
                    }
                })?;
            }
            if hit(9, 2) {
                break 'l0;
            }
        }
        if hit(10, 3) {
            break;
        }
    }
    Ok(0)
}

async fn p43() -> Ended {
    async_with!(open(1) as _r1, {
        async_with!(open(2), {
            if hit(1, 2) {
                return Ok(1);
            }
        })?;
        log("at 2");
        yield_once().await;
    })?;
    async_with!(open(3), open(4) as _r4, {
        'b0: {
            let _held3 = Held(3);
        }
        if hit(4, 3) {
            return Err("at 4".into());
        }
    })?;
    Ok(0)
}

async fn p44() -> Ended {
    async_with!(open(1) as _r1, {
        async_with!(open(2), {
            if hit(1, 3) {
                Err(format!("at 1"))?;
            }
            let _held2 = Held(2);
        })?;
        async_with!(open(3) as _r3, open(4) as _r4, {
            async_with!(open(5), open(6), {
                if hit(3, 2) {
                    Err(format!("at 3"))?;
                }
                'b0: {
                    if hit(4, 2) {
                        panic!("at 4");
                    }
                    async_with!(open(7) as _r7, {
                        log("at 5");
                        yield_once().await;
                    })?;
                }
            })?;
        })?;
        if hit(6, 3) {
            panic!("at 6");
        }
    })?;
    if hit(7, 2) {
        panic!("at 7");
    }
    Ok(0)
}

async fn p45() -> Ended {
    async_with!(open(1), open(2) as _r2, {
        'b0: {
            if hit(1, 2) {
                return Ok(1);
            }
            async_with!(open(3), open(4) as _r4, {
                if hit(2, 2) {
                    return Err("at 2".into());
                }
                log("at 3");
                yield_once().await;
                let _held4 = Held(4);
            })?;
            if hit(5, 3) {
                break 'b0;
            }
        }
    })?;
    Ok(0)
}

async fn p46() -> Ended {
    'l0: for _ in 0..3 {
        'b1: {
            if hit(2, 2) {
                break 'b1;
            }
        }
        async_with!(open(1), open(2) as _r2, {
            if hit(3, 2) {
                mark_failed!();
                panic!("at 3");
            }
        })?;
        async_with!(open(3), open(4), {
            async_with!(open(5), open(6) as _r6, {
                'b1: {
                    if hit(4, 3) {
                        continue 'l0;
                    }
                    let _held5 = Held(5);
                }
                if hit(6, 1) {
                    mark_failed!();
                    continue;
                }
            })?;
            log("at 7");
            yield_once().await;
            if hit(8, 2) {
                forwith::mark_failed!();
            }
        })?;
    }
    if hit(9, 2) {
        return Err("at 9".into());
    }
    Ok(0)
}

async fn p47() -> Ended {
    async_with!(open(1), {
        let mut turn1 = 0;
        'l0: loop {
            turn1 += 1;
            if turn1 > 1 {
                break;
            }
            async_with!(open(2) as _r2, open(3), {
                async_with!(open(4), open(5), {
                    if hit(2, 3) {
                        mark_failed!();
                    }
                    log("at 3");
                    yield_once().await;
                })?;
                async_with!(open(6) as _r6, {
                    log("at 4");
                    yield_once().await;
                    if hit(5, 1) {
                        forwith::mark_failed!();
                    }
                })?;
            })?;
        }
    })?;
    async_with!(open(7) as _r7, open(8) as _r8, {
        async_for!(
            #[concurrent(1)]
            'l0: for _ in iter(0..2) {
                async_with!(open(9) as _r9, {
                    async_with!(open(10), {
                        if hit(7, 3) {
                            break;
                        }
                        async_with!(open(11), open(12), {
                            log("at 8");
                            yield_once().await;
                            log("at 9");
                            yield_once().await;
                            log("at 10");
                            yield_once().await;
                        })?;
                    })?;
                    log("at 11");
                    yield_once().await;
                })?;
            }
        );
        if hit(12, 3) {
            Err(format!("at 12"))?;
        }
    })?;
    if hit(13, 2) {
        return Err("at 13".into());
    }
    Ok(0)
}

async fn p48() -> Ended {
    async_with!(open(1), open(2) as _r2, {
        async_with!(open(3), {
            let values = async_for!(
                #[concurrent(1)]
                #[collect]
                'l0: for turn1 in iter(0..3) {
                    if hit(2, 1) {
                        break 'l0;
                    }
                    turn1
                }
            );
            log(format!("values {values:?}"));
        })?;
        async_with!(open(4), {
            'b0: {
                async_with!(open(5) as _r5, {
                    if hit(3, 2) {
                        break 'b0;
                    }
                })?;
                async_with!(open(6) as _r6, {
                    if hit(4, 2) {
                        break 'b0;
                    }
                    let mut turn5 = 0;
                    'l1: loop {
                        turn5 += 1;
                        if turn5 > 2 {
                            break;
                        }
                        log("at 6");
                        yield_once().await;
                    }
                })?;
            }
            async_with!(open(7) as _r7, open(8), {
                if hit(7, 2) {
                    panic!("at 7");
                }
            })?;
            async_with!(open(9) as _r9, {
                if hit(8, 2) {
                    return Ok(8);
                }
                async_for!('l0: for _ in iter(0..1) {
                    async_with!(open(10) as _r10, {
                        log("at 10");
                        yield_once().await;
                        log("at 11");
                        yield_once().await;
                    })?;
                    async_with!(open(11), {
                        log("at 12");
                        yield_once().await;
                    })?;
                    if hit(13, 1) {
                        break 'l0;
                    }
                });
            })?;
        })?;
        'b0: {
            log("at 14");
            yield_once().await;
            async_with!(open(12) as _r12, {
                async_with!(open(13) as _r13, open(14) as _r14, {
                    let mut turn15 = 0;
                    'l1: while {
                        turn15 += 1;
                        turn15 <= 2
                    } {
                        log("at 16");
                        yield_once().await;
                    }
                })?;
            })?;
            async_with!(open(15), {
                async_for!(
                    #[concurrent(1)]
                    'l1: for _ in iter(0..3) {
                        async_with!(open(16), open(17), {
                            log("at 18");
                            yield_once().await;
                            log("at 19");
                            yield_once().await;
                        })?;
                        let _held20 = Held(20);
                        async_with!(open(18) as _r18, {
                            log("at 21");
                            yield_once().await;
                            log("at 22");
                            yield_once().await;
                            log("at 23");
                            yield_once().await;
                        })?;
                    }
                );
                if hit(24, 3) {
                    return Err("at 24".into());
                }
            })?;
        }
    })?;
    'l0: for _ in 0..3 {
        log("at 26");
        yield_once().await;
        async_for!(
            #[concurrent(1)]
            'l1: for _ in iter(0..2) {
                let _held28 = Held(28);
                async_with!(open(19), open(20) as _r20, {
                    async_with!(open(21) as _r21, open(22), {
                        async_with!(open(23) as _r23, open(24), {
                            log("at 29");
                            yield_once().await;
                            log("at 30");
                            yield_once().await;
                            log("at 31");
                            yield_once().await;
                        })?;
                    })?;
                })?;
            }
        );
        let mut turn32 = 0;
        'l1: while {
            turn32 += 1;
            turn32 <= 3
        } {
            async_with!(open(25), {
                if hit(33, 1) {
                    mark_failed!();
                }
            })?;
        }
    }
    log("at 34");
    yield_once().await;
    Ok(0)
}

async fn p49() -> Ended {
    async_for!(
        #[concurrent(1)]
        'l0: for _ in iter(0..2) {
            async_with!(open(1) as _r1, {
                let _held2 = Held(2);
                async_with!(open(2) as _r2, {
                    if hit(3, 2) {
                        forwith::mark_failed!();
                    }
                    async_with!(open(3) as _r3, {
                        if hit(4, 1) {
                            break;
                        }
                        if hit(5, 1) {
                            return Err("at 5".into());
                        }
                        async_with!(open(4) as _r4, {
                            log("at 6");
                            yield_once().await;
                        })?;
                    })?;
                    let _held7 = Held(7);
                })?;
                if hit(8, 3) {
                    forwith::mark_failed!();
                }
            })?;
            async_with!(open(5) as _r5, {
                if hit(9, 3) {
                    return Err("at 9".into());
                }
                if hit(10, 2) {
                    continue 'l0;
                }
                if hit(11, 3) {
                    continue 'l0;
                }
            })?;
        }
    );
    async_with!(open(6), {
        let mut turn12 = 0;
        'l0: while {
            turn12 += 1;
            turn12 <= 3
        } {
            if hit(13, 2) {
                continue 'l0;
            }
            if hit(14, 3) {
                mark_failed!();
                break;
            }
            let _held15 = Held(15);
        }
    })?;
    if hit(16, 1) {
        return Err("at 16".into());
    }
    Ok(0)
}
