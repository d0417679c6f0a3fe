// Written by `generate.py`.

use super::*;

pub const PROGRAMS: &[Program] = &[
    Program {
        run: || Box::pin(p0()),
        ending: r#"panicked at 13"#,
        trace: &[
            "at 1",
            "entered 1",
            "entered 2",
            "exited 2: Completed",
            "at 4",
            "entered 3",
            "entered 4",
            "at 5",
            "exited 4: Completed",
            "exited 3: Completed",
            "exited 1: Completed",
            "entered 5",
            "entered 6",
            "entered 7",
            "at 6",
            "exited 7: Completed",
            "exited 6: Completed",
            "entered 8",
            "entered 9",
            "at 7",
            "at 8",
            "entered 10",
            "entered 11",
            "at 9",
            "at 10",
            "at 11",
            "exited 11: Completed",
            "exited 10: Completed",
            "exited 9: Completed",
            "exited 8: Completed",
            "exited 5: Panicked",
        ],
    },
    Program {
        run: || Box::pin(p1()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "at 2",
            "entered 2",
            "at 4",
            "exited 2: Completed",
            "exited 1: Completed",
            "entered 3",
            "entered 4",
            "exited 4: Completed",
            "exited 3: Completed",
        ],
    },
    Program {
        run: || Box::pin(p2()),
        ending: r#"panicked at 32"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "entered 4",
            "at 3",
            "at 4",
            "at 5",
            "entered 5",
            "entered 6",
            "entered 7",
            "at 8",
            "at 9",
            "exited 7: Completed",
            "at 11",
            "at 11",
            "at 11",
            "entered 8",
            "at 12",
            "at 13",
            "at 14",
            "exited 8: Completed",
            "exited 6: Completed",
            "exited 5: Completed",
            "at 15",
            "exited 4: Completed",
            "exited 3: Completed",
            "exited 2: Completed",
            "entered 9",
            "entered 10",
            "entered 11",
            "at 21",
            "at 21",
            "at 21",
            "entered 12",
            "at 22",
            "exited 12: Completed",
            "exited 11: Completed",
            "entered 13",
            "entered 14",
            "entered 15",
            "entered 16",
            "at 24",
            "at 25",
            "exited 16: Completed",
            "dropped 26",
            "exited 15: Completed",
            "entered 17",
            "entered 18",
            "at 29",
            "at 29",
            "exited 18: Completed",
            "exited 17: Completed",
            "dropped 23",
            "exited 14: Completed",
            "exited 13: Completed",
            "at 30",
            "exited 10: Completed",
            "exited 9: Completed",
            "entered 19",
            "entered 20",
            "entered 21",
            "exited 21: Panicked",
            "exited 20: Panicked",
            "exited 19: Panicked",
            "exited 1: Panicked",
        ],
    },
    Program {
        run: || Box::pin(p3()),
        ending: r#"Ok(8)"#,
        trace: &[
            "entered 1",
            "dropped 2",
            "exited 1: Completed",
            "dropped 3",
            "entered 1",
            "dropped 2",
            "exited 1: Completed",
            "dropped 3",
            "entered 1",
            "dropped 2",
            "exited 1: Completed",
            "dropped 3",
            "entered 2",
            "entered 3",
            "entered 4",
            "exited 4: Completed",
            "dropped 7",
            "exited 3: Completed",
            "exited 2: Completed",
            "dropped 4",
        ],
    },
    Program {
        run: || Box::pin(p4()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "at 3",
            "entered 2",
            "entered 3",
            "entered 4",
            "at 4",
            "exited 4: Completed",
            "at 5",
            "exited 3: Completed",
            "entered 5",
            "entered 6",
            "entered 7",
            "at 6",
            "exited 7: Completed",
            "exited 6: Completed",
            "exited 5: Completed",
            "at 7",
            "exited 2: Completed",
            "at 3",
            "entered 2",
            "entered 3",
            "entered 4",
            "at 4",
            "exited 4: Completed",
            "at 5",
            "exited 3: Completed",
            "entered 5",
            "entered 6",
            "entered 7",
            "at 6",
            "exited 7: Completed",
            "exited 6: Completed",
            "exited 5: Completed",
            "at 7",
            "exited 2: Completed",
            "exited 1: Completed",
        ],
    },
    Program {
        run: || Box::pin(p5()),
        ending: r#"Err("at 9")"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "entered 4",
            "dropped 1",
            "exited 4: Completed",
            "exited 3: Completed",
            "entered 5",
            "entered 6",
            "entered 7",
            "at 5",
            "at 6",
            "at 7",
            "exited 7: Completed",
            "exited 6: Completed",
            "exited 5: Completed",
            "entered 8",
            "at 11",
            "at 11",
            "entered 9",
            "at 12",
            "exited 9: Completed",
            "at 11",
            "at 11",
            "entered 9",
            "at 12",
            "exited 9: Completed",
            "exited 8: Failed",
            "exited 2: Failed",
            "exited 1: Failed",
        ],
    },
    Program {
        run: || Box::pin(p6()),
        ending: r#"Ok(0)"#,
        trace: &[
            "at 3",
            "entered 1",
            "entered 2",
            "at 6",
            "at 7",
            "exited 2: Completed",
            "entered 2",
            "at 6",
            "at 7",
            "exited 2: Completed",
            "entered 2",
            "at 6",
            "at 7",
            "exited 2: Completed",
            "exited 1: Completed",
            "at 3",
            "entered 1",
            "exited 1: Completed",
            "entered 3",
            "exited 3: Completed",
        ],
    },
    Program {
        run: || Box::pin(p7()),
        ending: r#"panicked at 3"#,
        trace: &[
            "entered 1",
            "entered 2",
            "exited 2: Completed",
            "entered 3",
            "entered 4",
            "exited 4: Completed",
            "exited 3: Panicked",
            "exited 1: Panicked",
        ],
    },
    Program {
        run: || Box::pin(p8()),
        ending: r#"Err("at 1")"#,
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
        run: || Box::pin(p9()),
        ending: r#"Err("at 16")"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "entered 4",
            "entered 5",
            "entered 6",
            "entered 7",
            "entered 8",
            "at 1",
            "at 2",
            "at 3",
            "exited 8: Completed",
            "at 5",
            "at 6",
            "at 5",
            "at 6",
            "entered 9",
            "at 7",
            "exited 9: Completed",
            "exited 7: Completed",
            "exited 6: Completed",
            "exited 5: Completed",
            "exited 4: Completed",
            "entered 10",
            "entered 11",
            "entered 12",
            "at 8",
            "at 9",
            "at 10",
            "exited 12: Completed",
            "entered 13",
            "at 11",
            "at 12",
            "exited 13: Completed",
            "at 13",
            "at 14",
            "exited 11: Completed",
            "dropped 15",
            "exited 10: Completed",
            "exited 3: Failed",
            "exited 2: Failed",
            "exited 1: Failed",
        ],
    },
    Program {
        run: || Box::pin(p10()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "entered 2",
            "at 1",
            "exited 2: Completed",
            "exited 1: Completed",
            "entered 3",
            "exited 3: Completed",
        ],
    },
    Program {
        run: || Box::pin(p11()),
        ending: r#"panicked at 2"#,
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
        run: || Box::pin(p12()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "entered 2",
            "exited 2: Completed",
            "entered 3",
            "at 6",
            "exited 3: Completed",
            "exited 1: Completed",
            "dropped 2",
        ],
    },
    Program {
        run: || Box::pin(p13()),
        ending: r#"Ok(2)"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "entered 4",
            "entered 5",
            "at 1",
            "exited 5: Completed",
            "exited 4: Completed",
            "exited 3: Completed",
            "exited 2: Completed",
            "exited 1: Completed",
        ],
    },
    Program {
        run: || Box::pin(p14()),
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
        run: || Box::pin(p15()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "at 4",
            "exited 3: Completed",
            "entered 4",
            "at 5",
            "exited 4: Completed",
            "exited 2: Completed",
            "entered 2",
            "entered 3",
            "at 4",
            "exited 3: Completed",
            "entered 4",
            "at 5",
            "exited 4: Completed",
            "exited 2: Completed",
            "exited 1: Completed",
        ],
    },
    Program {
        run: || Box::pin(p16()),
        ending: r#"Ok(0)"#,
        trace: &[
            "at 3",
            "entered 1",
            "entered 2",
            "entered 3",
            "exited 3: Completed",
            "exited 2: Completed",
            "exited 1: Completed",
            "at 3",
            "entered 1",
            "entered 2",
            "entered 3",
            "exited 3: Completed",
            "exited 2: Completed",
            "exited 1: Completed",
            "entered 4",
            "entered 5",
            "at 6",
            "exited 5: Completed",
            "exited 4: Completed",
        ],
    },
    Program {
        run: || Box::pin(p17()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "entered 4",
            "at 2",
            "exited 4: Completed",
            "exited 3: Completed",
            "exited 2: Completed",
            "at 3",
            "entered 5",
            "at 7",
            "at 8",
            "exited 5: Completed",
            "at 9",
            "exited 1: Completed",
        ],
    },
    Program {
        run: || Box::pin(p18()),
        ending: r#"Err("at 14")"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "entered 4",
            "at 3",
            "at 4",
            "at 5",
            "at 3",
            "at 4",
            "at 5",
            "at 3",
            "at 4",
            "at 5",
            "exited 4: Completed",
            "entered 5",
            "entered 6",
            "exited 6: Completed",
            "exited 5: Completed",
            "exited 3: Completed",
            "exited 2: Completed",
            "exited 1: Completed",
            "at 13",
            "entered 9",
            "entered 10",
            "entered 11",
            "exited 11: Failed",
            "exited 10: Failed",
            "exited 9: Failed",
        ],
    },
    Program {
        run: || Box::pin(p19()),
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
        run: || Box::pin(p20()),
        ending: r#"Ok(0)"#,
        trace: &[
            "entered 1",
            "entered 2",
            "entered 3",
            "entered 4",
            "entered 5",
            "entered 6",
            "entered 7",
            "entered 8",
            "at 2",
            "exited 8: Completed",
            "exited 7: Completed",
            "exited 6: Completed",
            "exited 5: Completed",
            "exited 4: Completed",
            "entered 9",
            "entered 10",
            "entered 11",
            "entered 12",
            "at 4",
            "at 5",
            "exited 12: Completed",
            "exited 11: Completed",
            "exited 10: Completed",
            "exited 9: Completed",
            "exited 3: Completed",
            "exited 2: Completed",
            "exited 1: Completed",
        ],
    },
    Program {
        run: || Box::pin(p21()),
        ending: r#"Ok(0)"#,
        trace: &[
            "at 1",
            "entered 1",
            "at 2",
            "entered 2",
            "entered 3",
            "entered 4",
            "entered 5",
            "entered 6",
            "at 4",
            "at 5",
            "at 6",
            "exited 6: Completed",
            "exited 5: Completed",
            "exited 4: Completed",
            "entered 7",
            "at 7",
            "exited 7: Completed",
            "exited 3: Completed",
            "exited 2: Completed",
            "exited 1: Completed",
            "entered 8",
            "entered 9",
            "exited 9: Completed",
            "exited 8: Completed",
        ],
    },
    Program {
        run: || Box::pin(p22()),
        ending: r#"Err("at 34")"#,
        trace: &[
            "at 1",
            "entered 1",
            "entered 2",
            "entered 3",
            "at 2",
            "entered 4",
            "entered 5",
            "entered 6",
            "entered 7",
            "at 4",
            "exited 7: Completed",
            "exited 6: Completed",
            "entered 8",
            "entered 9",
            "entered 10",
            "at 6",
            "at 7",
            "at 8",
            "exited 10: Completed",
            "exited 9: Completed",
            "exited 8: Completed",
            "exited 5: Completed",
            "exited 4: Completed",
            "entered 11",
            "entered 12",
            "at 10",
            "entered 13",
            "at 11",
            "at 12",
            "exited 13: Completed",
            "exited 12: Completed",
            "exited 11: Completed",
            "exited 3: Completed",
            "entered 14",
            "entered 15",
            "entered 16",
            "at 15",
            "at 16",
            "at 15",
            "at 16",
            "at 15",
            "at 16",
            "exited 16: Completed",
            "exited 15: Completed",
            "entered 17",
            "entered 18",
            "at 18",
            "exited 18: Completed",
            "exited 17: Completed",
            "at 19",
            "at 21",
            "at 22",
            "at 21",
            "at 22",
            "at 21",
            "at 22",
            "at 25",
            "exited 14: Completed",
            "entered 19",
            "entered 20",
            "entered 21",
            "entered 22",
            "entered 23",
            "entered 24",
            "entered 25",
            "at 26",
            "at 27",
            "exited 25: Completed",
            "exited 24: Completed",
            "exited 23: Completed",
            "at 29",
            "at 30",
            "at 31",
            "exited 22: Completed",
            "exited 21: Completed",
            "entered 26",
            "entered 27",
            "entered 28",
            "at 32",
            "at 33",
            "exited 28: Completed",
            "exited 27: Failed",
            "exited 26: Failed",
            "exited 20: Failed",
            "exited 19: Failed",
            "exited 2: Failed",
            "exited 1: Failed",
        ],
    },
    Program {
        run: || Box::pin(p23()),
        ending: r#"Err("at 3")"#,
        trace: &[
            "at 1",
            "entered 1",
            "entered 2",
            "entered 3",
            "exited 3: Completed",
            "exited 2: Failed",
            "exited 1: Failed",
        ],
    },
];

async fn p0() -> Ended {
    log("at 1");
    yield_once().await;
    'b0: {
        async_with!(open(1) as _r1, {
            async_with!(open(2), {
                'l1: for _ in 0..3 {
                    if hit(3, 3) {
                        break;
                    }
                }
            })?;
            'b1: {
                'b2: {
                    log("at 4");
                    yield_once().await;
                    async_with!(open(3), open(4) as _r4, {
                        log("at 5");
                        yield_once().await;
                    })?;
                }
            }
        })?;
        async_with!(open(5) as _r5, {
            async_with!(open(6) as _r6, open(7), {
                log("at 6");
                yield_once().await;
            })?;
            'b1: {
                async_with!(open(8), open(9) as _r9, {
                    log("at 7");
                    yield_once().await;
                    log("at 8");
                    yield_once().await;
                    async_with!(open(10) as _r10, open(11) as _r11, {
                        log("at 9");
                        yield_once().await;
                        log("at 10");
                        yield_once().await;
                        log("at 11");
                        yield_once().await;
                    })?;
                })?;
            }
            let mut turn12 = 0;
            'l1: loop {
                turn12 += 1;
                if turn12 > 1 {
                    break;
                }
                if hit(13, 1) {
                    panic!("at 13");
                }
            }
        })?;
        'b1: {
            let mut turn14 = 0;
            'l2: loop {
                turn14 += 1;
                if turn14 > 3 {
                    break;
                }
                async_with!(open(12) as _r12, {
                    let mut turn15 = 0;
                    'l3: while {
                        turn15 += 1;
                        turn15 <= 2
                    } {
                        log("at 16");
                        yield_once().await;
                    }
                })?;
                'l3: for _ in 0..3 {
                    if hit(18, 2) {
                        break 'l2;
                    }
                    if hit(19, 2) {
                        continue;
                    }
                    'b4: {
                        log("at 20");
                        yield_once().await;
                        log("at 21");
                        yield_once().await;
                    }
                }
            }
            async_with!(open(13) as _r13, open(14), {
                log("at 22");
                yield_once().await;
                if hit(23, 3) {
                    break 'b0;
                }
                'b2: {
                    if hit(24, 3) {
                        break 'b0;
                    }
                    async_with!(open(15) as _r15, open(16) as _r16, {
                        log("at 25");
                        yield_once().await;
                        log("at 26");
                        yield_once().await;
                    })?;
                    async_with!(open(17), {
                        log("at 27");
                        yield_once().await;
                        log("at 28");
                        yield_once().await;
                    })?;
                }
            })?;
            async_with!(open(18), {
                async_with!(open(19), {
                    async_with!(open(20), {
                        log("at 29");
                        yield_once().await;
                        log("at 30");
                        yield_once().await;
                        log("at 31");
                        yield_once().await;
                    })?;
                })?;
                async_for!('l2: for _ in iter(0..2) {
                    if hit(33, 1) {
                        break 'b0;
                    }
                    log("at 34");
                    yield_once().await;
                    async_with!(open(21) as _r21, open(22), {
                        log("at 35");
                        yield_once().await;
                    })?;
                });
            })?;
        }
    }
    if hit(36, 2) {
        return Err("at 36".into());
    }
    Ok(0)
}

async fn p1() -> Ended {
    'b0: {
        async_with!(open(1), {
            let mut turn1 = 0;
            'l1: loop {
                turn1 += 1;
                if turn1 > 1 {
                    break;
                }
                log("at 2");
                yield_once().await;
            }
            async_with!(open(2) as _r2, {
                if hit(3, 3) {
                    return Err("at 3".into());
                }
                log("at 4");
                yield_once().await;
            })?;
        })?;
        if hit(5, 2) {
            break 'b0;
        }
    }
    async_with!(open(3) as _r3, open(4), {
        if hit(6, 3) {
            Err(format!("at 6"))?;
        }
    })?;
    Ok(0)
}

async fn p2() -> Ended {
    async_with!(open(1), {
        async_with!(open(2) as _r2, open(3) as _r3, {
            if hit(1, 3) {
                return Ok(1);
            }
            async_with!(open(4), {
                'b0: {
                    async_for!('l1: for _ in iter(0..1) {
                        log("at 3");
                        yield_once().await;
                        log("at 4");
                        yield_once().await;
                        log("at 5");
                        yield_once().await;
                    });
                    if hit(6, 1) {
                        break 'b0;
                    }
                    if hit(7, 1) {
                        return Err("at 7".into());
                    }
                }
                async_with!(open(5) as _r5, open(6), {
                    async_with!(open(7), {
                        log("at 8");
                        yield_once().await;
                        log("at 9");
                        yield_once().await;
                    })?;
                    'l0: for _ in 0..3 {
                        log("at 11");
                        yield_once().await;
                    }
                    async_with!(open(8) as _r8, {
                        log("at 12");
                        yield_once().await;
                        log("at 13");
                        yield_once().await;
                        log("at 14");
                        yield_once().await;
                    })?;
                })?;
                log("at 15");
                yield_once().await;
            })?;
        })?;
        async_with!(open(9), open(10) as _r10, {
            let mut turn16 = 0;
            'l0: loop {
                turn16 += 1;
                if turn16 > 2 {
                    break;
                }
                async_for!('l1: for _ in iter(0..3) {
                    if hit(18, 3) {
                        continue 'l0;
                    }
                });
                if hit(19, 2) {
                    panic!("at 19");
                }
                async_with!(open(11), {
                    'l1: for _ in 0..3 {
                        log("at 21");
                        yield_once().await;
                    }
                    async_with!(open(12), {
                        log("at 22");
                        yield_once().await;
                    })?;
                })?;
            }
            async_with!(open(13) as _r13, open(14), {
                let _held23 = Held(23);
                async_with!(open(15), {
                    async_with!(open(16), {
                        log("at 24");
                        yield_once().await;
                        log("at 25");
                        yield_once().await;
                    })?;
                    let _held26 = Held(26);
                })?;
                async_with!(open(17) as _r17, open(18), {
                    if hit(27, 2) {
                        panic!("at 27");
                    }
                    let mut turn28 = 0;
                    'l0: loop {
                        turn28 += 1;
                        if turn28 > 2 {
                            break;
                        }
                        log("at 29");
                        yield_once().await;
                    }
                })?;
            })?;
            log("at 30");
            yield_once().await;
        })?;
        async_for!('l0: for _ in iter(0..3) {
            async_with!(open(19) as _r19, open(20), {
                async_with!(open(21) as _r21, {
                    if hit(32, 1) {
                        panic!("at 32");
                    }
                })?;
                log("at 33");
                yield_once().await;
                async_with!(open(22) as _r22, {
                    if hit(34, 3) {
                        continue 'l0;
                    }
                    if hit(35, 2) {
                        break 'l0;
                    }
                })?;
            })?;
        });
    })?;
    Ok(0)
}

async fn p3() -> Ended {
    let mut turn1 = 0;
    'l0: while {
        turn1 += 1;
        turn1 <= 3
    } {
        async_with!(open(1) as _r1, {
            let _held2 = Held(2);
        })?;
        let _held3 = Held(3);
    }
    let _held4 = Held(4);
    async_for!('l0: for _ in iter(0..3) {
        if hit(6, 2) {
            panic!("at 6");
        }
        async_with!(open(2) as _r2, open(3), {
            let _held7 = Held(7);
            async_with!(open(4), {
                if hit(8, 1) {
                    return Ok(8);
                }
            })?;
            let _held9 = Held(9);
        })?;
    });
    Ok(0)
}

async fn p4() -> Ended {
    if hit(1, 3) {
        Err(format!("at 1"))?;
    }
    async_with!(open(1) as _r1, {
        let mut turn2 = 0;
        'l0: while {
            turn2 += 1;
            turn2 <= 2
        } {
            log("at 3");
            yield_once().await;
            async_with!(open(2), {
                async_with!(open(3) as _r3, {
                    async_with!(open(4), {
                        log("at 4");
                        yield_once().await;
                    })?;
                    log("at 5");
                    yield_once().await;
                })?;
                async_with!(open(5) as _r5, open(6) as _r6, {
                    async_with!(open(7), {
                        log("at 6");
                        yield_once().await;
                    })?;
                })?;
                log("at 7");
                yield_once().await;
            })?;
        }
    })?;
    Ok(0)
}

async fn p5() -> Ended {
    async_with!(open(1), open(2) as _r2, {
        async_with!(open(3) as _r3, open(4), {
            let _held1 = Held(1);
            if hit(2, 3) {
                return Err("at 2".into());
            }
            if hit(3, 3) {
                return Ok(3);
            }
        })?;
        'b0: {
            if hit(4, 3) {
                break 'b0;
            }
            async_with!(open(5), {
                async_with!(open(6), {
                    async_with!(open(7), {
                        log("at 5");
                        yield_once().await;
                        log("at 6");
                        yield_once().await;
                        log("at 7");
                        yield_once().await;
                    })?;
                })?;
            })?;
            async_with!(open(8) as _r8, {
                'l1: for _ in 0..3 {
                    if hit(9, 3) {
                        return Err("at 9".into());
                    }
                    async_for!('l2: for _ in iter(0..2) {
                        log("at 11");
                        yield_once().await;
                    });
                    async_with!(open(9) as _r9, {
                        log("at 12");
                        yield_once().await;
                    })?;
                }
            })?;
        }
        if hit(13, 2) {
            panic!("at 13");
        }
    })?;
    Ok(0)
}

async fn p6() -> Ended {
    if hit(1, 3) {
        Err(format!("at 1"))?;
    }
    'b0: {
        async_for!('l1: for _ in iter(0..2) {
            log("at 3");
            yield_once().await;
            async_with!(open(1), {
                if hit(4, 2) {
                    break 'b0;
                }
                'l2: for _ in 0..3 {
                    async_with!(open(2) as _r2, {
                        log("at 6");
                        yield_once().await;
                        log("at 7");
                        yield_once().await;
                    })?;
                }
            })?;
            if hit(8, 2) {
                break 'l1;
            }
        });
    }
    async_with!(open(3), {
        'b0: {
            if hit(9, 2) {
                Err(format!("at 9"))?;
            }
        }
    })?;
    Ok(0)
}

async fn p7() -> Ended {
    async_with!(open(1) as _r1, {
        async_with!(open(2) as _r2, {
            if hit(1, 2) {
                panic!("at 1");
            }
        })?;
        async_with!(open(3) as _r3, {
            async_with!(open(4), {
                if hit(2, 2) {
                    return Ok(2);
                }
            })?;
            if hit(3, 1) {
                panic!("at 3");
            }
        })?;
    })?;
    if hit(4, 3) {
        return Err("at 4".into());
    }
    log("at 5");
    yield_once().await;
    Ok(0)
}

async fn p8() -> Ended {
    async_with!(open(1), open(2), {
        async_with!(open(3) as _r3, {
            if hit(1, 1) {
                Err(format!("at 1"))?;
            }
            log("at 2");
            yield_once().await;
        })?;
    })?;
    let _held3 = Held(3);
    Ok(0)
}

async fn p9() -> Ended {
    async_with!(open(1) as _r1, {
        async_with!(open(2), open(3), {
            async_with!(open(4), open(5), {
                async_with!(open(6), open(7), {
                    async_with!(open(8) as _r8, {
                        log("at 1");
                        yield_once().await;
                        log("at 2");
                        yield_once().await;
                        log("at 3");
                        yield_once().await;
                    })?;
                    let mut turn4 = 0;
                    'l0: while {
                        turn4 += 1;
                        turn4 <= 2
                    } {
                        log("at 5");
                        yield_once().await;
                        log("at 6");
                        yield_once().await;
                    }
                    async_with!(open(9), {
                        log("at 7");
                        yield_once().await;
                    })?;
                })?;
            })?;
            async_with!(open(10) as _r10, {
                async_with!(open(11) as _r11, {
                    async_with!(open(12), {
                        log("at 8");
                        yield_once().await;
                        log("at 9");
                        yield_once().await;
                        log("at 10");
                        yield_once().await;
                    })?;
                    async_with!(open(13), {
                        log("at 11");
                        yield_once().await;
                        log("at 12");
                        yield_once().await;
                    })?;
                    'b0: {
                        log("at 13");
                        yield_once().await;
                        log("at 14");
                        yield_once().await;
                    }
                })?;
                let _held15 = Held(15);
            })?;
            if hit(16, 1) {
                return Err("at 16".into());
            }
        })?;
        async_with!(open(14), {
            async_with!(open(15) as _r15, {
                if hit(17, 1) {
                    return Ok(17);
                }
                log("at 18");
                yield_once().await;
            })?;
            if hit(19, 3) {
                panic!("at 19");
            }
        })?;
    })?;
    'l0: for _ in 0..2 {
        if hit(21, 1) {
            continue 'l0;
        }
        if hit(22, 1) {
            panic!("at 22");
        }
        async_with!(open(16), open(17) as _r17, {
            if hit(23, 3) {
                continue;
            }
        })?;
    }
    Ok(0)
}

async fn p10() -> Ended {
    async_with!(open(1) as _r1, open(2), {
        log("at 1");
        yield_once().await;
    })?;
    async_with!(open(3), {
        if hit(2, 2) {
            return Err("at 2".into());
        }
        async_for!('l0: for _ in iter(0..1) {
            if hit(4, 3) {
                continue;
            }
        });
    })?;
    Ok(0)
}

async fn p11() -> Ended {
    async_for!('l0: for _ in iter(0..1) {
        async_with!(open(1), {
            async_with!(open(2), {
                async_with!(open(3) as _r3, {
                    if hit(2, 1) {
                        panic!("at 2");
                    }
                    if hit(3, 3) {
                        continue;
                    }
                })?;
                log("at 4");
                yield_once().await;
                let mut turn5 = 0;
                'l1: while {
                    turn5 += 1;
                    turn5 <= 2
                } {
                    async_with!(open(4), {
                        log("at 6");
                        yield_once().await;
                        log("at 7");
                        yield_once().await;
                    })?;
                }
            })?;
            if hit(8, 3) {
                continue 'l0;
            }
        })?;
        async_with!(open(5), {
            async_with!(open(6), open(7) as _r7, {
                if hit(9, 2) {
                    Err(format!("at 9"))?;
                }
            })?;
            log("at 10");
            yield_once().await;
        })?;
    });
    Ok(0)
}

async fn p12() -> Ended {
    if hit(1, 2) {
        return Ok(1);
    }
    let _held2 = Held(2);
    async_with!(open(1) as _r1, {
        'l0: for _ in 0..1 {
            async_with!(open(2), {
                if hit(4, 3) {
                    return Err("at 4".into());
                }
                if hit(5, 2) {
                    panic!("at 5");
                }
            })?;
        }
        async_with!(open(3) as _r3, {
            log("at 6");
            yield_once().await;
            if hit(7, 2) {
                return Err("at 7".into());
            }
        })?;
    })?;
    Ok(0)
}

async fn p13() -> Ended {
    async_with!(open(1), open(2) as _r2, {
        async_with!(open(3), open(4), {
            async_with!(open(5) as _r5, {
                log("at 1");
                yield_once().await;
                if hit(2, 1) {
                    return Ok(2);
                }
            })?;
            if hit(3, 2) {
                return Ok(3);
            }
            if hit(4, 2) {
                panic!("at 4");
            }
        })?;
    })?;
    if hit(5, 2) {
        panic!("at 5");
    }
    Ok(0)
}

async fn p14() -> Ended {
    async_with!(open(1) as _r1, {
        async_with!(open(2), open(3), {
            async_for!('l0: for _ in iter(0..2) {
                if hit(2, 1) {
                    return Err("at 2".into());
                }
            });
        })?;
    })?;
    Ok(0)
}

async fn p15() -> Ended {
    async_for!('l0: for _ in iter(0..1) {
        async_with!(open(1) as _r1, {
            if hit(2, 3) {
                panic!("at 2");
            }
            'l1: for _ in 0..2 {
                async_with!(open(2), {
                    async_with!(open(3), {
                        log("at 4");
                        yield_once().await;
                    })?;
                    async_with!(open(4), {
                        log("at 5");
                        yield_once().await;
                    })?;
                })?;
                if hit(6, 2) {
                    break 'l0;
                }
            }
            log("at 7");
            yield_once().await;
        })?;
    });
    Ok(0)
}

async fn p16() -> Ended {
    'l0: for _ in 0..1 {
        let mut turn2 = 0;
        'l1: while {
            turn2 += 1;
            turn2 <= 2
        } {
            log("at 3");
            yield_once().await;
            async_with!(open(1) as _r1, {
                async_with!(open(2), open(3), {
                    if hit(4, 3) {
                        continue 'l1;
                    }
                })?;
            })?;
        }
    }
    if hit(5, 3) {
        panic!("at 5");
    }
    async_with!(open(4) as _r4, open(5) as _r5, {
        log("at 6");
        yield_once().await;
    })?;
    Ok(0)
}

async fn p17() -> Ended {
    'b0: {
        if hit(1, 3) {
            return Err("at 1".into());
        }
    }
    async_with!(open(1), {
        async_with!(open(2), {
            async_with!(open(3) as _r3, open(4) as _r4, {
                log("at 2");
                yield_once().await;
            })?;
        })?;
        'b0: {
            log("at 3");
            yield_once().await;
            if hit(4, 2) {
                return Ok(4);
            }
            'b1: {
                if hit(5, 3) {
                    break 'b0;
                }
                async_for!('l2: for _ in iter(0..1) {
                    async_with!(open(5) as _r5, {
                        log("at 7");
                        yield_once().await;
                        log("at 8");
                        yield_once().await;
                    })?;
                    log("at 9");
                    yield_once().await;
                });
                if hit(10, 1) {
                    break 'b1;
                }
            }
        }
        async_for!('l0: for _ in iter(0..2) {
            if hit(12, 1) {
                continue 'l0;
            }
        });
    })?;
    Ok(0)
}

async fn p18() -> Ended {
    'b0: {
        async_with!(open(1), open(2), {
            if hit(1, 2) {
                break 'b0;
            }
            async_with!(open(3), {
                async_with!(open(4), {
                    let mut turn2 = 0;
                    'l1: while {
                        turn2 += 1;
                        turn2 <= 3
                    } {
                        log("at 3");
                        yield_once().await;
                        log("at 4");
                        yield_once().await;
                        log("at 5");
                        yield_once().await;
                    }
                })?;
                async_with!(open(5), open(6), {
                    if hit(6, 1) {
                        break 'b0;
                    }
                    if hit(7, 1) {
                        return Err("at 7".into());
                    }
                    async_with!(open(7), open(8), {
                        log("at 8");
                        yield_once().await;
                        log("at 9");
                        yield_once().await;
                    })?;
                })?;
                log("at 10");
                yield_once().await;
            })?;
            async_for!('l1: for _ in iter(0..3) {
                log("at 12");
                yield_once().await;
            });
        })?;
    }
    log("at 13");
    yield_once().await;
    async_with!(open(9) as _r9, {
        async_with!(open(10), {
            'b0: {
                async_with!(open(11) as _r11, {
                    if hit(14, 1) {
                        return Err("at 14".into());
                    }
                    log("at 15");
                    yield_once().await;
                    if hit(16, 1) {
                        break 'b0;
                    }
                })?;
                'l1: for _ in 0..3 {
                    if hit(18, 2) {
                        break;
                    }
                }
                async_with!(open(12), {
                    log("at 19");
                    yield_once().await;
                })?;
            }
            if hit(20, 3) {
                Err(format!("at 20"))?;
            }
        })?;
        let _held21 = Held(21);
        async_for!('l0: for _ in iter(0..3) {
            async_with!(open(13) as _r13, {
                log("at 23");
                yield_once().await;
            })?;
            log("at 24");
            yield_once().await;
        });
    })?;
    Ok(0)
}

async fn p19() -> Ended {
    log("at 1");
    yield_once().await;
    async_with!(open(1) as _r1, {
        async_with!(open(2), {
            if hit(2, 2) {
                return Err("at 2".into());
            }
            async_with!(open(3), {
                if hit(3, 2) {
                    panic!("at 3");
                }
                if hit(4, 1) {
                    return Ok(4);
                }
            })?;
            let mut turn5 = 0;
            'l0: while {
                turn5 += 1;
                turn5 <= 3
            } {
                if hit(6, 3) {
                    continue 'l0;
                }
                'b1: {
                    if hit(7, 1) {
                        Err(format!("at 7"))?;
                    }
                    log("at 8");
                    yield_once().await;
                    log("at 9");
                    yield_once().await;
                }
            }
        })?;
        if hit(10, 1) {
            Err(format!("at 10"))?;
        }
        if hit(11, 1) {
            return Ok(11);
        }
    })?;
    async_with!(open(4) as _r4, open(5), {
        log("at 12");
        yield_once().await;
        log("at 13");
        yield_once().await;
        log("at 14");
        yield_once().await;
    })?;
    Ok(0)
}

async fn p20() -> Ended {
    if hit(1, 3) {
        return Err("at 1".into());
    }
    async_with!(open(1), {
        async_with!(open(2), open(3) as _r3, {
            async_with!(open(4) as _r4, {
                async_with!(open(5), open(6), {
                    async_with!(open(7) as _r7, open(8) as _r8, {
                        log("at 2");
                        yield_once().await;
                    })?;
                })?;
            })?;
            async_with!(open(9), {
                if hit(3, 2) {
                    panic!("at 3");
                }
                async_with!(open(10), open(11), {
                    async_with!(open(12), {
                        log("at 4");
                        yield_once().await;
                        log("at 5");
                        yield_once().await;
                    })?;
                })?;
            })?;
        })?;
        if hit(6, 3) {
            return Err("at 6".into());
        }
        if hit(7, 2) {
            Err(format!("at 7"))?;
        }
    })?;
    Ok(0)
}

async fn p21() -> Ended {
    log("at 1");
    yield_once().await;
    'b0: {
        async_with!(open(1) as _r1, {
            log("at 2");
            yield_once().await;
            if hit(3, 3) {
                Err(format!("at 3"))?;
            }
            async_with!(open(2) as _r2, open(3) as _r3, {
                async_with!(open(4), open(5) as _r5, {
                    async_with!(open(6) as _r6, {
                        log("at 4");
                        yield_once().await;
                        log("at 5");
                        yield_once().await;
                        log("at 6");
                        yield_once().await;
                    })?;
                })?;
                async_with!(open(7), {
                    log("at 7");
                    yield_once().await;
                })?;
            })?;
        })?;
        async_with!(open(8) as _r8, {
            if hit(8, 3) {
                Err(format!("at 8"))?;
            }
            async_with!(open(9) as _r9, {
                if hit(9, 1) {
                    break 'b0;
                }
                if hit(10, 2) {
                    panic!("at 10");
                }
            })?;
            async_with!(open(10) as _r10, {
                if hit(11, 1) {
                    break 'b0;
                }
            })?;
        })?;
        async_for!('l1: for _ in iter(0..3) {
            if hit(13, 2) {
                Err(format!("at 13"))?;
            }
        });
    }
    Ok(0)
}

async fn p22() -> Ended {
    log("at 1");
    yield_once().await;
    async_with!(open(1), open(2), {
        async_with!(open(3) as _r3, {
            log("at 2");
            yield_once().await;
            async_with!(open(4) as _r4, open(5), {
                let mut turn3 = 0;
                'l0: while {
                    turn3 += 1;
                    turn3 <= 1
                } {
                    async_with!(open(6), open(7) as _r7, {
                        log("at 4");
                        yield_once().await;
                    })?;
                }
                async_with!(open(8), {
                    if hit(5, 2) {
                        Err(format!("at 5"))?;
                    }
                    async_with!(open(9) as _r9, open(10), {
                        log("at 6");
                        yield_once().await;
                        log("at 7");
                        yield_once().await;
                        log("at 8");
                        yield_once().await;
                    })?;
                })?;
                'b0: {
                    if hit(9, 2) {
                        break 'b0;
                    }
                }
            })?;
            'b0: {
                async_with!(open(11) as _r11, open(12), {
                    'b1: {
                        log("at 10");
                        yield_once().await;
                    }
                    async_with!(open(13), {
                        log("at 11");
                        yield_once().await;
                        log("at 12");
                        yield_once().await;
                    })?;
                })?;
            }
        })?;
        'b0: {
            async_with!(open(14), {
                async_with!(open(15), open(16) as _r16, {
                    if hit(13, 2) {
                        panic!("at 13");
                    }
                    async_for!('l1: for _ in iter(0..3) {
                        log("at 15");
                        yield_once().await;
                        log("at 16");
                        yield_once().await;
                    });
                    if hit(17, 2) {
                        return Err("at 17".into());
                    }
                })?;
                'b1: {
                    async_with!(open(17) as _r17, open(18), {
                        log("at 18");
                        yield_once().await;
                    })?;
                    'b2: {
                        log("at 19");
                        yield_once().await;
                    }
                    'l2: for _ in 0..3 {
                        log("at 21");
                        yield_once().await;
                        log("at 22");
                        yield_once().await;
                    }
                }
                'b1: {
                    if hit(23, 2) {
                        break 'b1;
                    }
                    let mut turn24 = 0;
                    'l2: while {
                        turn24 += 1;
                        turn24 <= 1
                    } {
                        log("at 25");
                        yield_once().await;
                    }
                }
            })?;
        }
        async_with!(open(19), open(20), {
            async_with!(open(21) as _r21, open(22) as _r22, {
                async_with!(open(23), open(24), {
                    async_with!(open(25), {
                        log("at 26");
                        yield_once().await;
                        log("at 27");
                        yield_once().await;
                    })?;
                })?;
                'l0: for _ in 0..1 {
                    'b1: {
                        log("at 29");
                        yield_once().await;
                        log("at 30");
                        yield_once().await;
                    }
                    log("at 31");
                    yield_once().await;
                }
            })?;
            async_with!(open(26) as _r26, open(27), {
                'b0: {
                    async_with!(open(28), {
                        log("at 32");
                        yield_once().await;
                        log("at 33");
                        yield_once().await;
                    })?;
                }
                'b0: {
                    if hit(34, 1) {
                        Err(format!("at 34"))?;
                    }
                    async_with!(open(29) as _r29, {
                        log("at 35");
                        yield_once().await;
                        log("at 36");
                        yield_once().await;
                    })?;
                    async_for!('l1: for _ in iter(0..2) {
                        log("at 38");
                        yield_once().await;
                    });
                }
            })?;
        })?;
    })?;
    let _held39 = Held(39);
    Ok(0)
}

async fn p23() -> Ended {
    'b0: {
        log("at 1");
        yield_once().await;
        async_with!(open(1) as _r1, {
            async_with!(open(2), {
                async_with!(open(3), {
                    if hit(2, 2) {
                        return Ok(2);
                    }
                })?;
                if hit(3, 1) {
                    return Err("at 3".into());
                }
            })?;
            async_with!(open(4), {
                if hit(4, 3) {
                    Err(format!("at 4"))?;
                }
            })?;
        })?;
        async_with!(open(5) as _r5, {
            if hit(5, 1) {
                panic!("at 5");
            }
        })?;
    }
    let _held6 = Held(6);
    let mut turn7 = 0;
    'l0: loop {
        turn7 += 1;
        if turn7 > 2 {
            break;
        }
        let mut turn8 = 0;
        'l1: loop {
            turn8 += 1;
            if turn8 > 1 {
                break;
            }
            async_with!(open(6) as _r6, {
                if hit(9, 2) {
                    break 'l0;
                }
            })?;
            if hit(10, 2) {
                continue 'l0;
            }
        }
    }
    Ok(0)
}
