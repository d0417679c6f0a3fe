//! The deadline that a gRPC client sets.

use std::time::Duration;

use http::HeaderMap;

/// The value of `grpc-timeout`: at most eight digits and a unit. One that cannot be read is none,
/// as in tonic.
pub(crate) fn grpc_timeout(headers: &HeaderMap) -> Option<Duration> {
    let told = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = told.split_at_checked(told.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(number * 60 * 60),
        "M" => Duration::from_secs(number * 60),
        "S" => Duration::from_secs(number),
        "m" => Duration::from_millis(number),
        "u" => Duration::from_micros(number),
        "n" => Duration::from_nanos(number),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn every_unit_is_read_and_nothing_else() {
        let read = |told: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("grpc-timeout", HeaderValue::from_static(told));
            grpc_timeout(&headers)
        };
        assert_eq!(read("2H"), Some(Duration::from_secs(7200)));
        assert_eq!(read("3M"), Some(Duration::from_secs(180)));
        assert_eq!(read("4S"), Some(Duration::from_secs(4)));
        assert_eq!(read("250m"), Some(Duration::from_millis(250)));
        assert_eq!(read("99999999u"), Some(Duration::from_micros(99_999_999)));
        assert_eq!(read("1n"), Some(Duration::from_nanos(1)));
        for wrong in ["", "m", "1", "1s", "+1m", "1.5S", "123456789m", "-1m"] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
        assert_eq!(grpc_timeout(&HeaderMap::new()), None);
    }
}
