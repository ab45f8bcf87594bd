//! Numbers for people.

use crate::report::number::fixed;
pub(super) use crate::report::number::{plural, quoted};

/// `1 234 567`, with thin groups from five digits on.
pub(super) fn count(number: u64) -> String {
    fixed(number as f64, 0)
}

/// `1.2 M events/s`.
pub(super) fn speed(number: f64) -> String {
    let (worth, name) = match number {
        n if n >= 1e9 => (1e9, "G "),
        n if n >= 1e6 => (1e6, "M "),
        n if n >= 1e3 => (1e3, "k "),
        _ => (1.0, ""),
    };
    let value = number / worth;
    let decimals = usize::from(value < 10.0 && worth > 1.0);
    format!("{value:.decimals$} {name}events/s")
}

/// Seconds by the clock: `18 ms`, `2.4 s`.
pub(super) fn spent(seconds: f64) -> String {
    if seconds < 1.0 {
        format!("{:.0} ms", seconds * 1e3)
    } else {
        format!("{seconds:.1} s")
    }
}

/// `1.5 GiB`.
pub(super) fn bytes(number: u64) -> String {
    let number = number as f64;
    let (worth, name) = match number {
        n if n >= 1e9 => (1_073_741_824.0, "GiB"),
        n if n >= 1e6 => (1_048_576.0, "MiB"),
        _ => (1024.0, "KiB"),
    };
    format!("{:.1} {name}", number / worth)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(
            [speed(12.0), speed(1234.0), speed(2.5e7)],
            ["12 events/s", "1.2 k events/s", "25 M events/s"]
        );
        assert_eq!(bytes(3 << 30), "3.0 GiB");
        assert_eq!([spent(0.018), spent(2.44)], ["18 ms", "2.4 s"]);
    }
}
