use forwith::{Source, async_for};

struct Lines(String);

impl Source for Lines {
    type Item<'a> = &'a str;

    async fn next(&mut self) -> Option<&str> {
        Some(&self.0)
    }
}

async fn owned(lines: Lines) {
    async_for!(
        #[concurrent(2)]
        for line in lines {
            println!("{line}");
        }
    );
}

async fn borrowed(lines: &mut Lines) {
    async_for!(
        #[concurrent(2)]
        for line in lines {
            println!("{line}");
        }
    );
}

async fn collected(lines: Lines) -> Vec<usize> {
    async_for!(
        #[concurrent(2)]
        #[collect]
        for line in lines {
            line.len()
        }
    )
}

async fn until(lines: Lines) {
    async_for!(
        #[concurrent(2)]
        #[until(std::future::ready(()))]
        for line in lines {
            println!("{line}");
        }
    );
}

fn main() {}
