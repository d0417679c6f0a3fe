use forwith::{Source, async_for};

struct Lines(String);

impl Source for Lines {
    type Item<'a> = &'a str;

    async fn next(&mut self) -> Option<&str> {
        Some(&self.0)
    }
}

async fn beyond_its_turn(lines: Lines) -> usize {
    let mut kept = Vec::new();
    async_for!(for line in lines {
        kept.push(line);
    });
    kept.len()
}

async fn beyond_the_loop(lines: Lines) -> Option<usize> {
    let found = async_for!(for line in lines {
        break line;
    });
    found.map(str::len)
}

fn main() {}
