//! The evaluation clock as condition keys show it. Rule: IAM-CTX-2.

use crate::reference::value::Value;

/// `aws:CurrentTime` and `aws:EpochTime` of a clock; `None` for other keys. Rule: IAM-CTX-2.
pub(crate) fn derived(now: Option<&str>, key: &str) -> Option<Value> {
    let now = now?;
    match key {
        "aws:currenttime" => Some(Value::one(now.to_owned())),
        "aws:epochtime" => {
            let seconds = seconds(now)?;
            Some(Value::one(seconds.to_string()))
        }
        _ => None,
    }
}

/// Seconds since 1970 of a date `YYYY-MM-DD`, or of a time `YYYY-MM-DDThh:mm[:ss[.f]]` in UTC or with its offset; what is
/// behind the second is dropped.
pub(crate) fn seconds(text: &str) -> Option<i64> {
    let (date, time) = text.split_once(['T', 't', ' ']).unwrap_or((text, "00:00Z"));
    let days = days(date)?;
    let at = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at_checked(at)?;
    let offset = match zone.get(..1) {
        Some("+") => of_day(zone.get(1..)?)?,
        Some("-") => -of_day(zone.get(1..)?)?,
        _ => 0,
    };
    Some(days * 86_400 + of_day(clock)? - offset)
}

/// Seconds of `hh:mm[:ss[.f]]`.
fn of_day(clock: &str) -> Option<i64> {
    let whole = clock.split_once('.').map_or(clock, |(whole, _)| whole);
    let mut fields = whole.split(':').map(|field| field.parse::<i64>().ok());
    let hours = fields.next()??;
    let minutes = fields.next().unwrap_or(Some(0))?;
    let seconds = fields.next().unwrap_or(Some(0))?;
    Some(hours * 3_600 + minutes * 60 + seconds)
}

/// Days since 1970-01-01 of a date in the calendar of today.
fn days(date: &str) -> Option<i64> {
    let mut fields = date.split('-').map(|field| field.parse::<i64>().ok());
    let year = fields.next()??;
    let month = fields.next().unwrap_or(Some(1))?;
    let day = fields.next().unwrap_or(Some(1))?;
    if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let years: i64 = match year < 1970 {
        true => -(year..1970).map(of_year).sum::<i64>(),
        false => (1970..year).map(of_year).sum(),
    };
    let months: i64 = (1..month).map(|month| of_month(year, month)).sum();
    Some(years + months + day - 1)
}

/// A point in time as AWS writes it: seconds since 1970, and a fraction such as `.5`.
pub(crate) fn instant(seconds: i64, fraction: &str) -> String {
    let (mut day, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let mut year = 1970;
    while day < 0 {
        year -= 1;
        day += of_year(year);
    }
    while day >= of_year(year) {
        day -= of_year(year);
        year += 1;
    }
    let mut month = 1;
    while day >= of_month(year, month) {
        day -= of_month(year, month);
        month += 1;
    }
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    format!(
        "{year:04}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z",
        day + 1
    )
}

fn is_leap(year: i64) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

fn of_year(year: i64) -> i64 {
    if is_leap(year) { 366 } else { 365 }
}

fn of_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iam_ctx_2_the_clock_is_told_in_seconds() {
        assert_eq!(seconds("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(seconds("2026-01-01T00:00:00Z"), Some(1_767_225_600));
        assert_eq!(seconds("2026-01-01T01:00:00+01:00"), Some(1_767_225_600));
        assert_eq!(seconds("2024-03-01"), Some(1_709_251_200));
        assert_eq!(seconds("1969-12-31T23:59:59.5Z"), Some(-1));
        assert_eq!(seconds("soon"), None);
        for at in [0, 951_782_400, 1_767_225_600, -86_401] {
            assert_eq!(seconds(&instant(at, "")), Some(at));
        }
        assert_eq!(instant(951_782_400, ".5"), "2000-02-29T00:00:00.5Z");
    }
}
