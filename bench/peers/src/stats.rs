//! Medians and ratios.

/// The value in the middle, or the mean of the two values there.
pub fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        values[middle.saturating_sub(1)..]
            .iter()
            .take(2)
            .sum::<f64>()
            / 2.0
    }
}

/// The smallest value, if there is any.
pub fn least(values: impl Iterator<Item = f64>) -> Option<f64> {
    values.min_by(f64::total_cmp)
}

/// A ratio with two significant digits.
pub fn ratio(value: f64, base: f64) -> String {
    let ratio = value / base;
    if !ratio.is_finite() {
        "–".into()
    } else if ratio < 0.995 {
        format!("{ratio:.2}")
    } else if ratio < 9.95 {
        format!("{ratio:.1}")
    } else {
        format!("{ratio:.0}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_ignores_outliers() {
        assert!((median(&[3.0, 1000.0, 1.0]) - 3.0).abs() < 1e-9);
        assert!((median(&[4.0, 1.0, 2.0, 1000.0]) - 3.0).abs() < 1e-9);
        assert!((median(&[5.0]) - 5.0).abs() < 1e-9);
    }

    #[test]
    fn ratios_have_two_digits() {
        assert_eq!(ratio(3.0, 2.0), "1.5");
        assert_eq!(ratio(0.234, 1.0), "0.23");
        assert_eq!(ratio(0.996, 1.0), "1.0");
        assert_eq!(ratio(9.96, 1.0), "10");
        assert_eq!(ratio(512.4, 1.0), "512");
        assert_eq!(ratio(1.0, 0.0), "–");
    }

    #[test]
    fn least_of_none_is_none() {
        assert_eq!(least([2.0, 1.0, 3.0].into_iter()), Some(1.0));
        assert_eq!(least(std::iter::empty()), None);
    }
}
