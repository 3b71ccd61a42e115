//! Instants. Rule: IAM-COND-20.
//!
//! The calendar is the proleptic Gregorian one, years 0000 to 9999, with days of 86,400 seconds: a second `60` is
//! malformed, because the format that AWS names (the W3C's profile of ISO 8601) counts seconds from 00 to 59, and
//! Unix time has no instant for a leap second either. Fractions of a second keep all their digits.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use super::{Comparison, Hit, Subject};
use crate::{Ambiguities, Evidence, Outcome};

/// Digits that would lie in the fifth millennium as seconds are probably milliseconds. Rule: AMB-22.
const MILLISECONDS_ABOVE: i64 = 100_000_000_000;

const SECONDS_A_DAY: i64 = 86_400;

/// A point in time: whole seconds since 1970-01-01T00:00:00Z, and the digits of the fraction that is added.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant<'a> {
    seconds: Seconds<'a>,
    /// Without trailing zeros, so that the order of texts is the order of fractions.
    fraction: Cow<'a, str>,
}

/// Whole seconds, in order: digits alone are a date however many they are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Seconds<'a> {
    Counted(i64),
    /// More than can be counted: how many digits, and the digits, the first of them no zero.
    Beyond(usize, Cow<'a, str>),
}

impl<'a> Seconds<'a> {
    /// Reads digits.
    fn of_digits(digits: &'a str) -> Self {
        let digits = digits.trim_start_matches('0');
        if digits.is_empty() {
            return Self::Counted(0);
        }
        digits.parse().map_or_else(
            |_| Self::Beyond(digits.len(), Cow::Borrowed(digits)),
            Self::Counted,
        )
    }

    fn counted(&self) -> Option<i64> {
        match self {
            Self::Counted(seconds) => Some(*seconds),
            Self::Beyond(..) => None,
        }
    }

    fn into_owned(self) -> Seconds<'static> {
        match self {
            Self::Counted(seconds) => Seconds::Counted(seconds),
            Self::Beyond(count, digits) => Seconds::Beyond(count, Cow::Owned(digits.into_owned())),
        }
    }
}

/// Why digits alone may mean something else than seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// Four digits are also a year.
    Year,
    /// So many digits may be milliseconds.
    Milliseconds,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Year => "could be a year",
            Self::Milliseconds => "could be milliseconds",
        })
    }
}

/// A text that is an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Date<'a> {
    instant: Instant<'a>,
    doubt: Option<(Doubt, Instant<'a>)>,
    /// True for a time of day without a zone, taken as UTC.
    pub(crate) lacks_zone: bool,
}

impl<'a> Instant<'a> {
    fn at(seconds: i64) -> Self {
        Self {
            seconds: Seconds::Counted(seconds),
            fraction: Cow::Borrowed(""),
        }
    }

    /// How many digits of the fraction it has.
    pub(crate) fn fraction_digits(&self) -> usize {
        self.fraction.len()
    }

    /// The instant one second before.
    pub(crate) fn a_second_before(&self) -> Instant<'static> {
        let seconds = self.seconds.counted();
        Instant::at(seconds.map_or(i64::MAX, |seconds| seconds.saturating_sub(1)))
    }

    /// An instant that is later, but earlier than any other with at most so many digits of a fraction.
    pub(crate) fn just_after(&self, digits: usize) -> Instant<'static> {
        Instant {
            seconds: self.seconds.clone().into_owned(),
            fraction: Cow::Owned(format!("{:0<digits$}1", self.fraction)),
        }
    }

    /// The instant in the form of `2025-03-09T10:20:30.5Z`; `None` outside the years 0000 to 9999.
    pub(crate) fn to_text(&self) -> Option<String> {
        let seconds = self.seconds.counted()?;
        let (day, second) = (
            seconds.div_euclid(SECONDS_A_DAY),
            seconds.rem_euclid(SECONDS_A_DAY),
        );
        let (year, month, day) = civil(day)?;
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        let point = if self.fraction.is_empty() { "" } else { "." };
        Some(format!(
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{point}{}Z",
            self.fraction
        ))
    }

    fn into_owned(self) -> Instant<'static> {
        Instant {
            seconds: self.seconds.into_owned(),
            fraction: Cow::Owned(self.fraction.into_owned()),
        }
    }
}

/// Whole seconds since 1970-01-01T00:00:00Z of a date in a form of IAM-COND-20; a fraction is cut off. `None` for what
/// is no date, or one so far away that the number does not fit.
///
/// ```
/// assert_eq!(preclear_condition::unix_seconds("1970-01-02T00:00:00.5Z"), Some(86_400));
/// assert_eq!(preclear_condition::unix_seconds("tomorrow"), None);
/// ```
#[must_use]
pub fn unix_seconds(text: &str) -> Option<i64> {
    Date::parse(text).and_then(|date| date.instant.seconds.counted())
}

impl<'a> Date<'a> {
    /// Reads a date in one of the forms of the rule.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Self::parse_digits(text);
        }
        let mut reader = Reader { rest: text };
        let (year, month, day) = reader.date()?;
        let midnight = days_from_epoch(year, month, day).checked_mul(SECONDS_A_DAY)?;
        if reader.rest.is_empty() {
            return Some(Self::settled(Instant::at(midnight), false));
        }
        if !reader.full_date(text) {
            return None;
        }
        let (second_of_day, fraction) = reader.time_of_day()?;
        let offset = reader.zone()?;
        let instant = Instant {
            seconds: Seconds::Counted(midnight + second_of_day - offset.unwrap_or(0)),
            fraction: Cow::Borrowed(fraction.trim_end_matches('0')),
        };
        Some(Self::settled(instant, offset.is_none()))
    }

    fn settled(instant: Instant<'a>, lacks_zone: bool) -> Self {
        Self {
            instant,
            doubt: None,
            lacks_zone,
        }
    }

    /// Digits alone are Unix seconds, with the other meaning kept where there is one.
    fn parse_digits(text: &'a str) -> Option<Self> {
        let seconds = Seconds::of_digits(text);
        let doubt = if text.len() == 4 {
            let first = days_from_epoch(seconds.counted()?, 1, 1).checked_mul(SECONDS_A_DAY)?;
            Some((Doubt::Year, Instant::at(first)))
        } else if seconds > Seconds::Counted(MILLISECONDS_ABOVE) {
            let (whole, fraction) = text.split_at_checked(text.len().checked_sub(3)?)?;
            let instant = Instant {
                seconds: Seconds::of_digits(whole),
                fraction: Cow::Borrowed(fraction.trim_end_matches('0')),
            };
            Some((Doubt::Milliseconds, instant))
        } else {
            None
        };
        let instant = Instant {
            seconds,
            fraction: Cow::Borrowed(""),
        };
        Some(Self {
            instant,
            doubt,
            lacks_zone: false,
        })
    }

    /// The instant, as guessed where it may be another.
    #[cfg(test)]
    pub(crate) fn instant(&self) -> &Instant<'a> {
        &self.instant
    }

    /// Why it may mean another instant, if it may.
    pub(crate) fn doubt(&self) -> Option<Doubt> {
        self.doubt.as_ref().map(|(doubt, _)| *doubt)
    }

    /// Order of the two instants, first as guessed (digits alone are seconds), then in every other combination of
    /// readings: whoever reads one four-digit text as a year reads them all so. Rule: AMB-22.
    pub(crate) fn compare(&self, other: &Date<'_>) -> [Ordering; 4] {
        [(false, false), (true, false), (false, true), (true, true)]
            .map(|(years, millis)| self.read(years, millis).cmp(other.read(years, millis)))
    }

    fn read(&self, years: bool, milliseconds: bool) -> &Instant<'a> {
        match &self.doubt {
            Some((Doubt::Year, instant)) if years => instant,
            Some((Doubt::Milliseconds, instant)) if milliseconds => instant,
            _ => &self.instant,
        }
    }

    /// The date without its text.
    pub(crate) fn into_owned(self) -> Date<'static> {
        Date {
            instant: self.instant.into_owned(),
            doubt: self
                .doubt
                .map(|(doubt, instant)| (doubt, instant.into_owned())),
            lacks_zone: self.lacks_zone,
        }
    }
}

/// What is left of a text that is read from the left.
struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    /// Takes `count` digits.
    fn number(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.rest.split_at_checked(count)?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        self.rest = rest;
        digits.parse().ok()
    }

    fn number_up_to(&mut self, count: usize, max: i64) -> Option<i64> {
        self.number(count).filter(|number| *number <= max)
    }

    fn take(&mut self, any_of: &[char]) -> bool {
        let rest = self.rest.strip_prefix(any_of);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; what is left out is the first.
    fn date(&mut self) -> Option<(i64, i64, i64)> {
        let year = self.number(4)?;
        if !self.take(&['-']) {
            return Some((year, 1, 1));
        }
        let month = self.number_up_to(2, 12).filter(|month| *month >= 1)?;
        if !self.take(&['-']) {
            return Some((year, month, 1));
        }
        let day = self.number_up_to(2, days_in_month(year, month))?;
        (day >= 1).then_some((year, month, day))
    }

    /// True where all of `YYYY-MM-DD` has been read: only then a time of day may follow.
    fn full_date(&self, text: &str) -> bool {
        text.len() - self.rest.len() == "YYYY-MM-DD".len()
    }

    /// `Thh:mm`, `Thh:mm:ss` or `Thh:mm:ss.f`: seconds since midnight and digits of the fraction.
    fn time_of_day(&mut self) -> Option<(i64, &'a str)> {
        if !self.take(&['T', 't']) {
            return None;
        }
        let hour = self.number_up_to(2, 23)?;
        if !self.take(&[':']) {
            return None;
        }
        let minute = self.number_up_to(2, 59)?;
        let to_minute = hour * 3600 + minute * 60;
        if !self.take(&[':']) {
            return Some((to_minute, ""));
        }
        let second = self.number_up_to(2, 59)?;
        if !self.take(&['.']) {
            return Some((to_minute + second, ""));
        }
        let end = self
            .rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(self.rest.len());
        let (fraction, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        (!fraction.is_empty()).then_some((to_minute + second, fraction))
    }

    /// `Z`, `±hh:mm` or nothing, and then the end: seconds ahead of UTC.
    fn zone(&mut self) -> Option<Option<i64>> {
        if self.rest.is_empty() {
            return Some(None);
        }
        if self.take(&['Z', 'z']) {
            return self.rest.is_empty().then_some(Some(0));
        }
        let is_behind = self.rest.starts_with('-');
        if !self.take(&['+', '-']) {
            return None;
        }
        let hours = self.number_up_to(2, 23)?;
        if !self.take(&[':']) {
            return None;
        }
        let ahead = hours * 3600 + self.number_up_to(2, 59)? * 60;
        self.rest
            .is_empty()
            .then_some(Some(if is_behind { -ahead } else { ahead }))
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date of the years 0 to 9999.
fn days_from_epoch(year: i64, month: i64, day: i64) -> i64 {
    /// Days from 0000-01-01 to 1970-01-01.
    const EPOCH: i64 = 719_528;
    let before_year = if year == 0 {
        0
    } else {
        let past = year - 1;
        // Year 0 is a leap year and counts too.
        365 * year + past / 4 - past / 100 + past / 400 + 1
    };
    let before_month: i64 = (1..month).map(|month| days_in_month(year, month)).sum();
    before_year + before_month + day - 1 - EPOCH
}

/// Year, month and day so many days after 1970-01-01; `None` outside the years 0000 to 9999.
fn civil(days: i64) -> Option<(i64, i64, i64)> {
    if days < days_from_epoch(0, 1, 1) || days > days_from_epoch(9999, 12, 31) {
        return None;
    }
    // No year is longer than 366 days, so this one does not come after the day.
    let mut year = (days - days_from_epoch(0, 1, 1)) / 366;
    while days_from_epoch(year + 1, 1, 1) <= days {
        year += 1;
    }
    let month = (1..=12)
        .rev()
        .find(|month| days_from_epoch(year, *month, 1) <= days)?;
    Some((year, month, days - days_from_epoch(year, month, 1) + 1))
}

/// Operands of a `Date…` test.
#[derive(Debug, Clone)]
pub(crate) struct Dates {
    comparison: Comparison,
    operands: Vec<Option<Date<'static>>>,
}

impl Dates {
    pub(crate) fn new<'t>(comparison: Comparison, operands: impl Iterator<Item = &'t str>) -> Self {
        let operands = operands
            .map(|text| Date::parse(text).map(Date::into_owned))
            .collect();
        Self {
            comparison,
            operands,
        }
    }

    /// The operands that are dates, in each of their readings.
    pub(crate) fn points(&self) -> Vec<&Instant<'static>> {
        let readable = self.operands.iter().flatten();
        readable
            .flat_map(|date| {
                let other = date.doubt.as_ref().map(|(_, instant)| instant);
                std::iter::once(&date.instant).chain(other)
            })
            .collect()
    }

    pub(crate) fn matches<E: Evidence>(
        &self,
        subject: Subject<'_>,
        ambiguities: Ambiguities,
    ) -> Hit<E> {
        let mut readable = self.operands.iter().flatten();
        let malformed_operand = readable.clone().count() < self.operands.len();
        let Subject::Text(text) = subject else {
            return Hit::of_some_text(readable.next().is_some(), malformed_operand);
        };
        match Date::parse(text) {
            None => Hit::malformed_value(),
            Some(date) => Hit {
                matched: super::any_of(readable, |operand| self.holds(&date, operand, ambiguities)),
                is_malformed: malformed_operand,
            },
        }
    }

    fn holds<E: Evidence>(
        &self,
        date: &Date<'_>,
        operand: &Date<'_>,
        ambiguities: Ambiguities,
    ) -> Outcome<E> {
        let [guess, others @ ..] = date
            .compare(operand)
            .map(|ordering| self.comparison.holds(ordering));
        if others.iter().all(|other| *other == guess) {
            Outcome::known(guess)
        } else {
            ambiguities.decide(22, guess)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn order(a: &str, b: &str) -> Ordering {
        Date::parse(a).unwrap().compare(&Date::parse(b).unwrap())[0]
    }

    fn seconds(text: &str) -> i64 {
        Date::parse(text)
            .unwrap()
            .instant
            .seconds
            .counted()
            .unwrap()
    }

    #[test]
    fn calendar_meets_known_instants() {
        for (text, expected) in [
            ("1970-01-01", 0),
            ("1970-01-02", 86_400),
            ("1969-12-31T23:59:59Z", -1),
            ("2000-02-29T00:00:00Z", 951_782_400),
            ("2001-09-09T01:46:40Z", 1_000_000_000),
            ("2038-01-19T03:14:08Z", 2_147_483_648),
            ("2025-01-01T00:00:00Z", 1_735_689_600),
            ("0000-01-01", -62_167_219_200),
            ("0001-01-01", -62_135_596_800),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
            ("1700000000", 1_700_000_000),
            ("0", 0),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }

    #[test]
    fn every_form_is_read() {
        for (a, b) in [
            ("2025-03", "2025-03-01T00:00:00Z"),
            ("2025-03-09", "2025-03-09T00:00Z"),
            ("2025-03-09t10:20z", "2025-03-09T10:20:00.000Z"),
            ("2025-01-01T01:00:00+01:00", "2025-01-01T00:00:00Z"),
            ("2024-12-31T18:30:00-05:30", "2025-01-01T00:00:00Z"),
            ("2025-03-09T10:20:30", "2025-03-09T10:20:30Z"),
            ("2025-03-09T10:20", "2025-03-09T10:20:00+00:00"),
            ("2025-03-09T10:20:30.50Z", "2025-03-09T10:20:30.5-00:00"),
        ] {
            assert_eq!(order(a, b), Ordering::Equal, "{a} {b}");
        }
        assert!(Date::parse("2025-03-09T10:20:30").unwrap().lacks_zone);
        assert!(!Date::parse("2025-03-09T10:20:30Z").unwrap().lacks_zone);
        assert!(!Date::parse("2025-03-09").unwrap().lacks_zone);
    }

    #[test]
    fn fractions_keep_every_digit() {
        for (a, b) in [
            ("2025-01-01T00:00:00Z", "2025-01-01T00:00:00.000000000001Z"),
            (
                "2025-01-01T00:00:00.0000000000010Z",
                "2025-01-01T00:00:00.0000000000011Z",
            ),
            ("2025-01-01T00:00:00.09Z", "2025-01-01T00:00:00.1Z"),
            ("1969-12-31T23:59:58.9Z", "1969-12-31T23:59:59.1Z"),
        ] {
            assert_eq!(order(a, b), Ordering::Less, "{a} {b}");
        }
    }

    #[test]
    fn other_texts_are_not_dates() {
        for text in [
            "",
            "tomorrow",
            "2025-1-1",
            "2025-13",
            "2025-00",
            "2025-02-29",
            "1900-02-29",
            "2025-04-31",
            "2025-01-00",
            "2025-01-01T",
            "2025-01-01Z",
            "2025-01T00:00Z",
            "2025T00:00Z",
            "2025-01-01T24:00:00Z",
            "2025-01-01T23:60:00Z",
            "2016-12-31T23:59:60Z",
            "2025-01-01T00Z",
            "2025-01-01T00:00:00.Z",
            "2025-01-01T00:00:00,5Z",
            "2025-01-01T00:00:00+0100",
            "2025-01-01T00:00:00+01",
            "2025-01-01T00:00:00 Z",
            "2025-01-01 00:00:00Z",
            "2025-01-01T00:00:00ZZ",
            "2025-01-01T00:00:00+25:00",
            " 2025-01-01",
            "-5",
            "1700000000.5",
            "99999999999999999999.5",
            "-99999999999999999999",
            "２０２５-01-01",
            "2025-01-0é",
        ] {
            assert!(Date::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn instants_beyond_the_calendar_have_no_text() {
        assert!(Instant::at(253_402_300_800).to_text().is_none());
        assert!(Instant::at(-62_167_219_201).to_text().is_none());
        assert!(Instant::at(i64::MIN).to_text().is_none());
    }

    #[test]
    fn digits_alone_are_seconds_however_many_there_are() {
        let endless = format!("1{}", "0".repeat(4000));
        let rising = [
            "9223372036854775806",
            "9223372036854775807",
            "9223372036854775808",
            "9999999999999999998",
            "9999999999999999999",
            "10000000000000000000",
            "0099999999999999999999",
            &endless,
        ];
        for pair in rising.windows(2) {
            assert_eq!(order(pair[0], pair[1]), Ordering::Less, "{pair:?}");
            assert_eq!(order("2025-01-01", pair[1]), Ordering::Less, "{pair:?}");
        }
        assert_eq!(order(&endless, &format!("000{endless}")), Ordering::Equal);
        assert_eq!(
            order("00000000000000000000005", "1970-01-01T00:00:05Z"),
            Ordering::Equal
        );
        // 9,223,372,036,854,775,808 milliseconds are seconds that can be counted.
        let readings = Date::parse("9223372036854775808").unwrap();
        assert_eq!(readings.doubt(), Some(Doubt::Milliseconds));
        let as_millis = Date::parse("9223372036854775").unwrap();
        assert_eq!(readings.compare(&as_millis)[2], Ordering::Greater);
        assert_eq!(unix_seconds("9223372036854775808"), None);
        let far = Date::parse(&endless).unwrap().instant;
        assert_eq!(far.to_text(), None);
        assert!(far.a_second_before() < far && far < far.just_after(3));
    }

    #[test]
    fn digits_alone_may_mean_something_else() {
        let date = |text| Date::parse(text).unwrap();
        assert_eq!(date("2025").doubt(), Some(Doubt::Year));
        assert_eq!(date("100000000000").doubt(), None);
        assert_eq!(date("100000000001").doubt(), Some(Doubt::Milliseconds));
        assert_eq!(date("12025").doubt(), None);
        assert_eq!(date("202").doubt(), None);
        assert_eq!(date("2025-01").doubt(), None);
        let orders = date("2025").compare(&date("2025-01-01"));
        assert_eq!(
            orders,
            [
                Ordering::Less,
                Ordering::Equal,
                Ordering::Less,
                Ordering::Equal
            ]
        );
        let orders = date("1735689600500").compare(&date("2025-01-01T00:00:00.5Z"));
        assert_eq!(
            orders,
            [
                Ordering::Greater,
                Ordering::Greater,
                Ordering::Equal,
                Ordering::Equal
            ]
        );
        assert_eq!(date("2025").compare(&date("2025")), [Ordering::Equal; 4]);
    }

    proptest! {
        #[test]
        fn any_text_is_a_date_or_not(text in ".{0,30}") {
            let _ = Date::parse(&text);
        }

        #[test]
        fn nearly_dates_do_not_panic(text in "[0-9T:Zz+.é-]{0,30}") {
            let _ = Date::parse(&text);
        }

        #[test]
        fn days_follow_each_other(day in -719_000_i64..2_900_000) {
            // Howard Hinnant's civil-from-days walk the other way round: the two must be inverse.
            let z = day + 719_468;
            let era = z.div_euclid(146_097);
            let doe = z.rem_euclid(146_097);
            let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
            let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
            let mp = (5 * doy + 2) / 153;
            let (d, m) = (doy - (153 * mp + 2) / 5 + 1, if mp < 10 { mp + 3 } else { mp - 9 });
            let y = yoe + era * 400 + i64::from(m <= 2);
            prop_assert_eq!(days_from_epoch(y, m, d), day);
            prop_assert_eq!(civil(day), (0..=9999).contains(&y).then_some((y, m, d)));
        }

        #[test]
        fn an_instant_is_written_as_it_is_read(seconds in -62_167_219_200_i64..253_402_300_800, nanos in 0_u32..1000) {
            let text = Instant::at(seconds).to_text().unwrap();
            let date = Date::parse(&text).unwrap();
            prop_assert_eq!(date.instant.seconds, Seconds::Counted(seconds));
            let fraction = Instant { seconds: Seconds::Counted(seconds), fraction: Cow::Owned(nanos.to_string().trim_end_matches('0').to_owned()) };
            let text = fraction.to_text().unwrap();
            prop_assert_eq!(&Date::parse(&text).unwrap().instant, &fraction);
            let after = fraction.just_after(4);
            prop_assert!(fraction < after);
            let text = after.to_text().unwrap();
            prop_assert_eq!(&Date::parse(&text).unwrap().instant, &after);
        }
    }
}
