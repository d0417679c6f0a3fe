/// doc
#[macro_export]
macro_rules! async_for {
    ($($input:tt)*) => {
        $crate::__private::async_for! { ($crate) $($input)* }
    };
}

/// doc
#[macro_export]
macro_rules! async_with {
    ($($input:tt)*) => {
        $crate::__private::async_with! { ($crate) $($input)* }
    };
}
