//! Points in time. Rule: IAM-COND-20.

use super::super::value::{Open, Reading};

/// A point in time, ordered by time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Instant {
    /// Seconds since 1970; the greatest number where they do not fit.
    seconds: i128,
    /// Number of digits and digits of seconds that do not fit.
    beyond: (usize, String),
    /// Digits behind the point, without zeros at the end.
    fraction: String,
}

/// Above this, in the year 5138, a number of seconds is probably one of milliseconds. Rule: IAM-COND-20.
const MOST_SECONDS: i128 = 100_000_000_000;

impl Instant {
    /// Reads a date or a number of seconds. Rule: IAM-COND-20, AMB-22.
    pub(super) fn parse(text: &str, reading: &Reading) -> Option<Instant> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Instant::calendar(text);
        }
        let seconds = Instant::of_seconds(text, "");
        if text.len() == 4 && !reading.guesses(Open::FourDigits) {
            return Instant::calendar(text);
        }
        if seconds.seconds > MOST_SECONDS && !reading.guesses(Open::Milliseconds) {
            let (whole, thousandths) = text.split_at_checked(text.len().checked_sub(3)?)?;
            return Some(Instant::of_seconds(whole, thousandths));
        }
        Some(seconds)
    }

    fn of_seconds(digits: &str, fraction: &str) -> Instant {
        let digits = digits.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0').to_owned();
        match format!("0{digits}").parse() {
            Ok(seconds) => Instant {
                seconds,
                beyond: (0, String::new()),
                fraction,
            },
            Err(_) => Instant {
                seconds: i128::MAX,
                beyond: (digits.len(), digits.to_owned()),
                fraction,
            },
        }
    }

    /// `YYYY`, `YYYY-MM`, `YYYY-MM-DD`, `YYYY-MM-DDThh:mm`, `…:ss`, `…:ss.f`, the last three with a zone or without.
    fn calendar(text: &str) -> Option<Instant> {
        let mut rest = Rest(text);
        let year = rest.digits(4)?;
        let (mut month, mut day, mut seconds, mut fraction) = (1, 1, 0, String::new());
        if !rest.is_at_end() {
            rest.one_of(&['-'])?;
            month = rest.digits(2)?;
        }
        if !rest.is_at_end() {
            rest.one_of(&['-'])?;
            day = rest.digits(2)?;
        }
        if !rest.is_at_end() {
            rest.one_of(&['T', 't'])?;
            (seconds, fraction) = rest.time()?;
            seconds -= rest.zone()?;
        }
        let is_day = (1..=12).contains(&month) && (1..=days_of(year, month)).contains(&day);
        (is_day && rest.is_at_end()).then(|| Instant {
            seconds: days_since_1970(year, month, day) * 86_400 + seconds,
            beyond: (0, String::new()),
            fraction,
        })
    }
}

/// What is left of a text.
struct Rest<'t>(&'t str);

impl Rest<'_> {
    fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    /// A number of exactly so many digits.
    fn digits(&mut self, count: usize) -> Option<i128> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        self.0 = rest;
        digits.parse().ok()
    }

    fn one_of(&mut self, characters: &[char]) -> Option<char> {
        let first = self
            .0
            .chars()
            .next()
            .filter(|first| characters.contains(first))?;
        self.0 = self.0.strip_prefix(first)?;
        Some(first)
    }

    /// Hours and minutes, perhaps seconds, perhaps a fraction.
    fn time(&mut self) -> Option<(i128, String)> {
        let hours = self.digits(2).filter(|hours| *hours < 24)?;
        self.one_of(&[':'])?;
        let minutes = self.digits(2).filter(|minutes| *minutes < 60)?;
        let mut seconds = 0;
        let mut fraction = String::new();
        if self.one_of(&[':']).is_some() {
            seconds = self.digits(2).filter(|seconds| *seconds < 60)?;
            if self.one_of(&['.']).is_some() {
                while let Some(digit) =
                    self.one_of(&['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
                {
                    fraction.push(digit);
                }
                if fraction.is_empty() {
                    return None;
                }
            }
        }
        let fraction = fraction.trim_end_matches('0').to_owned();
        Some((hours * 3_600 + minutes * 60 + seconds, fraction))
    }

    /// Seconds east of UTC; none is UTC.
    fn zone(&mut self) -> Option<i128> {
        if self.is_at_end() {
            return Some(0);
        }
        let sign = match self.one_of(&['Z', 'z', '+', '-'])? {
            '+' => 1,
            '-' => -1,
            _ => return Some(0),
        };
        let hours = self.digits(2).filter(|hours| *hours < 24)?;
        self.one_of(&[':'])?;
        let minutes = self.digits(2).filter(|minutes| *minutes < 60)?;
        Some(sign * (hours * 3_600 + minutes * 60))
    }
}

fn is_leap(year: i128) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of(year: i128, month: i128) -> i128 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Counted year by year and month by month.
fn days_since_1970(year: i128, month: i128, day: i128) -> i128 {
    let days_of_year = |year| if is_leap(year) { 366 } else { 365 };
    let years: i128 = if year < 1970 {
        -(year..1970).map(days_of_year).sum::<i128>()
    } else {
        (1970..year).map(days_of_year).sum()
    };
    let months: i128 = (1..month).map(|month| days_of(year, month)).sum();
    years + months + day - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::calendar(text).unwrap_or_else(|| unreachable!("{text}"))
    }

    #[test]
    fn dates_are_seconds() {
        for (text, seconds) in [
            ("1970", "0"),
            ("1970-01-02", "86400"),
            ("2025-01-01", "1735689600"),
            ("2025-01-01T00:00Z", "1735689600"),
            ("2025-01-01T01:00:00+01:00", "1735689600"),
            ("2024-12-31t20:30:00.000-03:30", "1735689600"),
            ("2025-01-01T00:00:00", "1735689600"),
            ("2000-03-01", "951868800"),
            ("2024-02-29T23:59:59z", "1709251199"),
        ] {
            assert_eq!(at(text), Instant::of_seconds(seconds, ""), "{text}");
        }
    }

    #[test]
    fn instants_are_ordered() {
        let ascending = [
            at("0000-01-01T00:00+23:59"),
            at("0000"),
            at("1969-12-31T23:59:59.5Z"),
            at("1970"),
            at("1970-01-01T00:00:00.000000000000000000001Z"),
            at("1970-01-01T00:00:00.09Z"),
            at("1970-01-01T00:00:00.5Z"),
            at("1970-01-01T00:00:00.51Z"),
            at("9999-12-31T23:59:59Z"),
            Instant::of_seconds("9999999999999999999999999999999999999999999998", ""),
            Instant::of_seconds("9999999999999999999999999999999999999999999999", ""),
            Instant::of_seconds("10000000000000000000000000000000000000000000000", ""),
        ];
        assert!(ascending.is_sorted_by(|left, right| left < right));
        assert_eq!(at("1970-01-01T00:00:00.50Z"), at("1970-01-01T00:00:00.5Z"));
    }

    #[test]
    fn other_texts_are_no_dates() {
        for text in [
            "",
            "20250101",
            "2025-1-1",
            "2025-13",
            "2025-00-01",
            "2025-02-29",
            "2025-01-01T",
            "2025-01-01T00",
            "2025-01-01T24:00Z",
            "2025-01-01T00:60Z",
            "2025-01-01T00:00:60Z",
            "2025-01-01T00:00:00.Z",
            "2025-01-01Z",
            "2025-01-01T00:00+0100",
            "2025-01-01T00:00+24:00",
            "2025-01-01 00:00Z",
            " 2025",
            "2025-01-01T00:00Zx",
            "-2025",
            "-1",
            "1.5",
            "12025-01-01",
            "２０２５",
        ] {
            assert_eq!(Instant::calendar(text), None, "{text}");
        }
    }
}
