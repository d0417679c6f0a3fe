//! The memory of this process, as the system sees it.

use std::fs;

/// Bytes in memory, or NaN where the system does not say.
///
/// `smaps_rollup` is exact; `status` may be off by some pages for each processor.
#[must_use]
pub fn resident() -> f64 {
    let told = fs::read_to_string("/proc/self/smaps_rollup").unwrap_or_default();
    parse(&told).unwrap_or(f64::NAN)
}

fn parse(told: &str) -> Option<f64> {
    let line = told.lines().find_map(|line| line.strip_prefix("Rss:"))?;
    let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024.0)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn line_is_found() {
        let told = "00400000-7ffe [rollup]\nRss:                2004 kB\nPss:  1 kB\n";
        assert_eq!(parse(told), Some(2004.0 * 1024.0));
        assert_eq!(parse(""), None);
    }
}
