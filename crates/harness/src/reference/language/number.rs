//! Exact decimal numbers. Rule: IAM-COND-19.

use std::cmp::Ordering;

use super::super::value::{Open, Reading};

/// The greatest exponent that anybody writes.
const EXPONENT_MAX: u64 = 1_000_000_000_000_000;

/// A decimal number of any length: 0.DIGITS times ten to the power of `point`, or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Number {
    is_negative: bool,
    point: i64,
    /// Without zeros at either end; empty for zero.
    digits: String,
}

impl Number {
    /// Reads a number. Spellings other than `-`, digits, `.`, digits are malformed, or numbers. Rule: IAM-COND-19, AMB-20.
    pub(super) fn parse(text: &str, reading: &Reading) -> Option<Number> {
        let strict = Number::strict(text);
        if strict.is_some() {
            return strict;
        }
        let loose = Number::loose(text)?;
        (!reading.guesses(Open::NumberSpelling)).then_some(loose)
    }

    fn strict(text: &str) -> Option<Number> {
        let (is_negative, text) = match text.strip_prefix('-') {
            Some(text) => (true, text),
            None => (false, text),
        };
        let (whole, fraction) = match text.split_once('.') {
            Some((_, "")) => return None,
            Some((whole, fraction)) => (whole, fraction),
            None => (text, ""),
        };
        let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !are_digits(whole) || !are_digits(fraction) {
            return None;
        }
        let whole = whole.trim_start_matches('0');
        let digits = format!("{whole}{fraction}");
        let leading_zeros = digits.len() - digits.trim_start_matches('0').len();
        let point = i64::try_from(whole.len()).ok()? - i64::try_from(leading_zeros).ok()?;
        let digits = digits.trim_matches('0').to_owned();
        Some(if digits.is_empty() {
            Number {
                is_negative: false,
                point: 0,
                digits,
            }
        } else {
            Number {
                is_negative,
                point,
                digits,
            }
        })
    }

    /// As other software reads numbers: `+5`, `1e3`, `.5`, `5.`, spaces around.
    fn loose(text: &str) -> Option<Number> {
        let text = text.trim();
        let (is_negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (head, exponent) = match unsigned.split_once(['e', 'E']) {
            // An exponent with more digits than this names no number that anybody means.
            Some((head, exponent)) => (head, exponent.parse::<i64>().ok()?),
            None => (unsigned, 0),
        };
        if head.starts_with('-') || exponent.unsigned_abs() > EXPONENT_MAX {
            return None;
        }
        // What is left out in front of the point or behind it is nothing.
        let head = match head.split_once('.') {
            Some(("", fraction)) if !fraction.is_empty() => format!("0.{fraction}"),
            Some((whole, "")) => whole.to_owned(),
            _ => head.to_owned(),
        };
        let mut number = Number::strict(&head)?;
        if !number.digits.is_empty() {
            number.is_negative = is_negative;
            number.point = number.point.checked_add(exponent)?;
        }
        Some(number)
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Number) -> Ordering {
        let sign = |number: &Number| match (number.is_negative, number.digits.is_empty()) {
            (_, true) => 0,
            (true, false) => -1,
            (false, false) => 1,
        };
        let size = self
            .point
            .cmp(&other.point)
            .then_with(|| self.digits.cmp(&other.digits));
        sign(self).cmp(&sign(other)).then(if self.is_negative {
            size.reverse()
        } else {
            size
        })
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strict(text: &str) -> Number {
        Number::strict(text).unwrap_or_else(|| unreachable!("{text}"))
    }

    #[test]
    fn numbers_are_ordered_exactly() {
        let ascending = [
            "-100000000000000000000000000000000000000001",
            "-100000000000000000000000000000000000000000",
            "-10.5",
            "-10",
            "-9",
            "-0.1",
            "-0.01",
            "0",
            "0.001",
            "0.01",
            "0.0100000000000000000000000000000000000001",
            "0.1",
            "0.11",
            "0.2",
            "1",
            "1.5",
            "9",
            "10",
            "11",
            "100",
        ];
        for (left, first) in ascending.iter().enumerate() {
            for (right, second) in ascending.iter().enumerate() {
                assert_eq!(
                    strict(first).cmp(&strict(second)),
                    left.cmp(&right),
                    "{first} {second}"
                );
            }
        }
    }

    #[test]
    fn spellings_of_one_number() {
        for (left, right) in [
            ("1.0", "1"),
            ("007", "7"),
            ("-0", "0"),
            ("0.10", "0.1"),
            ("100", "100.000"),
        ] {
            assert_eq!(strict(left), strict(right));
        }
        assert_eq!(Number::loose("1e3"), Number::strict("1000"));
        assert_eq!(Number::loose(" +5 "), Number::strict("5"));
        assert_eq!(Number::loose("15E-1"), Number::strict("1.5"));
        assert_eq!(Number::loose("-.5"), Number::strict("-0.5"));
        assert_eq!(Number::loose("5."), Number::strict("5"));
        assert_eq!(Number::loose("0e9"), Number::strict("0"));
    }

    #[test]
    fn other_texts_are_no_numbers() {
        for text in [
            "", "-", ".", "-.", "ten", "1.2.3", "--1", "٣", "1,000", "0x10", "NaN",
        ] {
            assert_eq!(Number::strict(text), None, "{text}");
            assert_eq!(Number::loose(text), None, "{text}");
        }
        for text in ["+5", "1e3", " 5", "5 ", "1.", ".5", "-.5"] {
            assert_eq!(Number::strict(text), None, "{text}");
        }
        for text in ["1e9999999999999999", "e3", ".e3", "+-5", "1e"] {
            assert_eq!(Number::loose(text), None, "{text}");
        }
    }
}
