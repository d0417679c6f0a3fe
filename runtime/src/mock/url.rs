//! Addresses of mock databases.

use super::Error;

const SCHEME: &str = "mock://";

/// Returns the host in the URL of a mock database, with its port if it has one.
///
/// ```
/// use forwith_runtime::mock::host_of;
///
/// assert_eq!(host_of("mock://db.somedomain.net/animals"), Ok("db.somedomain.net"));
/// assert_eq!(
///     host_of("http://db.somedomain.net").unwrap_err().to_string(),
///     "`http://db.somedomain.net` is no URL of a mock database: it must begin with `mock://`, \
///      as in `mock://db.somedomain.net`"
/// );
/// ```
///
/// # Errors
///
/// Fails with [`Error::Url`], which says what to change, when the scheme is not `mock://` or when
/// there is no host.
pub fn host_of(url: &str) -> Result<&str, Error> {
    let error = |problem| Error::Url {
        url: url.to_owned(),
        problem,
    };
    let address = url
        .strip_prefix(SCHEME)
        .ok_or(error("it must begin with `mock://`"))?;
    let host = address.split(['/', '?', '#']).next().unwrap_or_default();
    let name = host.split(':').next().unwrap_or_default();
    if name.trim().is_empty() {
        return Err(error("a host must follow `mock://`"));
    }
    Ok(host)
}
