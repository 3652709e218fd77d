//! Moments in time as text, after RFC 3339.

/// Milliseconds since 1970 began in UTC, of a date (`2024-05-01`) or a date and a time
/// (`2024-05-01T12:30:00.5Z`, `2024-05-01 12:30+02:00`); without an offset in UTC. What is finer than a
/// millisecond is cut off.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if !text.is_ascii() || bytes.len() < 10 {
        return None;
    }
    let days = date(&text[..10])?;
    let Some(time) = text.get(10..).filter(|time| !time.is_empty()) else { return Some(days * DAY) };
    let time = time.strip_prefix(['T', 't', ' '])?;
    let zone = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    let offset = match &time[zone..] {
        "" | "Z" | "z" => 0,
        zone => {
            let sign = if zone.starts_with('-') { -1 } else { 1 };
            let (hours, minutes) = match zone.len() {
                6 if zone.as_bytes()[3] == b':' => (digits(&zone[1..3])?, digits(&zone[4..6])?),
                5 => (digits(&zone[1..3])?, digits(&zone[3..5])?),
                3 => (digits(&zone[1..3])?, 0),
                _ => return None,
            };
            (hours < 24 && minutes < 60).then_some(sign * (60 * hours + minutes) * 60_000)?
        }
    };
    Some(days * DAY + time_of_day(&time[..zone])? - offset)
}

const DAY: i64 = 86_400_000;

/// Days since 1970 began.
fn date(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let (year, month, day) = (digits(&text[..4])?, digits(&text[5..7])?, digits(&text[8..])?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    // Years from March on end with the leap day; the months from March on have 153 days in five.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Some(days + (153 * month + 2) / 5 + day - 1 - 719_468)
}

/// Milliseconds since midnight.
fn time_of_day(text: &str) -> Option<i64> {
    let mut parts = text.splitn(3, ':');
    let two = |part: &str| (part.len() == 2).then(|| digits(part)).flatten();
    let (hours, minutes) = (two(parts.next()?)?, two(parts.next()?)?);
    let (seconds, millis) = match parts.next() {
        None => (0, 0),
        Some(seconds) => match seconds.split_once('.') {
            None => (two(seconds)?, 0),
            Some((seconds, fraction)) => {
                digits(fraction)?;
                let millis: String = fraction.chars().chain("000".chars()).take(3).collect();
                (two(seconds)?, digits(&millis)?)
            }
        },
    };
    // A leap second is the one after it.
    (hours < 24 && minutes < 60 && seconds <= 60)
        .then_some(((60 * hours + minutes) * 60 + seconds) * 1000 + millis)
}

fn digits(text: &str) -> Option<i64> {
    let all_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    all_digits.then(|| text.get(..text.len().min(15))?.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read() {
        for (text, millis) in [
            ("1970-01-01", 0),
            ("1969-12-31T23:59:59.9999Z", -1),
            ("2000-02-29", 951_782_400_000),
            ("2024-05-01T12:30:00.5Z", 1_714_566_600_500),
            ("2024-05-01 14:30:00.500123+02:00", 1_714_566_600_500),
            ("2024-05-01T12:30", 1_714_566_600_000),
            ("2024-05-01T07:00:00-0530", 1_714_566_600_000),
            ("0001-01-01", -62_135_596_800_000),
        ] {
            assert_eq!(parse(text), Some(millis), "{text}");
        }
    }

    #[test]
    fn all_else_is_none() {
        for text in [
            "",
            "2024",
            "2024-13-01",
            "2023-02-29",
            "1900-02-29",
            "2024-05-01T",
            "2024-05-01T25:00",
            "2024-05-01T12:30:00+2",
            "2024-05-01T12:30:00.Z",
            "2024-05-01x",
            "2024/05/01",
            "2024-05-0１",
            "2024-04-31",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
