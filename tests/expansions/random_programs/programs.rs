// Written by `generate.py`.

use super::*;

pub const PROGRAMS: &[Program] = &[
    Program {
        run: || Box::pin(p0()),
        ending: r#"Err("at 4")"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "entered 4",
            "entered 5",
            "entered 6",
            "at 2",
            "exited 6: Completed",
            "exited 5: Completed",
            "exited 4: Completed",
            "exited 3: Completed",
            "exited 2: Failed",
            "exited 1: Failed",
        ],
    },
    Program {
        run: || Box::pin(p1()),
        ending: r#"panicked at 23"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "at 1",
            "entered 4",
            "entered 5",
            "entered 6",
            "at 4",
            "at 5",
            "exited 6: Completed",
            "at 6",
            "entered 6",
            "at 4",
            "at 5",
            "exited 6: Completed",
            "at 6",
            "exited 5: Completed",
            "exited 4: Completed",
            "exited 3: Completed",
            "exited 2: Completed",
            "dropped 7",
            "exited 1: Completed",
            "entered 7",
            "entered 8",
            "entered 9",
            "dropped 9",
            "exited 9: Completed",
            "entered 14",
            "entered 15",
            "at 21",
            "at 22",
            "exited 15: Completed",
            "entered 16",
            "exited 16: Panicked",
            "exited 14: Panicked",
            "exited 8: Panicked",
            "exited 7: Panicked",
        ],
    },
    Program {
        run: || Box::pin(p2()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "at 4",
            "exited 1: Completed",
            "entered 1",
            "at 4",
            "exited 1: Failed",
            "entered 2",
            "entered 3",
            "entered 4",
            "exited 4: Completed",
            "exited 3: Completed",
            "exited 2: Completed",
            "entered 2",
            "entered 3",
            "entered 4",
            "entered 5",
            "at 11",
            "at 12",
            "at 13",
            "exited 5: Completed",
            "at 15",
            "at 16",
            "at 15",
            "at 16",
            "at 15",
            "at 16",
            "entered 5",
            "at 11",
            "at 12",
            "at 13",
            "exited 5: Completed",
            "at 15",
            "at 16",
            "at 15",
            "at 16",
            "at 15",
            "at 16",
            "exited 4: Completed",
            "entered 6",
            "entered 7",
            "exited 7: Failed",
            "exited 6: Failed",
            "exited 3: Failed",
            "exited 2: Failed",
        ],
    },
    Program {
        run: || Box::pin(p3()),
        ending: r#"Err("at 9")"#,
        trace: &[
            "entered 1",
            "entered 2",
            "at 3",
            "entered 3",
            "entered 4",
            "exited 4: Completed",
            "exited 3: Completed",
            "at 6",
            "exited 2: Completed",
            "dropped 1",
            "exited 1: Completed",
            "entered 5",
            "exited 5: Failed",
        ],
    },
    Program {
        run: || Box::pin(p4()),
        ending: r#"panicked at 15"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "entered 4",
            "at 5",
            "at 6",
            "at 7",
            "exited 4: Completed",
            "entered 4",
            "at 5",
            "at 6",
            "at 7",
            "exited 4: Completed",
            "entered 5",
            "at 9",
            "at 10",
            "at 11",
            "at 9",
            "at 10",
            "at 11",
            "exited 5: Completed",
            "exited 3: Completed",
            "entered 6",
            "entered 7",
            "entered 8",
            "entered 9",
            "at 13",
            "at 14",
            "exited 9: Completed",
            "exited 8: Completed",
            "exited 7: Completed",
            "exited 6: Completed",
            "exited 2: Completed",
            "exited 1: Panicked",
        ],
    },
    Program {
        run: || Box::pin(p5()),
        ending: r#"Ok(4)"#,
        trace: &[
            "at 1",
            "entered 1",
            "entered 2",
            "entered 3",
            "exited 3: Completed",
            "exited 2: Completed",
            "exited 1: Completed",
        ],
    },
    Program {
        run: || Box::pin(p6()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "dropped 2",
            "exited 1: Completed",
            "entered 1",
            "dropped 2",
            "exited 1: Completed",
            "entered 1",
            "dropped 2",
            "exited 1: Completed",
        ],
    },
    Program {
        run: || Box::pin(p7()),
        ending: r#"Err("at 5")"#,
        trace: &[
            "entered 1",
            "entered 2",
            "exited 2: Completed",
            "exited 1: Failed",
            "entered 3",
            "at 4",
            "exited 3: Failed",
        ],
    },
    Program {
        run: || Box::pin(p8()),
        ending: r#"panicked at 1"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "entered 4",
            "exited 4: Panicked",
            "exited 3: Panicked",
            "exited 2: Panicked",
            "exited 1: Panicked",
        ],
    },
    Program {
        run: || Box::pin(p9()),
        ending: r#"Ok(3)"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "exited 3: Completed",
            "exited 2: Completed",
            "exited 1: Completed",
            "entered 4",
            "exited 4: Completed",
            "dropped 2",
        ],
    },
    Program {
        run: || Box::pin(p10()),
        ending: r#"Err("at 6")"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "entered 4",
            "entered 5",
            "at 2",
            "at 3",
            "exited 5: Completed",
            "exited 4: Completed",
            "entered 6",
            "exited 6: Completed",
            "exited 3: Failed",
            "exited 2: Failed",
            "exited 1: Failed",
        ],
    },
    Program {
        run: || Box::pin(p11()),
        ending: r#"panicked at 46"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "at 3",
            "entered 4",
            "entered 5",
            "at 6",
            "exited 5: Completed",
            "exited 4: Completed",
            "exited 3: Completed",
            "exited 2: Completed",
            "exited 1: Completed",
            "entered 6",
            "entered 7",
            "entered 8",
            "entered 9",
            "at 11",
            "at 12",
            "at 13",
            "exited 9: Completed",
            "entered 10",
            "at 15",
            "exited 10: Completed",
            "exited 8: Completed",
            "exited 7: Completed",
            "entered 15",
            "entered 16",
            "at 36",
            "dropped 35",
            "exited 16: Completed",
            "exited 15: Completed",
            "at 38",
            "entered 17",
            "entered 18",
            "at 40",
            "entered 19",
            "entered 20",
            "at 41",
            "at 42",
            "at 43",
            "exited 20: Completed",
            "exited 19: Completed",
            "at 44",
            "at 45",
            "at 40",
            "entered 19",
            "entered 20",
            "at 41",
            "at 42",
            "at 43",
            "exited 20: Completed",
            "exited 19: Completed",
            "at 44",
            "at 45",
            "exited 18: Completed",
            "exited 17: Completed",
            "at 47",
            "at 38",
            "entered 17",
            "entered 18",
            "at 40",
            "entered 19",
            "entered 20",
            "at 41",
            "at 42",
            "at 43",
            "exited 20: Completed",
            "exited 19: Completed",
            "at 44",
            "at 45",
            "at 40",
            "entered 19",
            "entered 20",
            "at 41",
            "at 42",
            "at 43",
            "exited 20: Completed",
            "exited 19: Completed",
            "at 44",
            "at 45",
            "exited 18: Panicked",
            "exited 17: Panicked",
            "exited 6: Panicked",
        ],
    },
    Program {
        run: || Box::pin(p12()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "exited 3: Completed",
            "exited 2: Completed",
            "entered 4",
            "at 4",
            "entered 5",
            "entered 6",
            "at 6",
            "at 7",
            "at 8",
            "exited 6: Completed",
            "exited 5: Completed",
            "entered 7",
            "entered 8",
            "at 10",
            "exited 8: Completed",
            "exited 7: Completed",
            "at 11",
            "exited 4: Failed",
            "exited 1: Completed",
        ],
    },
    Program {
        run: || Box::pin(p13()),
        ending: r#"panicked at 8"#,
        trace: &[
            "entered 1",
            "entered 2",
            "at 1",
            "exited 2: Completed",
            "exited 1: Completed",
            "entered 3",
            "entered 4",
            "entered 5",
            "at 2",
            "entered 6",
            "entered 7",
            "entered 8",
            "at 5",
            "at 6",
            "at 7",
            "exited 8: Completed",
            "dropped 4",
            "entered 8",
            "at 5",
            "at 6",
            "at 7",
            "exited 8: Completed",
            "dropped 4",
            "exited 7: Panicked",
            "exited 6: Panicked",
            "exited 5: Panicked",
            "exited 4: Panicked",
            "exited 3: Panicked",
        ],
    },
    Program {
        run: || Box::pin(p14()),
        ending: r#"Ok(0)"#,
        trace: &[
            "at 4",
            "entered 1",
            "entered 2",
            "entered 3",
            "entered 4",
            "entered 5",
            "exited 5: Completed",
            "exited 4: Completed",
            "exited 3: Completed",
            "exited 2: Completed",
            "exited 1: Completed",
        ],
    },
    Program {
        run: || Box::pin(p15()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "at 2",
            "entered 2",
            "at 8",
            "entered 3",
            "entered 4",
            "at 10",
            "at 10",
            "at 11",
            "exited 4: Completed",
            "exited 3: Completed",
            "entered 5",
            "at 14",
            "at 15",
            "at 14",
            "at 15",
            "at 16",
            "exited 5: Completed",
            "exited 2: Completed",
            "at 18",
            "entered 6",
            "entered 7",
            "exited 7: Completed",
            "exited 6: Completed",
            "exited 1: Failed",
        ],
    },
    Program {
        run: || Box::pin(p16()),
        ending: r#"Ok(0)"#,
        trace: &[
            "dropped 3",
            "dropped 3",
            "dropped 3",
            "entered 1",
            "entered 2",
            "entered 3",
            "exited 3: Failed",
            "exited 2: Failed",
            "exited 1: Failed",
            "dropped 6",
        ],
    },
    Program {
        run: || Box::pin(p17()),
        ending: r#"Ok(14)"#,
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
            "entered 6",
            "entered 7",
            "at 6",
            "at 7",
            "exited 7: Completed",
            "exited 6: Completed",
            "at 8",
            "entered 5",
            "at 3",
            "at 4",
            "at 5",
            "exited 5: Completed",
            "entered 6",
            "entered 7",
            "at 6",
            "at 7",
            "exited 7: Completed",
            "exited 6: Completed",
            "at 8",
            "entered 5",
            "at 3",
            "at 4",
            "at 5",
            "exited 5: Completed",
            "entered 6",
            "entered 7",
            "at 6",
            "at 7",
            "exited 7: Completed",
            "exited 6: Completed",
            "at 8",
            "entered 8",
            "entered 9",
            "entered 10",
            "at 9",
            "at 10",
            "exited 10: Completed",
            "entered 11",
            "at 11",
            "at 12",
            "at 13",
            "exited 11: Completed",
            "exited 9: Completed",
            "exited 8: Completed",
            "exited 4: Completed",
            "exited 3: Completed",
            "exited 2: Completed",
            "exited 1: Completed",
        ],
    },
    Program {
        run: || Box::pin(p18()),
        ending: r#"Err("at 16")"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "entered 4",
            "at 1",
            "entered 5",
            "entered 6",
            "at 3",
            "exited 6: Completed",
            "exited 5: Completed",
            "exited 4: Completed",
            "entered 7",
            "entered 8",
            "exited 8: Completed",
            "exited 7: Completed",
            "exited 3: Completed",
            "entered 9",
            "at 13",
            "at 14",
            "at 15",
            "exited 9: Completed",
            "entered 9",
            "at 13",
            "at 14",
            "at 15",
            "exited 9: Completed",
            "entered 9",
            "at 13",
            "at 14",
            "at 15",
            "exited 9: Completed",
            "entered 9",
            "at 13",
            "at 14",
            "at 15",
            "exited 9: Completed",
            "dropped 8",
            "exited 2: Completed",
            "exited 1: Completed",
        ],
    },
    Program {
        run: || Box::pin(p19()),
        ending: r#"panicked at 3"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "entered 4",
            "dropped 2",
            "exited 4: Completed",
            "exited 3: Completed",
            "entered 3",
            "entered 4",
            "dropped 2",
            "exited 4: Panicked",
            "exited 3: Panicked",
            "exited 2: Panicked",
            "exited 1: Panicked",
        ],
    },
    Program {
        run: || Box::pin(p20()),
        ending: r#"panicked at 7"#,
        trace: &[
            "at 1",
            "entered 1",
            "exited 1: Completed",
            "dropped 6",
            "dropped 5",
            "entered 1",
            "exited 1: Completed",
            "dropped 6",
            "dropped 5",
            "entered 1",
            "exited 1: Panicked",
            "dropped 6",
            "dropped 5",
        ],
    },
    Program {
        run: || Box::pin(p21()),
        ending: r#"Ok(0)"#,
        trace: &[
            "at 1",
            "entered 1",
            "exited 1: Completed",
            "entered 2",
            "entered 3",
            "entered 4",
            "entered 5",
            "entered 6",
            "exited 6: Completed",
            "exited 5: Completed",
            "dropped 5",
            "exited 4: Completed",
            "exited 3: Completed",
            "exited 2: Completed",
            "at 9",
            "dropped 8",
            "entered 2",
            "entered 3",
            "entered 4",
            "entered 5",
            "entered 6",
            "exited 6: Failed",
            "exited 5: Failed",
            "dropped 5",
            "exited 4: Failed",
            "exited 3: Failed",
            "exited 2: Failed",
            "entered 2",
            "entered 3",
            "entered 4",
            "entered 5",
            "entered 6",
            "exited 6: Completed",
            "exited 5: Completed",
            "dropped 5",
            "exited 4: Completed",
            "exited 3: Completed",
            "exited 2: Completed",
            "at 9",
            "dropped 8",
        ],
    },
    Program {
        run: || Box::pin(p22()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "at 2",
            "dropped 3",
            "exited 1: Completed",
            "at 4",
            "entered 2",
            "exited 2: Completed",
            "dropped 6",
            "entered 1",
            "at 2",
            "dropped 3",
            "exited 1: Completed",
            "at 4",
            "dropped 6",
            "entered 3",
            "at 16",
            "exited 3: Completed",
        ],
    },
    Program {
        run: || Box::pin(p23()),
        ending: r#"panicked at 4"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "exited 3: Completed",
            "exited 2: Completed",
            "exited 1: Completed",
            "dropped 5",
            "entered 1",
            "entered 2",
            "entered 3",
            "exited 3: Panicked",
            "exited 2: Panicked",
            "exited 1: Panicked",
        ],
    },
];

async fn p0() -> Ended {
    async_with!(open(1) as _r1, open(2) as _r2, {
        'l0: for _ in 0..1 {
            async_with!(open(3) as _r3, {
                async_with!(open(4), open(5) as _r5, {
                    async_with!(open(6) as _r6, {
                        log("at 2");
                        yield_once().await;
                    })?;
                    if hit(3, 2) {
                        return Ok(3);
                    }
                })?;
            })?;
        }
        if hit(4, 1) {
            return Err("at 4".into());
        }
    })?;
    Ok(0)
}

async fn p1() -> Ended {
    async_with!(open(1) as _r1, {
        async_with!(open(2), open(3), {
            log("at 1");
            yield_once().await;
            async_with!(open(4) as _r4, open(5), {
                if hit(2, 2) {
                    return Err("at 2".into());
                }
                let mut turn3 = 0;
                'l0: loop {
                    turn3 += 1;
                    if turn3 > 2 {
                        break;
                    }
                    async_with!(open(6) as _r6, {
                        log("at 4");
                        yield_once().await;
                        log("at 5");
                        yield_once().await;
                    })?;
                    log("at 6");
                    yield_once().await;
                }
            })?;
        })?;
        let _held7 = Held(7);
    })?;
    async_with!(open(7), open(8), {
        let mut turn8 = 0;
        'l0: loop {
            turn8 += 1;
            if turn8 > 1 {
                break;
            }
            async_with!(open(9) as _r9, {
                let _held9 = Held(9);
            })?;
            let mut turn10 = 0;
            'l1: while {
                turn10 += 1;
                turn10 <= 2
            } {
                if hit(11, 1) {
                    continue 'l0;
                }
                if hit(12, 3) {
                    panic!("at 12");
                }
            }
            async_with!(open(10) as _r10, open(11) as _r11, {
                if hit(13, 2) {
                    return Err("at 13".into());
                }
                if hit(14, 1) {
                    break 'l0;
                }
                async_with!(open(12) as _r12, {
                    if hit(15, 2) {
                        mark_failed!();
                        break 'l0;
                    }
                    async_with!(open(13), {
                        log("at 16");
                        yield_once().await;
                        log("at 17");
                        yield_once().await;
                        log("at 18");
                        yield_once().await;
                    })?;
                })?;
            })?;
        }
        if hit(19, 3) {
            Err(format!("at 19"))?;
        }
        async_with!(open(14), {
            async_with!(open(15), {
                if hit(20, 3) {
                    Err(format!("at 20"))?;
                }
                log("at 21");
                yield_once().await;
                log("at 22");
                yield_once().await;
            })?;
            async_with!(open(16), {
                'b0: {
                    if hit(23, 1) {
                        panic!("at 23");
                    }
                    log("at 24");
                    yield_once().await;
                }
                log("at 25");
                yield_once().await;
            })?;
        })?;
    })?;
    async_with!(open(17), open(18) as _r18, {
        'b0: {
            let mut turn26 = 0;
            'l1: while {
                turn26 += 1;
                turn26 <= 2
            } {
                async_with!(open(19), open(20) as _r20, {
                    if hit(27, 1) {
                        break 'b0;
                    }
                    let mut turn28 = 0;
                    'l2: while {
                        turn28 += 1;
                        turn28 <= 2
                    } {
                        log("at 29");
                        yield_once().await;
                        log("at 30");
                        yield_once().await;
                    }
                })?;
            }
            async_for!('l1: for _ in iter(0..1) {
                async_with!(open(21) as _r21, {
                    async_with!(open(22), open(23), {
                        log("at 32");
                        yield_once().await;
                    })?;
                    async_with!(open(24), {
                        log("at 33");
                        yield_once().await;
                    })?;
                })?;
                if hit(34, 3) {
                    break 'l1;
                }
            });
            async_with!(open(25), open(26) as _r26, {
                if hit(35, 2) {
                    break 'b0;
                }
                async_with!(open(27) as _r27, {
                    if hit(36, 1) {
                        break 'b0;
                    }
                })?;
                async_with!(open(28) as _r28, open(29), {
                    if hit(37, 2) {
                        break 'b0;
                    }
                    let mut turn38 = 0;
                    'l1: loop {
                        turn38 += 1;
                        if turn38 > 2 {
                            break;
                        }
                        log("at 39");
                        yield_once().await;
                        log("at 40");
                        yield_once().await;
                    }
                })?;
            })?;
        }
    })?;
    Ok(0)
}

async fn p2() -> Ended {
    async_for!('l0: for _ in iter(0..2) {
        if hit(2, 3) {
            return Err("at 2".into());
        }
        if hit(3, 3) {
            panic!("at 3");
        }
        async_with!(open(1), {
            log("at 4");
            yield_once().await;
            let mut turn5 = 0;
            'l1: loop {
                turn5 += 1;
                if turn5 > 1 {
                    break;
                }
                if hit(6, 2) {
                    let mark = move || mark_failed!();
                    mark();
                }
            }
        })?;
    });
    let mut turn7 = 0;
    'l0: loop {
        turn7 += 1;
        if turn7 > 2 {
            break;
        }
        if hit(8, 3) {
            return Ok(8);
        }
        async_with!(open(2) as _r2, open(3) as _r3, {
            async_with!(open(4), {
                if hit(9, 1) {
                    continue;
                }
                async_for!('l1: for _ in iter(0..2) {
                    async_with!(open(5) as _r5, {
                        log("at 11");
                        yield_once().await;
                        log("at 12");
                        yield_once().await;
                        log("at 13");
                        yield_once().await;
                    })?;
                    async_for!('l2: for _ in iter(0..3) {
                        log("at 15");
                        yield_once().await;
                        log("at 16");
                        yield_once().await;
                    });
                });
            })?;
            async_for!('l1: for _ in iter(0..2) {
                async_with!(open(6), open(7), {
                    if hit(18, 1) {
                        mark_failed!();
                        continue 'l0;
                    }
                    'b2: {
                        log("at 19");
                        yield_once().await;
                        log("at 20");
                        yield_once().await;
                        log("at 21");
                        yield_once().await;
                    }
                })?;
                async_with!(open(8), open(9) as _r9, {
                    let _held22 = Held(22);
                    if hit(23, 2) {
                        Err(format!("at 23"))?;
                    }
                })?;
            });
        })?;
        let _held24 = Held(24);
    }
    Ok(0)
}

async fn p3() -> Ended {
    async_with!(open(1), {
        let _held1 = Held(1);
        if hit(2, 2) {
            panic!("at 2");
        }
        async_with!(open(2), {
            log("at 3");
            yield_once().await;
            async_with!(open(3), open(4), {
                if hit(4, 3) {
                    mark_failed!();
                }
                if hit(5, 3) {
                    panic!("at 5");
                }
            })?;
            log("at 6");
            yield_once().await;
        })?;
    })?;
    async_for!('l0: for _ in iter(0..3) {
        'b1: {
            if hit(8, 2) {
                break 'l0;
            }
            async_with!(open(5) as _r5, {
                if hit(9, 1) {
                    Err(format!("at 9"))?;
                }
                log("at 10");
                yield_once().await;
                async_with!(open(6), {
                    async_with!(open(7), open(8) as _r8, {
                        log("at 11");
                        yield_once().await;
                        log("at 12");
                        yield_once().await;
                        log("at 13");
                        yield_once().await;
                    })?;
                })?;
            })?;
        }
        log("at 14");
        yield_once().await;
    });
    Ok(0)
}

async fn p4() -> Ended {
    if hit(1, 3) {
        return Err("at 1".into());
    }
    async_with!(open(1) as _r1, {
        if hit(2, 3) {
            tokio::select! { () = yield_once() => mark_failed!() }
        }
        async_with!(open(2) as _r2, {
            if hit(3, 3) {
                return Err("at 3".into());
            }
            async_with!(open(3) as _r3, {
                'l0: for _ in 0..2 {
                    async_with!(open(4) as _r4, {
                        log("at 5");
                        yield_once().await;
                        log("at 6");
                        yield_once().await;
                        log("at 7");
                        yield_once().await;
                    })?;
                }
                async_with!(open(5), {
                    'l0: for _ in 0..2 {
                        log("at 9");
                        yield_once().await;
                        log("at 10");
                        yield_once().await;
                        log("at 11");
                        yield_once().await;
                    }
                })?;
            })?;
            async_with!(open(6), open(7) as _r7, {
                async_with!(open(8) as _r8, open(9) as _r9, {
                    async_for!('l0: for _ in iter(0..1) {
                        log("at 13");
                        yield_once().await;
                        log("at 14");
                        yield_once().await;
                    });
                })?;
            })?;
        })?;
        if hit(15, 1) {
            panic!("at 15");
        }
    })?;
    if hit(16, 1) {
        return Err("at 16".into());
    }
    Ok(0)
}

async fn p5() -> Ended {
    log("at 1");
    yield_once().await;
    if hit(2, 3) {
        return Err("at 2".into());
    }
    async_with!(open(1), open(2) as _r2, {
        if hit(3, 3) {
            return Ok(3);
        }
        async_with!(open(3), {
            if hit(4, 1) {
                return Ok(4);
            }
            async_with!(open(4) as _r4, {
                if hit(5, 2) {
                    Err(format!("at 5"))?;
                }
                let _held6 = Held(6);
                async_with!(open(5), {
                    'l0: for _ in 0..3 {
                        log("at 8");
                        yield_once().await;
                        log("at 9");
                        yield_once().await;
                        log("at 10");
                        yield_once().await;
                    }
                    if hit(11, 2) {
                        async {
                            yield_once().await;
                            mark_failed!()
                        }
                        .await;
                    }
                })?;
            })?;
            async_with!(open(6), {
                async_for!('l0: for _ in iter(0..2) {
                    if hit(13, 2) {
                        continue 'l0;
                    }
                    async_with!(open(7), open(8), {
                        log("at 14");
                        yield_once().await;
                    })?;
                });
            })?;
        })?;
        'l0: for _ in 0..2 {
            'b1: {
                if hit(16, 3) {
                    Err(format!("at 16"))?;
                }
                if hit(17, 1) {
                    return Err("at 17".into());
                }
                let _held18 = Held(18);
            }
            if hit(19, 2) {
                forwith::mark_failed!();
            }
        }
    })?;
    Ok(0)
}

async fn p6() -> Ended {
    let mut turn1 = 0;
    'l0: loop {
        turn1 += 1;
        if turn1 > 3 {
            break;
        }
        async_with!(open(1) as _r1, {
            let _held2 = Held(2);
        })?;
    }
    Ok(0)
}

async fn p7() -> Ended {
    async_with!(open(1) as _r1, {
        if hit(1, 1) {
            let mark = move || mark_failed!();
            mark();
        }
        if hit(2, 1) {
            forwith::mark_failed!();
        }
        async_with!(open(2) as _r2, {
            if hit(3, 3) {
                Err(format!("at 3"))?;
            }
        })?;
    })?;
    async_with!(open(3), {
        'b0: {
            'b1: {
                log("at 4");
                yield_once().await;
                if hit(5, 1) {
                    Err(format!("at 5"))?;
                }
                if hit(6, 3) {
                    break 'b0;
                }
            }
        }
    })?;
    async_with!(open(4) as _r4, {
        async_with!(open(5) as _r5, {
            if hit(7, 2) {
                mark_failed!();
                panic!("at 7");
            }
        })?;
        if hit(8, 3) {
            return Ok(8);
        }
        if hit(9, 3) {
            Err(format!("at 9"))?;
        }
    })?;
    Ok(0)
}

async fn p8() -> Ended {
    async_with!(open(1), open(2) as _r2, {
        async_with!(open(3) as _r3, open(4), {
            if hit(1, 1) {
                panic!("at 1");
            }
            async_with!(open(5) as _r5, {
                async_with!(open(6), {
                    async_with!(open(7), {
                        log("at 2");
                        yield_once().await;
                        log("at 3");
                        yield_once().await;
                    })?;
                })?;
            })?;
        })?;
        async_with!(open(8), {
            let mut turn4 = 0;
            'l0: while {
                turn4 += 1;
                turn4 <= 1
            } {
                async_with!(open(9) as _r9, {
                    async_with!(open(10), {
                        log("at 5");
                        yield_once().await;
                        log("at 6");
                        yield_once().await;
                        log("at 7");
                        yield_once().await;
                    })?;
                    log("at 8");
                    yield_once().await;
                    async_with!(open(11) as _r11, {
                        log("at 9");
                        yield_once().await;
                    })?;
                })?;
                log("at 10");
                yield_once().await;
            }
            async_with!(open(12) as _r12, {
                async_with!(open(13) as _r13, {
                    async_with!(open(14) as _r14, {
                        log("at 11");
                        yield_once().await;
                        log("at 12");
                        yield_once().await;
                    })?;
                    if hit(13, 2) {
                        Err(format!("at 13"))?;
                    }
                })?;
                if hit(14, 2) {
                    return Ok(14);
                }
                if hit(15, 1) {
                    Err(format!("at 15"))?;
                }
            })?;
        })?;
    })?;
    Ok(0)
}

async fn p9() -> Ended {
    async_with!(open(1), open(2) as _r2, {
        async_with!(open(3) as _r3, {
            if hit(1, 2) {
                forwith::mark_failed!();
            }
        })?;
    })?;
    let _held2 = Held(2);
    async_with!(open(4), {
        if hit(3, 1) {
            return Ok(3);
        }
        if hit(4, 2) {
            return mark_failed!(Ok(4));
        }
        let _held5 = Held(5);
    })?;
    Ok(0)
}

async fn p10() -> Ended {
    async_with!(open(1) as _r1, {
        let mut turn1 = 0;
        'l0: loop {
            turn1 += 1;
            if turn1 > 1 {
                break;
            }
            async_with!(open(2) as _r2, open(3) as _r3, {
                async_with!(open(4) as _r4, {
                    async_with!(open(5), {
                        log("at 2");
                        yield_once().await;
                        log("at 3");
                        yield_once().await;
                    })?;
                })?;
                async_with!(open(6) as _r6, {
                    if hit(4, 3) {
                        Err(format!("at 4"))?;
                    }
                    if hit(5, 2) {
                        continue 'l0;
                    }
                })?;
                if hit(6, 1) {
                    return Err("at 6".into());
                }
            })?;
        }
        async_with!(open(7) as _r7, open(8) as _r8, {
            let _held7 = Held(7);
            async_with!(open(9) as _r9, {
                if hit(8, 3) {
                    forwith::mark_failed!();
                }
                log("at 9");
                yield_once().await;
                if hit(10, 2) {
                    forwith::mark_failed!();
                }
            })?;
            let _held11 = Held(11);
        })?;
        async_with!(open(10), {
            async_with!(open(11) as _r11, {
                if hit(12, 2) {
                    return mark_failed!(Ok(12));
                }
            })?;
            if hit(13, 3) {
                Err(format!("at 13"))?;
            }
        })?;
    })?;
    'l0: for _ in 0..3 {
        async_with!(open(12), open(13) as _r13, {
            if hit(15, 1) {
                mark_failed!();
                continue 'l0;
            }
            if hit(16, 2) {
                break 'l0;
            }
            async_with!(open(14) as _r14, open(15) as _r15, {
                async_with!(open(16) as _r16, {
                    log("at 17");
                    yield_once().await;
                    'b1: {
                        log("at 18");
                        yield_once().await;
                    }
                    'b1: {
                        log("at 19");
                        yield_once().await;
                        log("at 20");
                        yield_once().await;
                    }
                })?;
                async_with!(open(17) as _r17, {
                    let _held21 = Held(21);
                    'b1: {
                        log("at 22");
                        yield_once().await;
                    }
                    let mut turn23 = 0;
                    'l1: while {
                        turn23 += 1;
                        turn23 <= 2
                    } {
                        log("at 24");
                        yield_once().await;
                        log("at 25");
                        yield_once().await;
                    }
                })?;
                log("at 26");
                yield_once().await;
            })?;
        })?;
        if hit(27, 3) {
            continue;
        }
    }
    if hit(28, 2) {
        return Err("at 28".into());
    }
    Ok(0)
}

async fn p11() -> Ended {
    async_with!(open(1), open(2) as _r2, {
        async_with!(open(3), {
            if hit(1, 2) {
                return Err("at 1".into());
            }
            let mut turn2 = 0;
            'l0: while {
                turn2 += 1;
                turn2 <= 1
            } {
                log("at 3");
                yield_once().await;
                let mut turn4 = 0;
                'l1: while {
                    turn4 += 1;
                    turn4 <= 1
                } {
                    if hit(5, 2) {
                        return mark_failed!(Ok(5));
                    }
                    async_with!(open(4) as _r4, open(5), {
                        log("at 6");
                        yield_once().await;
                    })?;
                }
            }
        })?;
        async_for!('l0: for _ in iter(0..2) {
            if hit(8, 3) {
                forwith::mark_failed!();
            }
        });
    })?;
    async_with!(open(6), {
        async_for!('l0: for _ in iter(0..2) {
            async_for!('l1: for _ in iter(0..3) {
                async_with!(open(7), open(8), {
                    async_with!(open(9), {
                        log("at 11");
                        yield_once().await;
                        log("at 12");
                        yield_once().await;
                        log("at 13");
                        yield_once().await;
                    })?;
                    if hit(14, 3) {
                        mark_failed!();
                    }
                    async_with!(open(10) as _r10, {
                        log("at 15");
                        yield_once().await;
                    })?;
                })?;
                if hit(16, 1) {
                    break 'l0;
                }
            });
            let mut turn17 = 0;
            'l1: loop {
                turn17 += 1;
                if turn17 > 1 {
                    break;
                }
                if hit(18, 3) {
                    mark_failed!();
                    continue 'l0;
                }
                async_with!(open(11), {
                    'l2: for _ in 0..1 {
                        log("at 20");
                        yield_once().await;
                        log("at 21");
                        yield_once().await;
                    }
                    let mut turn22 = 0;
                    'l2: loop {
                        turn22 += 1;
                        if turn22 > 3 {
                            break;
                        }
                        log("at 23");
                        yield_once().await;
                    }
                    'b2: {
                        log("at 24");
                        yield_once().await;
                        log("at 25");
                        yield_once().await;
                        log("at 26");
                        yield_once().await;
                    }
                })?;
                async_with!(open(12) as _r12, {
                    if hit(27, 1) {
                        Err(format!("at 27"))?;
                    }
                    'b2: {
                        log("at 28");
                        yield_once().await;
                    }
                    if hit(29, 2) {
                        continue 'l0;
                    }
                })?;
            }
            'l1: for _ in 0..3 {
                if hit(31, 3) {
                    continue 'l0;
                }
                async_with!(open(13), open(14) as _r14, {
                    async_for!('l2: for _ in iter(0..3) {
                        log("at 33");
                        yield_once().await;
                        log("at 34");
                        yield_once().await;
                    });
                })?;
            }
        });
        async_with!(open(15), open(16), {
            let _held35 = Held(35);
            log("at 36");
            yield_once().await;
        })?;
        async_for!('l0: for _ in iter(0..2) {
            log("at 38");
            yield_once().await;
            async_with!(open(17) as _r17, open(18) as _r18, {
                async_for!('l1: for _ in iter(0..2) {
                    log("at 40");
                    yield_once().await;
                    async_with!(open(19) as _r19, open(20) as _r20, {
                        log("at 41");
                        yield_once().await;
                        log("at 42");
                        yield_once().await;
                        log("at 43");
                        yield_once().await;
                    })?;
                    'b2: {
                        log("at 44");
                        yield_once().await;
                        log("at 45");
                        yield_once().await;
                    }
                });
                if hit(46, 2) {
                    panic!("at 46");
                }
            })?;
            log("at 47");
            yield_once().await;
        });
    })?;
    async_with!(open(21) as _r21, {
        if hit(48, 3) {
            forwith::mark_failed!();
        }
        if hit(49, 1) {
            mark_failed!();
            panic!("at 49");
        }
    })?;
    Ok(0)
}

async fn p12() -> Ended {
    async_with!(open(1), {
        if hit(1, 2) {
            panic!("at 1");
        }
        async_with!(open(2) as _r2, {
            async_with!(open(3) as _r3, {
                if hit(2, 2) {
                    return Err("at 2".into());
                }
            })?;
        })?;
        async_with!(open(4) as _r4, {
            let mut turn3 = 0;
            'l0: loop {
                turn3 += 1;
                if turn3 > 1 {
                    break;
                }
                log("at 4");
                yield_once().await;
                async_with!(open(5), open(6) as _r6, {
                    async_for!('l1: for _ in iter(0..1) {
                        log("at 6");
                        yield_once().await;
                        log("at 7");
                        yield_once().await;
                        log("at 8");
                        yield_once().await;
                    });
                })?;
            }
            'l0: for _ in 0..3 {
                async_with!(open(7) as _r7, {
                    async_with!(open(8), {
                        log("at 10");
                        yield_once().await;
                    })?;
                })?;
                log("at 11");
                yield_once().await;
                if hit(12, 1) {
                    mark_failed!();
                    break 'l0;
                }
            }
        })?;
    })?;
    Ok(0)
}

async fn p13() -> Ended {
    async_with!(open(1) as _r1, {
        async_with!(open(2), {
            log("at 1");
            yield_once().await;
        })?;
    })?;
    async_with!(open(3) as _r3, open(4) as _r4, {
        async_with!(open(5) as _r5, {
            log("at 2");
            yield_once().await;
            async_with!(open(6), open(7) as _r7, {
                'l0: for _ in 0..2 {
                    let _held4 = Held(4);
                    async_with!(open(8), {
                        log("at 5");
                        yield_once().await;
                        log("at 6");
                        yield_once().await;
                        log("at 7");
                        yield_once().await;
                    })?;
                }
                if hit(8, 1) {
                    panic!("at 8");
                }
                async_for!('l0: for _ in iter(0..3) {
                    if hit(10, 1) {
                        mark_failed!();
                        break;
                    }
                    log("at 11");
                    yield_once().await;
                    let mut turn12 = 0;
                    'l1: loop {
                        turn12 += 1;
                        if turn12 > 2 {
                            break;
                        }
                        log("at 13");
                        yield_once().await;
                    }
                });
            })?;
            let mut turn14 = 0;
            'l0: loop {
                turn14 += 1;
                if turn14 > 2 {
                    break;
                }
                let mut turn15 = 0;
                'l1: while {
                    turn15 += 1;
                    turn15 <= 1
                } {
                    log("at 16");
                    yield_once().await;
                    async_with!(open(9) as _r9, open(10) as _r10, {
                        log("at 17");
                        yield_once().await;
                    })?;
                }
                log("at 18");
                yield_once().await;
            }
        })?;
        async_with!(open(11), {
            'l0: for _ in 0..3 {
                log("at 20");
                yield_once().await;
            }
            async_for!('l0: for _ in iter(0..1) {
                if hit(22, 2) {
                    panic!("at 22");
                }
                log("at 23");
                yield_once().await;
                if hit(24, 1) {
                    break 'l0;
                }
            });
            if hit(25, 3) {
                forwith::mark_failed!();
            }
        })?;
    })?;
    Ok(0)
}

async fn p14() -> Ended {
    if hit(1, 2) {
        return Err("at 1".into());
    }
    if hit(2, 2) {
        return Err("at 2".into());
    }
    async_for!('l0: for _ in iter(0..3) {
        log("at 4");
        yield_once().await;
        async_with!(open(1) as _r1, open(2) as _r2, {
            if hit(5, 3) {
                Err(format!("at 5"))?;
            }
            async_with!(open(3) as _r3, {
                async_with!(open(4) as _r4, open(5) as _r5, {
                    if hit(6, 1) {
                        break 'l0;
                    }
                    async_with!(open(6) as _r6, open(7), {
                        log("at 7");
                        yield_once().await;
                    })?;
                })?;
                async_with!(open(8), {
                    if hit(8, 1) {
                        continue;
                    }
                    if hit(9, 2) {
                        mark_failed!();
                        continue;
                    }
                })?;
            })?;
            if hit(10, 3) {
                break;
            }
        })?;
    });
    Ok(0)
}

async fn p15() -> Ended {
    async_with!(open(1) as _r1, {
        'b0: {
            if hit(1, 2) {
                forwith::mark_failed!();
            }
            log("at 2");
            yield_once().await;
            'l1: for _ in 0..3 {
                if hit(4, 1) {
                    continue 'l1;
                }
                if hit(5, 2) {
                    continue 'l1;
                }
                async_for!('l2: for _ in iter(0..1) {
                    if hit(7, 1) {
                        mark_failed!();
                        break;
                    }
                });
            }
        }
        'b0: {
            async_with!(open(2), {
                log("at 8");
                yield_once().await;
                async_with!(open(3) as _r3, open(4) as _r4, {
                    async_for!('l1: for _ in iter(0..2) {
                        log("at 10");
                        yield_once().await;
                    });
                    log("at 11");
                    yield_once().await;
                })?;
                async_with!(open(5) as _r5, {
                    if hit(12, 2) {
                        return Err("at 12".into());
                    }
                    'l1: for _ in 0..2 {
                        log("at 14");
                        yield_once().await;
                        log("at 15");
                        yield_once().await;
                    }
                    log("at 16");
                    yield_once().await;
                })?;
            })?;
            'b1: {
                if hit(17, 3) {
                    panic!("at 17");
                }
                log("at 18");
                yield_once().await;
                async_with!(open(6), open(7) as _r7, {
                    if hit(19, 3) {
                        async {
                            yield_once().await;
                            mark_failed!()
                        }
                        .await;
                    }
                })?;
            }
        }
    })?;
    Ok(0)
}

async fn p16() -> Ended {
    if hit(1, 3) {
        return Err("at 1".into());
    }
    let mut turn2 = 0;
    'l0: loop {
        turn2 += 1;
        if turn2 > 3 {
            break;
        }
        let _held3 = Held(3);
    }
    let mut turn4 = 0;
    'l0: while {
        turn4 += 1;
        turn4 <= 2
    } {
        let mut turn5 = 0;
        'l1: while {
            turn5 += 1;
            turn5 <= 3
        } {
            let _held6 = Held(6);
            if hit(7, 2) {
                continue 'l0;
            }
            async_with!(open(1) as _r1, {
                async_with!(open(2) as _r2, open(3) as _r3, {
                    if hit(8, 2) {
                        return Ok(8);
                    }
                    if hit(9, 1) {
                        mark_failed!();
                        break 'l0;
                    }
                })?;
                if hit(10, 2) {
                    return Err("at 10".into());
                }
                if hit(11, 2) {
                    return Ok(11);
                }
            })?;
        }
    }
    Ok(0)
}

async fn p17() -> Ended {
    async_with!(open(1) as _r1, {
        async_with!(open(2) as _r2, {
            if hit(1, 3) {
                return mark_failed!(Ok(1));
            }
            async_with!(open(3), open(4) as _r4, {
                async_for!('l0: for _ in iter(0..3) {
                    async_with!(open(5) as _r5, {
                        log("at 3");
                        yield_once().await;
                        log("at 4");
                        yield_once().await;
                        log("at 5");
                        yield_once().await;
                    })?;
                    async_with!(open(6), open(7) as _r7, {
                        log("at 6");
                        yield_once().await;
                        log("at 7");
                        yield_once().await;
                    })?;
                    log("at 8");
                    yield_once().await;
                });
                async_with!(open(8), open(9) as _r9, {
                    async_with!(open(10), {
                        log("at 9");
                        yield_once().await;
                        log("at 10");
                        yield_once().await;
                    })?;
                    async_with!(open(11), {
                        log("at 11");
                        yield_once().await;
                        log("at 12");
                        yield_once().await;
                        log("at 13");
                        yield_once().await;
                    })?;
                })?;
                if hit(14, 1) {
                    return Ok(14);
                }
            })?;
        })?;
        if hit(15, 3) {
            return Err("at 15".into());
        }
        if hit(16, 2) {
            forwith::mark_failed!();
        }
    })?;
    async_with!(open(12), open(13), {
        async_with!(open(14), {
            'b0: {
                if hit(17, 3) {
                    panic!("at 17");
                }
                async_with!(open(15) as _r15, {
                    async_with!(open(16), open(17) as _r17, {
                        log("at 18");
                        yield_once().await;
                        log("at 19");
                        yield_once().await;
                        log("at 20");
                        yield_once().await;
                    })?;
                    'b1: {
                        log("at 21");
                        yield_once().await;
                        log("at 22");
                        yield_once().await;
                        log("at 23");
                        yield_once().await;
                    }
                })?;
                'b1: {
                    async_with!(open(18), open(19), {
                        log("at 24");
                        yield_once().await;
                        log("at 25");
                        yield_once().await;
                    })?;
                    'b2: {
                        log("at 26");
                        yield_once().await;
                        log("at 27");
                        yield_once().await;
                        log("at 28");
                        yield_once().await;
                    }
                    let _held29 = Held(29);
                }
            }
            'l0: for _ in 0..3 {
                if hit(31, 1) {
                    return Ok(31);
                }
            }
        })?;
        let _held32 = Held(32);
    })?;
    Ok(0)
}

async fn p18() -> Ended {
    async_with!(open(1), open(2) as _r2, {
        async_with!(open(3) as _r3, {
            async_with!(open(4) as _r4, {
                log("at 1");
                yield_once().await;
                if hit(2, 2) {
                    Err(format!("at 2"))?;
                }
                async_with!(open(5), {
                    async_with!(open(6), {
                        log("at 3");
                        yield_once().await;
                    })?;
                    if hit(4, 2) {
                        return Ok(4);
                    }
                })?;
            })?;
            if hit(5, 3) {
                Err(format!("at 5"))?;
            }
            async_with!(open(7), {
                async_with!(open(8), {
                    if hit(6, 2) {
                        return Err("at 6".into());
                    }
                })?;
                if hit(7, 2) {
                    mark_failed!();
                    panic!("at 7");
                }
            })?;
        })?;
        let _held8 = Held(8);
        async_for!('l0: for _ in iter(0..3) {
            if hit(10, 2) {
                continue;
            }
            let mut turn11 = 0;
            'l1: loop {
                turn11 += 1;
                if turn11 > 2 {
                    break;
                }
                let mut turn12 = 0;
                'l2: loop {
                    turn12 += 1;
                    if turn12 > 1 {
                        break;
                    }
                    async_with!(open(9), {
                        log("at 13");
                        yield_once().await;
                        log("at 14");
                        yield_once().await;
                        log("at 15");
                        yield_once().await;
                    })?;
                }
            }
        });
    })?;
    if hit(16, 1) {
        return Err("at 16".into());
    }
    Ok(0)
}

async fn p19() -> Ended {
    async_with!(open(1), open(2), {
        async_for!('l0: for _ in iter(0..3) {
            async_with!(open(3), open(4) as _r4, {
                let _held2 = Held(2);
                if hit(3, 2) {
                    panic!("at 3");
                }
            })?;
        });
    })?;
    'b0: {
        'l1: for _ in 0..3 {
            async_with!(open(5) as _r5, open(6), {
                log("at 5");
                yield_once().await;
                async_with!(open(7) as _r7, open(8), {
                    if hit(6, 1) {
                        forwith::mark_failed!();
                    }
                    async_with!(open(9) as _r9, {
                        log("at 7");
                        yield_once().await;
                        log("at 8");
                        yield_once().await;
                        log("at 9");
                        yield_once().await;
                    })?;
                    log("at 10");
                    yield_once().await;
                })?;
            })?;
            if hit(11, 3) {
                break 'l1;
            }
        }
        async_with!(open(10) as _r10, open(11), {
            async_with!(open(12), {
                'b1: {
                    if hit(12, 3) {
                        mark_failed!();
                    }
                }
                if hit(13, 2) {
                    Err(format!("at 13"))?;
                }
                'b1: {
                    async_with!(open(13), open(14), {
                        log("at 14");
                        yield_once().await;
                    })?;
                }
            })?;
            async_with!(open(15), open(16) as _r16, {
                if hit(15, 1) {
                    Err(format!("at 15"))?;
                }
            })?;
            if hit(16, 3) {
                return mark_failed!(Ok(16));
            }
        })?;
    }
    'b0: {
        let _held17 = Held(17);
        log("at 18");
        yield_once().await;
        async_for!('l1: for _ in iter(0..3) {
            log("at 20");
            yield_once().await;
        });
    }
    Ok(0)
}

async fn p20() -> Ended {
    log("at 1");
    yield_once().await;
    async_for!('l0: for _ in iter(0..2) {
        'l1: for _ in 0..1 {
            let mut turn4 = 0;
            'l2: while {
                turn4 += 1;
                turn4 <= 3
            } {
                let _held5 = Held(5);
                let _held6 = Held(6);
                async_with!(open(1), {
                    if hit(7, 3) {
                        mark_failed!();
                        panic!("at 7");
                    }
                })?;
            }
            if hit(8, 1) {
                continue 'l0;
            }
            let _held9 = Held(9);
        }
        async_with!(open(2) as _r2, open(3) as _r3, {
            let _held10 = Held(10);
            log("at 11");
            yield_once().await;
        })?;
        if hit(12, 3) {
            continue;
        }
    });
    async_with!(open(4) as _r4, {
        if hit(13, 2) {
            return Err("at 13".into());
        }
    })?;
    Ok(0)
}

async fn p21() -> Ended {
    log("at 1");
    yield_once().await;
    let mut turn2 = 0;
    'l0: loop {
        turn2 += 1;
        if turn2 > 1 {
            break;
        }
        async_with!(open(1) as _r1, {
            if hit(3, 1) {
                break;
            }
        })?;
    }
    let mut turn4 = 0;
    'l0: while {
        turn4 += 1;
        turn4 <= 3
    } {
        async_with!(open(2), {
            async_with!(open(3) as _r3, open(4), {
                let _held5 = Held(5);
                async_with!(open(5) as _r5, open(6), {
                    if hit(6, 2) {
                        mark_failed!();
                        continue;
                    }
                })?;
            })?;
            if hit(7, 3) {
                return mark_failed!(Ok(7));
            }
        })?;
        let _held8 = Held(8);
        log("at 9");
        yield_once().await;
    }
    Ok(0)
}

async fn p22() -> Ended {
    'l0: for _ in 0..3 {
        async_with!(open(1) as _r1, {
            log("at 2");
            yield_once().await;
            let _held3 = Held(3);
        })?;
        log("at 4");
        yield_once().await;
        'b1: {
            if hit(5, 3) {
                break 'l0;
            }
            let _held6 = Held(6);
            let mut turn7 = 0;
            'l2: loop {
                turn7 += 1;
                if turn7 > 2 {
                    break;
                }
                if hit(8, 2) {
                    break 'l0;
                }
                if hit(9, 2) {
                    break 'l0;
                }
                async_with!(open(2), {
                    if hit(10, 1) {
                        break 'l2;
                    }
                    let _held11 = Held(11);
                    let mut turn12 = 0;
                    'l3: while {
                        turn12 += 1;
                        turn12 <= 3
                    } {
                        log("at 13");
                        yield_once().await;
                        log("at 14");
                        yield_once().await;
                        log("at 15");
                        yield_once().await;
                    }
                })?;
            }
        }
    }
    async_with!(open(3) as _r3, {
        log("at 16");
        yield_once().await;
    })?;
    Ok(0)
}

async fn p23() -> Ended {
    let mut turn1 = 0;
    'l0: while {
        turn1 += 1;
        turn1 <= 3
    } {
        if hit(2, 1) {
            continue 'l0;
        }
        async_with!(open(1), open(2) as _r2, {
            'b1: {
                if hit(3, 3) {
                    continue 'l0;
                }
            }
            async_with!(open(3) as _r3, {
                if hit(4, 2) {
                    mark_failed!();
                    panic!("at 4");
                }
            })?;
        })?;
        let _held5 = Held(5);
    }
    Ok(0)
}
