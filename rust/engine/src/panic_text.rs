//! The message of a caught panic.

use std::any::Any;

/// The text of a caught panic, as `panic!` makes it; for any other value, that there is none.
pub fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a text")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panics_say_what_they_said() {
        let text = |panic: fn()| {
            let panic = std::panic::catch_unwind(panic).unwrap_err();
            panic_text(&*panic).to_owned()
        };
        assert_eq!(text(|| panic!("plain")), "plain");
        assert_eq!(text(|| panic!("with {}", 1)), "with 1");
        assert_eq!(text(|| std::panic::panic_any(1)), "a panic without a text");
    }
}
