//! The machine code of a use: what a program with more uses has more.

use std::process::Command;

use super::generate::{Package, SIDES, Shape, Side};
use super::sections::Code;
use super::table::{Amount, Goal, Row};
use super::workspace::{Profile, Task, Workspace};

/// The numbers of uses in the two programs.
const FEW: usize = 20;
const MORE: usize = 60;

/// A kind of use.
pub struct Kind {
    /// Its name in the file of sizes.
    pub name: &'static str,
    what: &'static str,
    shape: Shape,
    profile: Profile,
    /// How much larger than its twin it may be.
    most: f64,
}

/// Every kind.
pub const KINDS: [Kind; 3] = [
    Kind {
        name: "plain",
        what: "bytes of a use: release",
        shape: Shape::Plain,
        profile: Profile::Release,
        most: 1.6,
    },
    Kind {
        name: "small",
        what: "bytes of a use: for size, LTO, panics abort, no `std`",
        shape: Shape::Small,
        profile: Profile::Small,
        most: 1.6,
    },
    Kind {
        name: "owned",
        what: "bytes of a use: release, 20 resource types, bodies that own things",
        shape: Shape::Owned,
        profile: Profile::Release,
        most: 1.7,
    },
];

/// The machine code of a use of one kind.
pub struct Twins {
    pub kind: &'static Kind,
    pub ours: Code,
    pub by_hand: Code,
}

impl Twins {
    pub fn row(&self) -> Row {
        Row {
            what: self.kind.what,
            ours: Amount::Code(self.ours),
            by_hand: Some(Amount::Code(self.by_hand)),
            goal: Goal::Times(self.kind.most),
        }
    }
}

/// The packages that are built.
pub fn packages() -> impl Iterator<Item = Package> {
    KINDS.iter().flat_map(|kind| {
        let sides = SIDES.into_iter();
        sides.flat_map(|side| [FEW, MORE].map(|uses| kind.package(side, uses)))
    })
}

/// Measures every kind.
pub fn measure(workspace: &Workspace) -> Result<Vec<Twins>, String> {
    KINDS.iter().map(|kind| kind.measure(workspace)).collect()
}

impl Kind {
    fn package(&self, side: Side, uses: usize) -> Package {
        let shape = self.shape;
        Package { shape, side, uses }
    }

    /// Measures ours and its twin. Fails if they do not the same.
    fn measure(&'static self, workspace: &Workspace) -> Result<Twins, String> {
        let (ours, printed) = self.each(workspace, Side::Ours)?;
        let (by_hand, printed_by_hand) = self.each(workspace, Side::ByHand)?;
        if printed != printed_by_hand {
            return Err(format!("{}: ours and its twin print other sums", self.name));
        }
        let kind = self;
        Ok(Twins {
            kind,
            ours,
            by_hand,
        })
    }

    /// The code of a use, and what the program with more uses prints.
    fn each(&self, workspace: &Workspace, side: Side) -> Result<(Code, Vec<u8>), String> {
        let build = |uses| {
            let package = self.package(side, uses);
            eprintln!("builds {}", package.name());
            workspace.make(package, Task::Build(self.profile))?;
            Ok::<_, String>(workspace.program(package, self.profile))
        };
        let few = Code::of(&build(FEW)?)?;
        let program = build(MORE)?;
        let output = Command::new(&program)
            .output()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        let each = (Code::of(&program)? - few).each(MORE - FEW);
        Ok((each, output.stdout))
    }
}
