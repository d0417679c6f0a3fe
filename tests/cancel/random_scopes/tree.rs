//! Random trees, and smaller ones.

/// A node with its number in the tree.
#[derive(Clone, Debug)]
pub struct Node {
    pub id: usize,
    pub kind: Kind,
}

#[derive(Clone, Debug)]
pub enum Kind {
    /// Waits for ever.
    Wait,
    /// Waits for a number of turns.
    Turns(u8),
    Fail,
    Panic,
    /// Cancels the token of a scope, whose number is taken modulo the number of scopes.
    Fire(usize),
    Seq(Vec<Node>),
    Together(Together, Vec<Node>),
    With(Box<With>),
    Scope(Box<Scoped>),
    Race(Vec<Node>),
    /// A future in a race, which is a node as it is a region of its own.
    Racer(Box<Node>),
    Shield(Box<Node>),
}

/// Ways to run concurrently.
#[derive(Clone, Copy, Debug)]
pub enum Together {
    Join,
    JoinAll,
    Unordered,
    /// Until the first has ended. The others are dropped.
    Select,
}

#[derive(Clone, Debug)]
pub struct With {
    pub enter: Node,
    pub shielded: bool,
    pub body: Node,
    pub exit: Node,
    pub exit_ends: ExitEnds,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitEnds {
    Well,
    Badly,
    Panicking,
}

#[derive(Clone, Debug)]
pub struct Scoped {
    pub stop: Stop,
    /// The number of turns that exits may take.
    pub grace: Option<u8>,
    pub inner: Node,
}

#[derive(Clone, Copy, Debug)]
pub enum Stop {
    Never,
    /// After a number of polls of the whole.
    At(usize),
    /// After a number of polls, by a token.
    HandleAt(usize),
    /// By a [`Kind::Fire`].
    Fired,
}

/// Xorshift.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        random.below(2);
        random.below(2);
        random
    }

    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 33) % bound as u64).unwrap()
    }

    fn few(&mut self, bound: u8) -> u8 {
        u8::try_from(self.below(bound.into())).unwrap()
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// A tree whose root is a scope.
pub fn tree(random: &mut Random) -> Node {
    let depth = 3 + random.below(6);
    let mut root = scope(random, depth, true);
    number(&mut root);
    root
}

fn node(kind: Kind) -> Node {
    Node { id: 0, kind }
}

/// Makes a node. If it must not wait for ever, as in a shield or an exit, `may_wait` is false.
fn any(random: &mut Random, depth: usize, may_wait: bool) -> Node {
    if depth == 0 {
        return leaf(random, may_wait);
    }
    let depth = depth - 1;
    match random.below(20) {
        0..=6 => with(random, depth, may_wait),
        7..=9 => node(Kind::Seq(several(random, depth, may_wait))),
        10..=12 => {
            let together = [
                Together::Join,
                Together::JoinAll,
                Together::Unordered,
                Together::Select,
            ];
            let together = together[random.below(4)];
            node(Kind::Together(together, several(random, depth, may_wait)))
        }
        13..=14 => scope(random, depth, may_wait),
        15..=16 => {
            let racers = several(random, depth, may_wait).into_iter();
            let racers = racers.map(|racer| node(Kind::Racer(Box::new(racer))));
            node(Kind::Race(racers.collect()))
        }
        17 => node(Kind::Shield(Box::new(any(random, depth.min(2), false)))),
        _ => leaf(random, may_wait),
    }
}

fn several(random: &mut Random, depth: usize, may_wait: bool) -> Vec<Node> {
    let count = 2 + random.below(2);
    (0..count).map(|_| any(random, depth, may_wait)).collect()
}

fn leaf(random: &mut Random, may_wait: bool) -> Node {
    node(match random.below(30) {
        0..=11 if may_wait => Kind::Wait,
        12..=13 => Kind::Fire(random.below(5)),
        14 => Kind::Fail,
        15 if random.one_in(2) => Kind::Panic,
        _ => Kind::Turns(random.few(4)),
    })
}

fn with(random: &mut Random, depth: usize, may_wait: bool) -> Node {
    let shielded = random.one_in(4);
    let body = any(random, depth, may_wait);
    let enter = short(random, depth, !shielded && may_wait);
    let exit = short(random, depth, false);
    let exit_ends = match random.below(16) {
        0..=1 => ExitEnds::Badly,
        2 => ExitEnds::Panicking,
        _ => ExitEnds::Well,
    };
    node(Kind::With(Box::new(With {
        enter,
        shielded,
        body,
        exit,
        exit_ends,
    })))
}

/// The tree that an enter or an exit awaits.
fn short(random: &mut Random, depth: usize, may_wait: bool) -> Node {
    if random.one_in(8) {
        any(random, depth.min(2), may_wait)
    } else {
        node(Kind::Turns(random.few(4)))
    }
}

fn scope(random: &mut Random, depth: usize, may_wait: bool) -> Node {
    let stop = match random.below(8) {
        0..=2 => Stop::At(random.below(24)),
        3..=5 => Stop::HandleAt(random.below(24)),
        6 => Stop::Fired,
        _ => Stop::Never,
    };
    let grace = random.one_in(4).then(|| random.few(5));
    let inner = any(random, depth, may_wait);
    node(Kind::Scope(Box::new(Scoped { stop, grace, inner })))
}

impl Kind {
    pub fn children(&mut self) -> Vec<&mut Node> {
        match self {
            Kind::Wait | Kind::Turns(_) | Kind::Fail | Kind::Panic | Kind::Fire(_) => Vec::new(),
            Kind::Seq(nodes) | Kind::Together(_, nodes) | Kind::Race(nodes) => {
                nodes.iter_mut().collect()
            }
            Kind::With(with) => vec![&mut with.enter, &mut with.body, &mut with.exit],
            Kind::Scope(scoped) => vec![&mut scoped.inner],
            Kind::Racer(inner) | Kind::Shield(inner) => vec![inner],
        }
    }
}

/// Numbers the nodes of a tree, and gives their number.
pub fn number(root: &mut Node) -> usize {
    fn count(node: &mut Node, next: &mut usize) {
        node.id = *next;
        *next += 1;
        for child in node.kind.children() {
            count(child, next);
        }
    }
    let mut next = 0;
    count(root, &mut next);
    next
}

/// Lists trees that are a little smaller: a part in place of the whole, or one with a part removed.
pub fn smaller(root: &Node) -> Vec<Node> {
    let mut trees = Vec::new();
    let mut root = root.clone();
    for id in 0..number(&mut root) {
        for choice in 0.. {
            let mut tree = root.clone();
            let changed = find(&mut tree, id).is_some_and(|node| shrink(node, choice));
            if !changed {
                break;
            }
            number(&mut tree);
            trees.push(tree);
        }
    }
    trees
}

fn find(node: &mut Node, id: usize) -> Option<&mut Node> {
    if node.id == id {
        return Some(node);
    }
    node.kind
        .children()
        .into_iter()
        .find_map(|child| find(child, id))
}

/// Makes a node smaller in the way of this number, if there is such a way.
fn shrink(node: &mut Node, choice: usize) -> bool {
    let mut parts: Vec<Kind> = match &mut node.kind {
        // A racer is a node only in a race.
        Kind::Racer(_) | Kind::Turns(0) => Vec::new(),
        kind => {
            let children = kind.children().into_iter();
            children.map(|child| child.kind.clone()).collect()
        }
    };
    for part in &mut parts {
        if let Kind::Racer(inner) = part {
            *part = inner.kind.clone();
        }
    }
    parts.extend(simpler(&node.kind));
    match parts.into_iter().nth(choice) {
        Some(part) => {
            node.kind = part;
            true
        }
        None => false,
    }
}

/// Nodes of the same kind with less in them.
fn simpler(kind: &Kind) -> Vec<Kind> {
    let without_one = |nodes: &[Node]| -> Vec<Vec<Node>> {
        let fewer = (0..nodes.len())
            .filter(|_| nodes.len() > 1)
            .map(|left_out| {
                let mut nodes = nodes.to_vec();
                nodes.remove(left_out);
                nodes
            });
        fewer.collect()
    };
    match kind {
        Kind::Wait | Kind::Turns(0) | Kind::Racer(_) => Vec::new(),
        Kind::Turns(n) => vec![Kind::Turns(n - 1)],
        Kind::Fail | Kind::Panic | Kind::Fire(_) | Kind::Shield(_) => vec![Kind::Turns(0)],
        Kind::Seq(nodes) => without_one(nodes).into_iter().map(Kind::Seq).collect(),
        Kind::Together(how, nodes) => {
            let fewer = without_one(nodes).into_iter();
            fewer.map(|nodes| Kind::Together(*how, nodes)).collect()
        }
        Kind::Race(nodes) => without_one(nodes).into_iter().map(Kind::Race).collect(),
        Kind::With(with) => simpler_with(with),
        Kind::Scope(scoped) => {
            let grace = scoped.grace.map(|_| Scoped {
                grace: None,
                ..(**scoped).clone()
            });
            let grace = grace.map(|scoped| Kind::Scope(Box::new(scoped)));
            grace.into_iter().chain([Kind::Turns(0)]).collect()
        }
    }
}

fn simpler_with(with: &With) -> Vec<Kind> {
    let mut ways = vec![Kind::Turns(0)];
    if with.shielded {
        ways.push(Kind::With(Box::new(With {
            shielded: false,
            ..with.clone()
        })));
    }
    if with.exit_ends != ExitEnds::Well {
        ways.push(Kind::With(Box::new(With {
            exit_ends: ExitEnds::Well,
            ..with.clone()
        })));
    }
    ways
}
