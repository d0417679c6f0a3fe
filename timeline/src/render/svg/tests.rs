//! Pictures, read back.

use std::time::Duration;

use roxmltree::{Document, Node};

use super::words::width_of;
use crate::event::{Event, EventKind, TaskId};
use crate::script::{
    MAIN, Script, busy, drops, millis, note, sleeps, spawned, task, waits, waits_for,
};
use crate::timeline::Timeline;

const START: Duration = Duration::ZERO;

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

/// The offset of the group around a node.
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

/// The area of a text, in the widest font.
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

/// Draws the picture, and checks that each text can be read.
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
    // The sample in the legend is in a group that is moved.
    shapes.filter(|node| moved(*node) == (0.0, 0.0)).count()
}

#[test]
fn each_task_has_a_row_with_its_waits() {
    let script = Script::new();
    let (cook, eggs) = (task(1), [(task(2), 3), (task(3), 4)]);
    script.push(START, MAIN, EventKind::PollStarted);
    script.push(START, cook, spawned("cook"));
    script.push(START, MAIN, EventKind::Joins(cook));
    script.push(START, MAIN, EventKind::PollEnded { ready: false });
    script.push(START, cook, EventKind::PollStarted);
    for (task, _) in eggs {
        script.push(START, task, EventKind::Spawned { name: None });
    }
    script.push(START, cook, waits_for("2 tasks"));
    script.push(START, cook, EventKind::PollEnded { ready: false });
    for (task, n) in eggs {
        let boiled = waits(format!("{n} eggs"), Duration::from_secs(n));
        script.poll(START, task, [boiled]);
    }
    for (task, n) in eggs {
        script.last_wake(Duration::from_secs(n), task, EventKind::Finished);
    }
    for task in [cook, MAIN] {
        script.last_wake(Duration::from_secs(4), task, EventKind::Finished);
    }
    let svg = check(&script.0, 1000);
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
    let script = Script::new();
    let [writer, bad] = [task(1), task(2)];
    let entering = EventKind::Entering("database".into());
    script.poll(START, MAIN, [entering, waits("handshake", millis(300))]);

    script.push(millis(300), MAIN, EventKind::Woken);
    script.push(millis(300), MAIN, EventKind::PollStarted);
    script.push(millis(300), MAIN, EventKind::Entered("database".into()));
    script.push(millis(300), writer, spawned("writer"));
    script.push(millis(300), MAIN, sleeps(millis(600)));
    script.push(millis(300), MAIN, EventKind::PollEnded { ready: false });
    script.poll(millis(300), writer, [sleeps(millis(1200))]);

    script.push(millis(600), MAIN, EventKind::Woken);
    script.push(millis(600), MAIN, EventKind::PollStarted);
    script.push(millis(600), MAIN, note("<tick> & \u{1b}tock"));
    script.push(millis(600), writer, EventKind::Cancelling);
    script.push(millis(600), writer, EventKind::Woken);
    script.push(millis(600), MAIN, EventKind::Woken); // it yields
    script.push(millis(600), MAIN, EventKind::PollEnded { ready: false });
    script.push(millis(600), writer, EventKind::PollStarted);
    script.push(millis(600), writer, EventKind::PollEnded { ready: true });
    script.push(millis(600), writer, drops(sleeps(millis(1200))));
    script.push(millis(600), writer, EventKind::Cancelled);
    let exiting = EventKind::Exiting("database".into());
    script.poll(millis(600), MAIN, [exiting, waits("goodbye", millis(900))]);

    script.push(millis(900), MAIN, EventKind::Woken);
    script.push(millis(900), MAIN, EventKind::PollStarted);
    script.push(millis(900), MAIN, EventKind::Exited("database".into()));
    script.push(millis(900), bad, spawned("bad"));
    script.push(millis(900), MAIN, EventKind::Joins(bad));
    script.push(millis(900), MAIN, EventKind::PollEnded { ready: false });
    script.poll(millis(900), bad, [sleeps(millis(1000))]);

    script.last_wake(millis(1000), bad, EventKind::Panicked);
    script.wake(millis(1000), MAIN, [sleeps(millis(1500))]);
    script.last_wake(millis(1500), MAIN, EventKind::Finished);

    let svg = check(&script.0, 1000);
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
fn the_width_follows_the_contents_within_bounds() {
    let width = |timeline: &Timeline, width| {
        let svg = check(timeline, width);
        number(Document::parse(&svg).unwrap().root_element(), "width")
    };
    let little = Script::new();
    little.last_poll(START, MAIN, EventKind::Finished);
    let (little, much) = (little.0, busy(20, 50).0);
    assert!(width(&little, 1000) < 600.0);
    assert!((990.0..=1000.0).contains(&width(&much, 1000)));
    assert!((1990.0..=2000.0).contains(&width(&much, 2000)));
    assert!((470.0..=480.0).contains(&width(&much, 0)));
}

#[test]
fn an_empty_picture_says_so() {
    let svg = check(&Timeline::new(), 1000);
    assert_eq!(texts(&svg, "key"), ["Nothing has been recorded."]);
}

#[test]
fn texts_never_overlap() {
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
        let timeline = busy(tasks, waits).0;
        for width in [480, 1000, 3000] {
            check(&timeline, width);
        }
    }
}

#[test]
fn tasks_without_a_row_share_one() {
    let svg = check(&busy(400, 1).0, 1000);
    let names = texts(&svg, "name");
    assert_eq!((names.len(), &*names[29]), (30, "372 more tasks"));
}

#[test]
fn the_mouse_shows_two_short_lines() {
    let script = Script::new();
    let long = |text: &str| text.repeat(100_000);
    script.push(START, MAIN, EventKind::PollStarted);
    script.push(START, task(1), spawned(long("x")));
    script.push(START, MAIN, sleeps(millis(2)));
    script.push(START, MAIN, EventKind::PollEnded { ready: false });
    let entered = EventKind::Entered(long("z").into());
    let inside = [note(long("y")), entered, waits(long("a\nb"), millis(1))];
    script.poll(START, task(1), inside);
    script.last_wake(millis(1), task(1), EventKind::Finished);
    script.last_wake(millis(2), MAIN, EventKind::Finished);
    let svg = check(&script.0, 1000);
    assert!(svg.len() < 20_000, "{} bytes", svg.len());
    assert!(
        svg.contains("<title>main runs\nat 0 s, for 0 s</title>"),
        "{svg}"
    );
}

#[test]
fn time_may_be_as_long_as_a_duration() {
    for seconds in [1, 1 << 40, u64::MAX - 1] {
        let script = Script::new();
        let (late, later) = (Duration::from_secs(seconds), Duration::new(seconds, 1));
        script.poll(START, MAIN, [sleeps(late)]);
        script.push(late, task(1), spawned("never"));
        script.wake(late, MAIN, [sleeps(later)]);
        script.poll(late, task(1), [sleeps(Duration::MAX)]);
        script.last_wake(later, MAIN, EventKind::Finished);
        script.push(later, task(1), EventKind::Cancelling);
        script.last_wake(later, task(1), EventKind::Cancelled);
        let svg = check(&script.0, 1000);
        assert!((2..20).contains(&texts(&svg, "time").len()), "{svg}");
    }
}

#[test]
fn blank_names_are_replaced_by_numbers() {
    let script = Script::new();
    script.push(START, MAIN, EventKind::PollStarted);
    for (number, name) in (1..).zip(["", " ", "ÄÖÜ", "名前は漢字です", "\u{fdfd}"]) {
        script.push(START, task(number), spawned(name));
    }
    script.push(START, MAIN, EventKind::PollEnded { ready: true });
    script.push(START, MAIN, EventKind::Finished);
    for number in 1..=5 {
        script.push(START, task(number), EventKind::Cancelling);
        script.last_poll(START, task(number), EventKind::Cancelled);
    }
    let svg = check(&script.0, 1000);
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
        let script = Script::new();
        script.poll(START, MAIN, [sleeps(millis(n))]);
        script.last_wake(millis(n), MAIN, EventKind::Finished);
        let svg = check(&script.0, 1000);
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

/// So many events of two tasks, by a real clock: each poll takes time.
fn long_record(events: u64) -> Timeline {
    let timeline = Timeline::new();
    let push = |at: u64, task: TaskId, kind| {
        let at = Duration::from_micros(at);
        timeline.push(Event { at, task, kind });
    };
    let [first, second] = [task(1), task(2)];
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
fn time_begins_with_the_oldest_event_kept() {
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
fn a_million_events_take_bounded_memory() {
    let sizes = [10_000, 1_000_000].map(|events| {
        let timeline = long_record(events);
        let svg = timeline.svg().to_string();
        assert!(svg.len() < 300_000, "{} bytes", svg.len());
        let measured = allocation_counter::measure(|| {
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
