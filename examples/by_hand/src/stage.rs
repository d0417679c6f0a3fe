//! The stage: the coroutines, the clock, and what the player does with them.

use std::fs;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use forwith::report::lost_exits;
use forwith_runtime::by_hand::Request;
use forwith_runtime::{Executor, Timeline, now, spawn};

use crate::command::Command;
use crate::help;
use crate::journal::Journal;
use crate::plays::{Play, Servers};
use crate::role::Role;
use crate::words::{listed, quoted, seconds};

/// How many coroutines fit on the stage.
const MOST: usize = 99;
/// The width of a terminal.
const WIDE: usize = 80;
/// The last time that the clock shows.
const LATEST: Duration = Duration::from_secs(1_000_000_000);

pub struct Stage {
    clock: Duration,
    roles: Vec<Role>,
    servers: Servers,
    journal: Rc<Journal>,
    timeline: Timeline,
}

impl Stage {
    pub fn new() -> Self {
        let journal = Rc::new(Journal::default());
        Stage {
            clock: Duration::ZERO,
            roles: Vec::new(),
            servers: Servers::new(&journal),
            journal,
            timeline: Timeline::new(),
        }
    }

    pub fn prompt(&self) -> String {
        format!("{}> ", seconds(self.clock))
    }

    /// Obeys the command; returns the lines to show.
    pub fn obey(&mut self, command: Command) -> Vec<String> {
        let changes = !matches!(
            command,
            Command::List | Command::Timeline(_) | Command::Help(_) | Command::Nothing
        );
        let done = self.try_to(command);
        let mut lines = self.journal.take();
        match done {
            Ok(()) if changes => lines.extend(self.who_remains()),
            Ok(()) => {}
            Err(sentence) => lines.push(sentence),
        }
        lines
    }

    /// Obeys the command, or says why not.
    fn try_to(&mut self, command: Command) -> Result<(), String> {
        match command {
            Command::Start(play) => self.start(play),
            Command::Send { number, anyway } => self.send(number, anyway),
            Command::Wait(duration) => self.wait(duration),
            Command::Cancel(number) => self.cancel(number),
            Command::Drop(number) => self.drop(number),
            Command::Run => self.run_the_rest(),
            Command::List => self.list(),
            Command::Timeline(file) => self.show_timeline(file.as_deref()),
            Command::Help(name) => {
                self.add_all(help::text(name));
                Ok(())
            }
            Command::Nothing | Command::Quit => Ok(()),
        }
    }

    fn start(&mut self, play: Play) -> Result<(), String> {
        let number = self.roles.len() + 1;
        if number > MOST {
            return Err(format!(
                "The stage is full: {MOST} have been on it. `quit`, and begin anew."
            ));
        }
        let role = Role::new(number, play, self.servers.clone(), &self.journal);
        self.roles.push(role.record(&self.timeline, self.clock));
        self.journal.add(format!(
            "{number} is {play}, and stands before its first line: `send {number}` starts it."
        ));
        Ok(())
    }

    fn send(&mut self, number: usize, anyway: bool) -> Result<(), String> {
        let clock = self.clock;
        let role = self.alive(number, "cannot be sent anything any more")?;
        let is_early = role.remaining_wait().is_some();
        if let (true, false, Some(request)) = (is_early, anyway, role.request()) {
            return Err(format!(
                "Too early. `wait` lets the time go by; or see what `send {number} anyway` does.\n\
                 {number} asks: {request}"
            ));
        }
        role.send(clock);
        if is_early && role.remaining_wait().is_some() {
            self.journal
                .add("It has looked at the clock: it goes on waiting, and nothing is lost.");
        }
        Ok(())
    }

    fn cancel(&mut self, number: usize) -> Result<(), String> {
        let clock = self.clock;
        let role = self.alive(number, "cannot be cancelled any more")?;
        if role.is_cancelled() {
            return Err(format!(
                "{number} is being left already: `send {number}` lets it go on with that."
            ));
        }
        let was_started = role.is_started();
        role.cancel();
        role.send(clock);
        let finding = match role.end() {
            None => "It was told to stop. What it has entered is exited first, which is awaited.",
            Some("was cancelled") if was_started => "It had entered nothing that must be exited.",
            Some("was cancelled") => "It had not begun.",
            Some(_) => "It was at its end before it could hear of that.",
        };
        self.journal.add(finding);
        Ok(())
    }

    fn drop(&mut self, number: usize) -> Result<(), String> {
        let role = self.alive(number, "cannot be dropped any more")?;
        let was_started = role.is_started();
        let lost = lost_exits();
        let noticed = role.drop();
        self.journal.add(match (noticed, was_started) {
            (true, _) if lost_exits() > lost => format!(
                "{number} was dropped in the midst of its goodbye. The server has noticed now."
            ),
            (true, _) => format!(
                "{number} was dropped. Nobody said goodbye to the server, which has noticed now."
            ),
            (false, true) => format!("{number} was dropped. It held nothing on a server."),
            (false, false) => format!("{number} was dropped before its first line."),
        });
        Ok(())
    }

    fn wait(&mut self, duration: Option<Duration>) -> Result<(), String> {
        let duration = match duration {
            Some(duration) => duration,
            None => self.until_somebody_may()?,
        };
        let clock = self
            .clock
            .checked_add(duration)
            .filter(|clock| *clock <= LATEST);
        let clock = clock.ok_or_else(|| {
            format!(
                "That is too long: the clock goes up to {}, which is 31 years.",
                seconds(LATEST)
            )
        })?;
        self.set_clock(clock);
        let who = match &*self.numbers(Role::may_continue) {
            [] => "nobody may continue yet".to_owned(),
            may => format!("{} may continue", listed(may)),
        };
        self.journal
            .add(format!("It is {}: {who}.", seconds(clock)));
        Ok(())
    }

    /// How long it is until another coroutine may continue.
    fn until_somebody_may(&self) -> Result<Duration, String> {
        let may = self.numbers(Role::may_continue);
        if let Some(first) = may.first() {
            let who = listed(&may);
            return Err(format!(
                "{who} may continue already: `send {first}`. Or say how long, as in `wait 1`."
            ));
        }
        let times = self.roles.iter().filter_map(Role::remaining_wait);
        times
            .min()
            .ok_or_else(|| match self.numbers(Role::is_alive).first() {
                Some(first) => {
                    format!("Nobody waits for time to go by. `send {first}` starts {first}.")
                }
                None => "Nobody is there to wait for. Start one, as in `cube 3`.".to_owned(),
            })
    }

    fn set_clock(&mut self, clock: Duration) {
        self.clock = clock;
        for role in &mut self.roles {
            role.advance_to(clock);
        }
    }

    fn run_the_rest(&mut self) -> Result<(), String> {
        if self.numbers(Role::is_alive).is_empty() {
            return Err("Nobody is left to run. Start one, as in `cube 3`.".to_owned());
        }
        self.journal
            .add("A real scheduler takes over, and does what you did:");
        self.run();
        self.journal
            .add(format!("All have ended. It is {}.", seconds(self.clock)));
        Ok(())
    }

    /// Runs all coroutines to their ends, each as a task of a real executor.
    fn run(&mut self) {
        let begun = self.clock;
        let roles = &mut self.roles;
        let elapsed = Executor::with_virtual_clock().block_on(async {
            let acts = roles.iter_mut();
            let acts = acts.filter_map(|role| Some((spawn(role.hand_over(begun)?), role)));
            for (task, role) in acts.collect::<Vec<_>>() {
                role.set_ended(task.await.unwrap_or_else(|error| error.to_string()));
            }
            now()
        });
        self.set_clock(begun.saturating_add(elapsed));
    }

    fn list(&mut self) -> Result<(), String> {
        if self.roles.is_empty() {
            return Err(
                "Nobody is there yet. Start one, as in `cube 3`; `help` tells what else there is."
                    .to_owned(),
            );
        }
        let rows = self.table(|_| true);
        self.add_all(rows);
        Ok(())
    }

    fn show_timeline(&self, picture: Option<&Path>) -> Result<(), String> {
        if self.roles.is_empty() {
            return Err("Nobody has run yet. Start one, as in `cube 3`.".to_owned());
        }
        let Some(path) = picture else {
            let text = self.timeline.to_string();
            self.add_all(text.lines().map(str::to_owned));
            if text.lines().any(|line| line.chars().count() > WIDE) {
                self.journal
                    .add("That is wide: `timeline picture.svg` draws it.");
            }
            return Ok(());
        };
        let shown = quoted(&path.display().to_string());
        fs::write(path, self.timeline.svg().to_string())
            .map_err(|error| format!("The picture could not be written to {shown}: {error}."))?;
        self.journal
            .add(format!("{shown} is drawn: a browser shows it."));
        Ok(())
    }

    /// Ends the game: coroutines that have not ended are cancelled, and their exits awaited.
    pub fn farewell(mut self) -> Vec<String> {
        self.roles
            .retain(|role| role.end().is_some() || role.is_started());
        let alive = self.numbers(Role::is_alive);
        if !alive.is_empty() {
            self.journal.add(format!(
                "Before you go, {} must stop, and leave what has been entered:",
                listed(&alive)
            ));
            for role in &mut self.roles {
                role.cancel();
            }
            self.run();
        }
        self.journal.add("Goodbye.");
        self.journal.take()
    }

    /// The role of this number, or a sentence if there is none or it has ended.
    fn alive(&mut self, number: usize, but: &str) -> Result<&mut Role, String> {
        let last = self.roles.len();
        let role = number
            .checked_sub(1)
            .and_then(|index| self.roles.get_mut(index));
        let Some(role) = role else {
            return Err(match last {
                0 => "Nobody is there yet. Start one, as in `cube 3`.".to_owned(),
                1 => format!("There is no coroutine {number}, only 1."),
                _ => format!("There is no coroutine {number}: they are numbered 1 to {last}."),
            });
        };
        match role.end() {
            Some(end) => Err(format!("{number} {end}. It {but}.")),
            None => Ok(role),
        }
    }

    fn numbers(&self, which: impl Fn(&Role) -> bool) -> Vec<usize> {
        let roles = self.roles.iter().filter(|role| which(role));
        roles.map(|role| role.number).collect()
    }

    /// The table of those that have not ended, if there are several.
    fn who_remains(&self) -> Vec<String> {
        let rows = self.table(Role::is_alive);
        if rows.len() > 1 { rows } else { Vec::new() }
    }

    fn table(&self, which: impl Fn(&Role) -> bool) -> Vec<String> {
        let roles = self.roles.iter().filter(|role| which(role));
        let width = roles.clone().map(|role| role.name.len()).max();
        let width = width.unwrap_or(0);
        let row = |role: &Role| {
            let Role { number, name, .. } = role;
            format!("  {number:>2}  {name:width$}  {}", self.state_of(role))
        };
        roles.map(row).collect()
    }

    fn state_of(&self, role: &Role) -> String {
        if let Some(end) = role.end() {
            return end.to_owned();
        }
        let leaving = if role.is_cancelled() {
            "is being left: "
        } else {
            ""
        };
        match role.request() {
            None => "not started".to_owned(),
            Some(Request::Sleep { duration, what }) => {
                let what = what.map_or_else(String::new, |what| format!(" ({what})"));
                let until = if duration.is_zero() {
                    "may continue".to_owned()
                } else {
                    format!(
                        "waits until {}",
                        seconds(self.clock.saturating_add(duration))
                    )
                };
                format!("{leaving}{until}{what}")
            }
            Some(_) => format!("{leaving}may continue"),
        }
    }

    fn add_all(&self, lines: impl IntoIterator<Item = String>) {
        lines.into_iter().for_each(|line| self.journal.add(line));
    }
}
