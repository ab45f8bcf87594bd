//! Numbers with units as other tools write them: `"50 ms"`, `"130859 us"`, `"76200 Kibit"`,
//! `"1 Gbit"`.

use super::Delay;
use crate::network::latency::LONGEST;
use crate::quantity::Bandwidth;
use crate::time::Duration;

/// Units of time and their seconds. The long names are Shadow's.
const TIMES: [(&str, f64); 13] = [
    ("ns", 1e-9),
    ("nanosecond", 1e-9),
    ("us", 1e-6),
    ("μs", 1e-6),
    ("microsecond", 1e-6),
    ("ms", 1e-3),
    ("millisecond", 1e-3),
    ("s", 1.0),
    ("sec", 1.0),
    ("second", 1.0),
    ("m", 60.0),
    ("min", 60.0),
    ("minute", 60.0),
];

/// Units of bandwidth and their bits per second: Shadow writes `bit` for bits a second.
const RATES: [(&str, f64); 16] = [
    ("bit", 1.0),
    ("kbit", 1e3),
    ("Kbit", 1e3),
    ("Mbit", 1e6),
    ("Gbit", 1e9),
    ("Kibit", 1024.0),
    ("Mibit", 1_048_576.0),
    ("Gibit", 1_073_741_824.0),
    ("B", 8.0),
    ("kB", 8e3),
    ("KB", 8e3),
    ("MB", 8e6),
    ("GB", 8e9),
    ("KiB", 8_192.0),
    ("MiB", 8_388_608.0),
    ("GiB", 8_589_934_592.0),
];

/// A finite number.
pub(super) fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|x: &f64| x.is_finite())
}

/// The number a text begins with, and the rest without blanks around.
fn split(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let digit = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+');
    let end = text.find(|c: char| !digit(c)).unwrap_or(text.len());
    // An exponent belongs to the number: `1e-3`.
    let rest = &text[end..];
    let power = rest.strip_prefix(['e', 'E']).map_or(0, |power| {
        let length = power.find(|c: char| !digit(c)).unwrap_or(power.len());
        if length == 0 { 0 } else { length + 1 }
    });
    let (digits, unit) = text.split_at(end + power);
    Some((number(digits)?, unit.trim()))
}

/// The delay of a link: not negative, not longer than half an hour, zero allowed.
pub(super) fn delay(text: &str) -> Result<Delay, String> {
    let Some((value, unit)) = split(text) else {
        return Err(format!("`{text}` is not a delay; write it like \"50 ms\""));
    };
    if value < 0.0 {
        return Err(format!("a negative delay: {text}"));
    }
    if unit.is_empty() {
        return Ok(Delay::Bare(value));
    }
    let plain = unit.strip_suffix('s').filter(|one| one.len() > 2);
    let known = |&&(name, _): &&(&str, f64)| name == unit || Some(name) == plain;
    let Some(&(_, seconds)) = TIMES.iter().find(known) else {
        return Err(format!("unknown unit `{unit}`; units: ns, us, ms, s, min"));
    };
    time(value * seconds, text).map(Delay::Time)
}

/// So many seconds, if they are not too many.
pub(super) fn time(seconds: f64, text: &str) -> Result<Duration, String> {
    let time = Duration::from_secs_f64(seconds);
    if time > LONGEST {
        return Err(format!("{text} is longer than {LONGEST}: another unit?"));
    }
    Ok(time)
}

/// What a link adds at random: a time with its unit, or zero.
pub(super) fn jitter(text: &str) -> Result<Duration, String> {
    match delay(text)? {
        Delay::Time(time) => Ok(time),
        Delay::Bare(0.0) => Ok(Duration::ZERO),
        _ => Err(format!("`{text}` needs a unit; write it like \"5 ms\"")),
    }
}

/// A share of lost datagrams.
pub(super) fn loss(text: &str) -> Result<f64, String> {
    let loss = number(text).filter(|loss| (0.0..=1.0).contains(loss));
    loss.ok_or_else(|| format!("`{text}` is not a share of losses; a number from 0 to 1 is"))
}

/// A bandwidth with its unit, above zero.
pub(super) fn bandwidth(text: &str) -> Result<Bandwidth, String> {
    let Some((value, unit)) = split(text) else {
        return Err(format!(
            "`{text}` is not a bandwidth; write it like \"100 Mbit\""
        ));
    };
    let name = unit.strip_suffix("/s").or_else(|| unit.strip_suffix("ps"));
    let name = name.unwrap_or(unit).trim();
    let Some(&(_, bits)) = RATES.iter().find(|&&(known, _)| known == name) else {
        let units = "units: bit, kbit, Mbit, Gbit, Kibit, Mibit, Gibit, B, kB, MB, KiB, MiB";
        return Err(if unit.is_empty() {
            format!("`{text}` needs a unit; {units}")
        } else {
            format!("unknown unit `{unit}`; {units}")
        });
    };
    let rate = (value * bits).round();
    if !(1.0..=1e18).contains(&rate) {
        return Err(format!(
            "{text} is no bandwidth of a host; write it like \"100 Mbit\""
        ));
    }
    Ok(Bandwidth(rate as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_other_tools() {
        let time = |text| match delay(text) {
            Ok(Delay::Time(time)) => time.as_nanos(),
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(time("130859 us"), 130_859_000);
        assert_eq!(time("50 ms"), time("0.05 seconds"));
        assert_eq!(time("1e-3s"), 1_000_000);
        assert_eq!(time("2 minutes"), 120_000_000_000);
        assert_eq!(delay("2.5"), Ok(Delay::Bare(2.5)));
        assert_eq!(bandwidth("76200 Kibit"), Ok(Bandwidth(78_028_800)));
        assert_eq!(bandwidth("1 Gbit"), bandwidth("1000 Mbit/s"));
        assert_eq!(bandwidth("1 MBps"), Ok(Bandwidth(8_000_000)));
        assert_eq!(jitter("0"), Ok(Duration::ZERO));
        for wrong in ["", "ms", "5 parsecs", "-1 ms", "1e9 s", "nan ms", "inf"] {
            assert!(delay(wrong).is_err(), "{wrong}");
        }
        for wrong in ["", "5", "0 Mbit", "-1 Mbit", "5 Mbyte"] {
            assert!(bandwidth(wrong).is_err(), "{wrong}");
        }
        assert!(loss("1.5").is_err() && loss("-0.1").is_err() && loss("x").is_err());
    }
}
