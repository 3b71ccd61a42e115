//! Exact decimals. Numbers are compared as digit strings, never as binary floats. Rule: IAM-COND-19.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::{Comparison, Hit, Subject};
use crate::{Evidence, Outcome};

/// Exponents beyond this are not numbers: no sensible text has them, and sums of them stay far from overflow.
const EXPONENT_MAX: u64 = 1_000_000_000_000_000;

/// Digits before or behind the point that are written out.
const PLAIN_DIGITS_MAX: usize = 512;

/// A decimal: its significant digits, and the power of ten of the first one.
#[derive(Debug, Clone)]
pub(crate) struct Decimal<'a> {
    negative: bool,
    /// Significant digits before the point (or the first ones behind it), without leading zeros.
    head: Cow<'a, [u8]>,
    /// Further digits; no trailing zeros in head and tail together.
    tail: Cow<'a, [u8]>,
    magnitude: i64,
}

/// A text that is a number in some spelling.
#[derive(Debug, Clone)]
pub(crate) struct Number<'a> {
    /// Its value.
    pub(crate) value: Decimal<'a>,
    /// True for `-`, digits, `.digits` and nothing else; other spellings are ambiguous (AMB-20).
    pub(crate) is_plain: bool,
}

impl<'a> Number<'a> {
    /// Reads `5`, `-5`, `5.25`; and, as not plain, `+5`, `.5`, `5.`, `1e3` and numbers between spaces.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let trimmed = text.trim();
        let (negative, unsigned, plus) = match trimmed.as_bytes().first()? {
            b'-' => (true, trimmed.get(1..)?, false),
            b'+' => (false, trimmed.get(1..)?, true),
            _ => (false, trimmed, false),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, Some(parse_exponent(exponent)?)),
            None => (unsigned, None),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (mantissa, None),
        };
        let digits = fraction.unwrap_or_default();
        if !is_digits(whole) || !is_digits(digits) || (whole.is_empty() && digits.is_empty()) {
            return None;
        }
        let is_plain = trimmed.len() == text.len()
            && !plus
            && exponent.is_none()
            && !whole.is_empty()
            && fraction != Some("");
        let value = Decimal::new(negative, whole, digits, exponent.unwrap_or(0))?;
        Some(Self { value, is_plain })
    }

    /// The number without its text.
    pub(crate) fn into_owned(self) -> Number<'static> {
        let Decimal {
            negative,
            head,
            tail,
            magnitude,
        } = self.value;
        Number {
            value: Decimal {
                negative,
                head: Cow::Owned(head.into_owned()),
                tail: Cow::Owned(tail.into_owned()),
                magnitude,
            },
            is_plain: self.is_plain,
        }
    }
}

impl<'a> Decimal<'a> {
    fn new(negative: bool, whole: &'a str, fraction: &'a str, exponent: i64) -> Option<Self> {
        let whole = whole.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        let (head, tail, magnitude) = if whole.is_empty() {
            let head = fraction.trim_start_matches('0');
            let zeros = i64::try_from(fraction.len() - head.len()).ok()?;
            (head, "", -1 - zeros)
        } else {
            let magnitude = i64::try_from(whole.len()).ok()? - 1;
            let head = if fraction.is_empty() {
                whole.trim_end_matches('0')
            } else {
                whole
            };
            (head, fraction, magnitude)
        };
        Some(Self {
            negative,
            head: Cow::Borrowed(head.as_bytes()),
            tail: Cow::Borrowed(tail.as_bytes()),
            magnitude: magnitude.checked_add(exponent)?,
        })
    }

    /// Order of the two values.
    pub(crate) fn compare(&self, other: &Decimal<'_>) -> Ordering {
        let signs = self.sign().cmp(&other.sign());
        if signs.is_ne() || self.sign() == 0 {
            return signs;
        }
        let size = self
            .magnitude
            .cmp(&other.magnitude)
            .then_with(|| self.digits().cmp(other.digits()));
        if self.negative { size.reverse() } else { size }
    }

    fn digits(&self) -> impl Iterator<Item = u8> {
        self.head.iter().chain(self.tail.iter()).copied()
    }

    /// How many digits behind the point it has, without trailing zeros; `None` if they are very many.
    pub(crate) fn fraction_digits(&self) -> Option<usize> {
        let digits = i64::try_from(self.head.len() + self.tail.len()).ok()?;
        if digits == 0 {
            return Some(0);
        }
        let behind = digits.checked_sub(self.magnitude.checked_add(1)?)?;
        usize::try_from(behind.max(0))
            .ok()
            .filter(|behind| *behind <= PLAIN_DIGITS_MAX)
    }

    /// Its size in the plain spelling, with at least so many digits behind the point; `None` if that is very long.
    pub(crate) fn size_text(&self, fraction_min: usize) -> Option<String> {
        let behind = self.fraction_digits()?.max(fraction_min);
        let before = match usize::try_from(self.magnitude.checked_add(1)?) {
            _ if self.sign() == 0 => 0,
            Ok(before) if before <= PLAIN_DIGITS_MAX => before,
            Ok(_) => return None,
            Err(_) => 0,
        };
        // Zeros between the point and the first digit of a small number.
        let zeros = if self.sign() == 0 {
            0
        } else {
            usize::try_from(self.magnitude.checked_add(1)?.min(0).unsigned_abs()).ok()?
        };
        let digits = std::iter::repeat_n('0', zeros)
            .chain(self.digits().map(char::from))
            .chain(std::iter::repeat('0'));
        let mut text = String::new();
        for (place, digit) in digits.take(before + behind).enumerate() {
            if place == before {
                text.push_str(if before == 0 { "0." } else { "." });
            }
            text.push(digit);
        }
        if text.is_empty() {
            text.push('0');
        }
        Some(text)
    }

    pub(crate) fn sign(&self) -> i8 {
        match (self.head.is_empty(), self.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn parse_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !is_digits(digits) {
        return None;
    }
    let size: u64 = digits.parse().ok().filter(|size| *size <= EXPONENT_MAX)?;
    let size = i64::try_from(size).ok()?;
    Some(if text.starts_with('-') { -size } else { size })
}

/// Which spellings are numbers. Rule: AMB-20.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// Plain ones; the register's guess.
    Plain,
    /// All that can be read.
    Any,
}

impl Spelling {
    fn accepts(self, number: &Number<'_>) -> bool {
        number.is_plain || self == Self::Any
    }
}

/// Operands of a `Numeric…` test.
#[derive(Debug, Clone)]
pub(crate) struct Numbers {
    comparison: Comparison,
    operands: Vec<Option<Number<'static>>>,
}

impl Numbers {
    pub(crate) fn new<'t>(comparison: Comparison, operands: impl Iterator<Item = &'t str>) -> Self {
        let operands = operands
            .map(|text| Number::parse(text).map(Number::into_owned))
            .collect();
        Self {
            comparison,
            operands,
        }
    }

    /// The operands that are numbers in some spelling.
    pub(crate) fn points(&self) -> Vec<&Decimal<'static>> {
        let readable = self.operands.iter().flatten();
        readable.map(|number| &number.value).collect()
    }

    /// True where an operand or the value is a number in another than the plain spelling.
    pub(crate) fn has_other_spelling(&self, subject: Subject<'_>) -> bool {
        let is_other = |number: &Number<'_>| !number.is_plain;
        self.operands.iter().flatten().any(is_other)
            || matches!(subject, Subject::Text(text) if Number::parse(text).as_ref().is_some_and(is_other))
    }

    pub(crate) fn matches<E: Evidence>(&self, subject: Subject<'_>, spelling: Spelling) -> Hit<E> {
        let mut accepted = self
            .operands
            .iter()
            .flatten()
            .filter(|number| spelling.accepts(number));
        let malformed_operand = accepted.clone().count() < self.operands.len();
        let Subject::Text(text) = subject else {
            return Hit::of_some_text(accepted.next().is_some(), malformed_operand);
        };
        match Number::parse(text).filter(|number| spelling.accepts(number)) {
            None => Hit::malformed_value(),
            Some(number) => Hit {
                matched: Outcome::known(
                    accepted
                        .any(|operand| self.comparison.holds(number.value.compare(&operand.value))),
                ),
                is_malformed: malformed_operand,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn compare(a: &str, b: &str) -> Ordering {
        Number::parse(a)
            .unwrap()
            .value
            .compare(&Number::parse(b).unwrap().value)
    }

    #[test]
    fn values_are_compared_not_texts() {
        for (a, b, expected) in [
            ("9", "10", Ordering::Less),
            ("10", "10", Ordering::Equal),
            ("1.0", "1", Ordering::Equal),
            ("007", "7.000", Ordering::Equal),
            ("-0", "0", Ordering::Equal),
            ("-0.0", "000", Ordering::Equal),
            ("-1", "1", Ordering::Less),
            ("-10", "-9", Ordering::Less),
            ("-1", "0", Ordering::Less),
            ("0.1", "0", Ordering::Greater),
            ("0.10", "0.1", Ordering::Equal),
            ("0.05", "0.1", Ordering::Less),
            ("0.05", "0.049", Ordering::Greater),
            ("100", "1", Ordering::Greater),
            ("120.5", "12.05", Ordering::Greater),
            ("100.5", "100.50", Ordering::Equal),
            (
                "9007199254740993",
                "9007199254740992.9999",
                Ordering::Greater,
            ),
            (
                "0.30000000000000000000000000000000000001",
                "0.3",
                Ordering::Greater,
            ),
        ] {
            assert_eq!(compare(a, b), expected, "{a} {b}");
            assert_eq!(compare(b, a), expected.reverse(), "{b} {a}");
        }
    }

    #[test]
    fn other_spellings_are_numbers_but_not_plain() {
        for (text, value) in [
            ("+5", "5"),
            (" 5", "5"),
            ("5\t", "5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("1e3", "1000"),
            ("1E+3", "1000"),
            ("25e-1", "2.5"),
            ("-1e-3", "-0.001"),
            ("1e000000000000000000000000000002", "100"),
        ] {
            assert!(!Number::parse(text).unwrap().is_plain, "{text}");
            assert_eq!(compare(text, value), Ordering::Equal, "{text}");
        }
        for text in ["5", "-5", "0", "5.25", "00", "-0.10"] {
            assert!(Number::parse(text).unwrap().is_plain, "{text}");
        }
    }

    #[test]
    fn other_texts_are_not_numbers() {
        for text in [
            "",
            " ",
            "ten",
            "-",
            "+",
            ".",
            "-.",
            "1.2.3",
            "1,5",
            "1_000",
            "0x10",
            "1e",
            "e3",
            "1e1.5",
            "1e++5",
            "1e-+5",
            "--5",
            "+-5",
            "5 5",
            "NaN",
            "inf",
            "٥",
            "1e9999999999999999999999",
        ] {
            assert!(Number::parse(text).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_number_or_not(text in ".{0,30}") {
            let _ = Number::parse(&text);
        }

        #[test]
        fn integers_compare_as_integers(a in any::<i64>(), b in any::<i64>()) {
            prop_assert_eq!(compare(&a.to_string(), &b.to_string()), a.cmp(&b));
        }

        #[test]
        fn scaled_integers_compare_as_integers(a in any::<i32>(), b in any::<i32>(), scale in 0_u32..12) {
            let text = |n: i32| {
                let digits = format!("{:0>20}", n.unsigned_abs());
                let (whole, fraction) = digits.split_at(20 - scale as usize);
                let sign = if n < 0 { "-" } else { "" };
                if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
            };
            prop_assert_eq!(compare(&text(a), &text(b)), a.cmp(&b));
            prop_assert_eq!(compare(&format!("{a}e-{scale}"), &text(a)), Ordering::Equal);
        }

        #[test]
        fn a_size_is_written_as_it_is_read(
            text in "-?[0-9]{1,4}(\\.[0-9]{1,4})?(e-?[0-9]{1,2})?",
            fraction in 0_usize..6,
        ) {
            let number = Number::parse(&text).unwrap();
            let sign = if number.value.sign() < 0 { "-" } else { "" };
            let written = format!("{sign}{}", number.value.size_text(fraction).unwrap());
            let again = Number::parse(&written).unwrap();
            prop_assert!(again.is_plain, "{written}");
            prop_assert_eq!(again.value.compare(&number.value), Ordering::Equal);
            let behind = written.split_once('.').map_or(0, |(_, behind)| behind.len());
            prop_assert!(behind >= fraction.max(number.value.fraction_digits().unwrap()));
        }

        #[test]
        fn owning_changes_nothing(text in "-?[0-9]{1,4}(\\.[0-9]{1,4})?") {
            let borrowed = Number::parse(&text).unwrap();
            prop_assert_eq!(borrowed.clone().into_owned().value.compare(&borrowed.value), Ordering::Equal);
        }
    }
}
