//! Pictures, read back.

use std::time::Duration;

use roxmltree::{Document, Node};

use forwith_runtime::task::TaskId;
use forwith_runtime::timeline::{self, Event, EventKind};
use forwith_runtime::{Executor, Timeline, gather, sleep, spawn_named, timeout, yield_now};

fn millis(n: u64) -> Duration {
    Duration::from_millis(n)
}

fn recorded(future: impl Future<Output = ()>) -> Timeline {
    let timeline = Timeline::new();
    let executor = Executor::with_virtual_clock();
    executor.record(&timeline).block_on(future);
    timeline
}

/// An upright rectangle.
#[derive(Clone, Copy, Debug)]
struct Area {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Area {
    fn overlaps(&self, other: &Area) -> bool {
        let apart = self.right <= other.left || other.right <= self.left;
        let above = self.bottom <= other.top || other.bottom <= self.top;
        !apart && !above
    }
}

fn number(node: Node<'_, '_>, name: &str) -> f64 {
    node.attribute(name)
        .and_then(|value| value.parse().ok())
        .unwrap_or(0.0)
}

/// By how much the group around moves it.
fn moved(node: Node<'_, '_>) -> (f64, f64) {
    let parent = node
        .parent()
        .and_then(|parent| parent.attribute("transform"));
    let Some(transform) = parent else {
        return (0.0, 0.0);
    };
    let numbers = transform
        .trim_start_matches("translate(")
        .trim_end_matches(')');
    let (x, y) = numbers.split_once(' ').unwrap();
    (x.parse().unwrap(), y.parse().unwrap())
}

/// How wide a text of this size gets at most, in the common fonts without serifs.
fn width_of(text: &str, size: f64) -> f64 {
    text.chars().map(width_of_char).sum::<f64>() * size
}

/// In units of the size. The widest of the common fonts, `DejaVu Sans`, has been measured.
fn width_of_char(char: char) -> f64 {
    match char {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | ' ' => 0.36,
        'f' | 't' | 'r' | 'I' | '(' | ')' | '[' | ']' | '/' | '-' | '"' | '!' => 0.46,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' => 1.0,
        'A'..='Z' | '#' | '&' | '+' | '=' | '<' | '>' | '~' | '^' => 0.84,
        '\0'..='\u{7f}' => 0.64,
        'æ' | 'œ' => 1.03,
        'ß'..='ſ' if char.is_lowercase() => 0.83,
        '\u{80}'..='\u{17f}' => 1.08,
        // They have not been measured one by one: few fonts have them all.
        '\u{2e3a}' | '\u{2e3b}' | '\u{12000}'..='\u{1254f}' => 3.0,
        '\u{fdfa}'..='\u{fdfd}' => 12.0,
        '\u{180}'..='\u{24f}' | '\u{1f000}'.. => 1.43,
        _ => 1.2,
    }
}

/// Where a text stands, if it is as wide as it can be.
fn area_of(text: Node<'_, '_>) -> Area {
    let size = match text.attribute("class").unwrap() {
        "name" => 12.0 * 1.13, // It is bold.
        "time" | "key" => 11.0,
        _ => 10.0,
    };
    let width = width_of(text.text().unwrap(), size);
    let (dx, dy) = moved(text);
    let (x, y) = (number(text, "x") + dx, number(text, "y") + dy);
    let left = match text.attribute("class") {
        Some("time") => x - width / 2.0,
        _ => x,
    };
    Area {
        left,
        right: left + width,
        top: y - size * 0.8,
        bottom: y + size * 0.2,
    }
}

/// Looks whether each text can be read. Gives the picture.
fn check(timeline: &Timeline, width: u32) -> String {
    let svg = timeline.svg().width(width).to_string();
    let document = Document::parse(&svg).expect("well-formed");
    let root = document.root_element();
    let (width, height) = (number(root, "width"), number(root, "height"));
    let texts: Vec<_> = root
        .descendants()
        .filter(|node| node.has_tag_name("text"))
        .map(|text| (text.text().unwrap(), area_of(text)))
        .collect();
    for (at, (text, area)) in texts.iter().enumerate() {
        let inside = area.left >= 0.0 && area.right <= width && area.bottom <= height;
        assert!(
            inside && area.top >= 0.0,
            "{text:?} is cut: {area:?} of {width} x {height}"
        );
        for (other, elsewhere) in &texts[at + 1..] {
            assert!(
                !area.overlaps(elsewhere),
                "{text:?} {area:?} and {other:?} {elsewhere:?}"
            );
        }
    }
    for rect in root.descendants().filter(|node| node.has_tag_name("rect")) {
        let (dx, dy) = moved(rect);
        let right = number(rect, "x") + dx + number(rect, "width");
        let bottom = number(rect, "y") + dy + number(rect, "height");
        assert!(
            right <= width + 0.1 && bottom <= height + 0.1,
            "{rect:?} is cut"
        );
    }
    svg
}

/// The texts of one class.
fn texts(svg: &str, class: &str) -> Vec<String> {
    let document = Document::parse(svg).unwrap();
    let of_class = |node: &Node<'_, '_>| node.attribute("class") == Some(class);
    let texts = document
        .descendants()
        .filter(|node| node.has_tag_name("text"));
    texts
        .filter(of_class)
        .map(|node| node.text().unwrap().to_owned())
        .collect()
}

fn count(svg: &str, class: &str) -> usize {
    let document = Document::parse(svg).unwrap();
    let shapes = document
        .descendants()
        .filter(|node| node.attribute("class") == Some(class));
    // That in the legend stands in a group that is moved.
    shapes.filter(|node| moved(*node) == (0.0, 0.0)).count()
}

#[test]
fn each_task_has_a_row_and_says_what_it_waits_for() {
    let timeline = recorded(async {
        let waits = [3, 4].map(|n| sleep(Duration::from_secs(n)).labelled(format!("{n} eggs")));
        spawn_named("cook", async { drop(gather(waits).await) })
            .await
            .unwrap();
    });
    let svg = check(&timeline, 1000);
    assert_eq!(texts(&svg, "name"), ["main", "cook", "task 2", "task 3"]);
    assert_eq!(texts(&svg, "what"), ["3 eggs", "4 eggs", "2 tasks", "cook"]);
    assert_eq!(
        texts(&svg, "key"),
        ["runs", "waits", "could run, but others do", "ends"]
    );
    assert_eq!(texts(&svg, "time"), ["0 s", "1 s", "2 s", "3 s", "4 s"]);
    assert_eq!(count(&svg, "end"), 4);
}

#[test]
fn marks_show_where_they_happen() {
    let timeline = recorded(async {
        timeline::entering("database");
        sleep(millis(300)).labelled("handshake").await;
        timeline::entered("database");
        let task = spawn_named("writer", sleep(millis(900)));
        sleep(millis(300)).await;
        timeline::note("<tick> & \u{1b}tock");
        task.cancel();
        yield_now().await;
        timeline::exiting("database");
        sleep(millis(300)).labelled("goodbye").await;
        timeline::exited("database");
        let failed = spawn_named("bad", async {
            sleep(millis(100)).await;
            panic!("oh")
        });
        failed.await.unwrap_err();
        sleep(millis(500)).await;
    });
    let svg = check(&timeline, 1000);
    assert_eq!(texts(&svg, "resource"), ["database"]);
    assert_eq!((count(&svg, "held"), count(&svg, "passing")), (1, 2));
    assert_eq!(texts(&svg, "said"), ["<tick> & ·tock"]);
    assert_eq!(texts(&svg, "last"), ["cancelled", "panicked", "cancelled"]);
    assert_eq!(
        (
            count(&svg, "cancel"),
            count(&svg, "bad"),
            count(&svg, "yield")
        ),
        (1, 1, 1)
    );
}

#[test]
fn it_is_as_wide_as_needed_and_no_wider_than_asked_for() {
    let width = |timeline: &Timeline, width| {
        let svg = check(timeline, width);
        number(Document::parse(&svg).unwrap().root_element(), "width")
    };
    let (little, much) = (recorded(async {}), recorded(busy(20, 50)));
    assert!(width(&little, 1000) < 600.0);
    assert!((990.0..=1000.0).contains(&width(&much, 1000)));
    assert!((1990.0..=2000.0).contains(&width(&much, 2000)));
    assert!((470.0..=480.0).contains(&width(&much, 0)));
}

#[test]
fn nothing_gives_a_picture_that_says_so() {
    let svg = check(&Timeline::new(), 1000);
    assert_eq!(texts(&svg, "key"), ["Nothing has been recorded."]);
}

/// So many tasks, which wait so often.
async fn busy(tasks: u64, waits: u64) {
    let tasks: Vec<_> = (0..tasks)
        .map(|n| {
            spawn_named(format!("a worker called {n}"), async move {
                for wait in 0..waits {
                    timeline::entering("page");
                    let _ = timeout(
                        millis(n),
                        sleep(millis(n * 7 % 5 + wait % 3)).labelled("tea"),
                    )
                    .await;
                    timeline::entered("page");
                    timeline::note(format!("cup {wait}"));
                    yield_now().await;
                    timeline::exited("page");
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

#[test]
fn however_much_happens_the_texts_stand_clear_of_each_other() {
    for (tasks, waits) in [
        (1, 1),
        (2, 3),
        (5, 10),
        (12, 60),
        (29, 20),
        (30, 2),
        (31, 2),
        (400, 3),
    ] {
        let timeline = recorded(busy(tasks, waits));
        for width in [480, 1000, 3000] {
            check(&timeline, width);
        }
    }
}

#[test]
fn tasks_without_a_row_share_one() {
    let svg = check(&recorded(busy(400, 1)), 1000);
    let names = texts(&svg, "name");
    assert_eq!((names.len(), &*names[29]), (30, "372 more tasks"));
}

#[test]
fn what_a_mouse_shows_is_short_and_on_two_lines() {
    let timeline = recorded(async {
        spawn_named("x".repeat(100_000), async {
            timeline::note("y".repeat(100_000));
            timeline::entered("z".repeat(100_000));
            sleep(millis(1)).labelled("a\nb".repeat(100_000)).await;
        });
        sleep(millis(2)).await;
    });
    let svg = check(&timeline, 1000);
    assert!(svg.len() < 20_000, "{} bytes", svg.len());
    assert!(
        svg.contains("<title>main runs\nat 0 s, for 0 s</title>"),
        "{svg}"
    );
}

#[test]
fn time_may_be_as_long_as_it_can() {
    for seconds in [1, 1 << 40, u64::MAX - 1] {
        let timeline = recorded(async move {
            sleep(Duration::from_secs(seconds)).await;
            spawn_named("never", sleep(Duration::MAX));
            sleep(Duration::from_nanos(1)).await;
        });
        let svg = check(&timeline, 1000);
        assert!((2..20).contains(&texts(&svg, "time").len()), "{svg}");
    }
}

#[test]
fn a_name_is_said_unless_there_is_none() {
    let svg = check(
        &recorded(async {
            for name in ["", " ", "ÄÖÜ", "名前は漢字です", "\u{fdfd}"] {
                spawn_named(name, yield_now());
            }
        }),
        1000,
    );
    let names = [
        "main",
        "task 1",
        "task 2",
        "ÄÖÜ",
        "名前は漢字です",
        "task 5",
    ];
    assert_eq!(texts(&svg, "name"), names);
}

#[test]
fn each_picture_has_a_hatching_of_its_own() {
    let [first, second] = [1, 2].map(|n| {
        let svg = check(&recorded(sleep(millis(n)).into_future()), 1000);
        let document = Document::parse(&svg).unwrap();
        let pattern = document
            .descendants()
            .find(|node| node.has_tag_name("pattern"));
        let id = pattern.unwrap().attribute("id").unwrap().to_owned();
        assert!(svg.contains(&format!("fill: url(#{id})")), "{svg}");
        id
    });
    assert_ne!(first, second);
}

/// Runs for a real clock: each poll takes its time.
fn long_record(events: u64) -> Timeline {
    let timeline = Timeline::new();
    let push = |at: u64, task: TaskId, kind| {
        let at = Duration::from_micros(at);
        timeline.push(Event { at, task, kind });
    };
    let [first, second] = [TaskId::MAIN.next(), TaskId::MAIN.next().next()];
    for task in [first, second] {
        push(0, task, EventKind::Spawned { name: None });
    }
    for n in 0..events / 6 {
        let task = if n % 3 == 0 { first } else { second };
        push(n * 10, task, EventKind::Woken);
        push(n * 10 + 1, task, EventKind::PollStarted);
        push(n * 10 + 2, task, EventKind::Entered("thing".into()));
        push(n * 10 + 3, task, EventKind::Note("again".into()));
        push(n * 10 + 4, task, EventKind::Exited("thing".into()));
        push(n * 10 + 5, task, EventKind::PollEnded { ready: false });
    }
    timeline
}

#[test]
fn time_begins_at_zero_unless_that_is_forgotten() {
    let timeline = long_record(600);
    let begin = |timeline: &Timeline| texts(&check(timeline, 1000), "time")[0].clone();
    assert_eq!(begin(&timeline), "0 µs");
    let limited = Timeline::with_limit(100);
    for event in long_record(6_000).events() {
        limited.push(event);
    }
    assert_eq!(begin(&limited), "7.0 ms");
}

#[test]
fn a_million_events_take_bounded_room() {
    let sizes = [10_000, 1_000_000].map(|events| {
        let timeline = long_record(events);
        let svg = timeline.svg().to_string();
        assert!(svg.len() < 300_000, "{} bytes", svg.len());
        let measured = allocation_counter::measure(|| {
            // Written to where nothing is kept.
            std::fmt::Write::write_fmt(&mut Discard, format_args!("{}", timeline.svg())).unwrap();
        });
        measured.bytes_max
    });
    println!("bytes at once: {sizes:?}");
    assert!(sizes[1] < 200_000, "{sizes:?}");
}

struct Discard;

impl std::fmt::Write for Discard {
    fn write_str(&mut self, _: &str) -> std::fmt::Result {
        Ok(())
    }
}
