//! Guesses what a mistyped word means.

/// Other words for the commands.
const SYNONYMS: [(&str, &str); 14] = [
    ("step", "send"),
    ("next", "send"),
    ("poll", "send"),
    ("resume", "send"),
    ("continue", "send"),
    ("sleep", "wait"),
    ("time", "wait"),
    ("abort", "drop"),
    ("kill", "drop"),
    ("stop", "cancel"),
    ("ls", "list"),
    ("ps", "list"),
    ("svg", "timeline"),
    ("commands", "help"),
];

/// The name most similar to `word`, if any is similar.
pub fn nearest<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > 20 {
        return None;
    }
    let word = word.to_lowercase();
    let synonym = SYNONYMS.iter().find(|(other, _)| *other == word);
    if let Some((_, name)) = synonym {
        return Some(name);
    }
    let names: Vec<_> = names.collect();
    let mut begun = names.iter().filter(|name| name.starts_with(&word));
    if let (Some(name), None) = (begun.next(), begun.next()) {
        return Some(name); // the only name with this beginning
    }
    let distances = names.into_iter().map(|name| (distance(&word, name), name));
    let (distance, name) = distances.min_by_key(|(distance, _)| *distance)?;
    let is_like_it = distance <= 2 && distance < word.chars().count().min(name.len());
    is_like_it.then_some(name)
}

/// How many letters must be inserted, removed, changed, or swapped with their neighbours.
fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<_>, Vec<_>) = (from.chars().collect(), to.chars().collect());
    let mut rows = vec![(0..=to.len()).collect::<Vec<_>>()];
    for i in 1..=from.len() {
        let mut row = vec![i];
        for j in 1..=to.len() {
            let changed = usize::from(from[i - 1] != to[j - 1]);
            let mut least = (rows[i - 1][j] + 1)
                .min(row[j - 1] + 1)
                .min(rows[i - 1][j - 1] + changed);
            if i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[from.len()][to.len()]
}
