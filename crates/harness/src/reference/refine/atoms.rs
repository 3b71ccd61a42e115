//! Values that stand for all that a key may have, as far as the tests of it go. Rule: IAM-TRI-10.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use preclear_catalog::KeyKind;
use preclear_model::policy::{ConditionTest, Operand};
use preclear_model::{BaseOperator, OperatorFamily, Piece, Template};

use crate::reference::context::clock;
use crate::reference::language::is_unreadable;

/// A text that no policy has.
const OTHER: &str = "(some other value)";
/// An ARN that no policy has.
const OTHER_ARN: &str = "arn:aws:other:::some-other-value";
/// Disputed spellings, which a key of any text may have. Rule: AMB-20, AMB-22, AMB-24.
const DISPUTED: [(OperatorFamily, &str); 3] = [
    (OperatorFamily::Numeric, "+5"),
    (OperatorFamily::Date, "2025"),
    (OperatorFamily::Ip, "::ffff:203.0.113.7"),
];
/// Parts of one that numbers are held in.
const UNIT: i128 = 10_i128.pow(DIGITS);
/// Digits behind the point that are held.
const DIGITS: u32 = 21;

/// The values; `None` for a key that is used with wildcards or variables. `kind` is the key's type, where it is known.
/// Rule: IAM-TRI-10.
pub(super) fn of(kind: Option<KeyKind>, tests: &[ConditionTest]) -> Option<Vec<String>> {
    let mut constants = BTreeSet::new();
    let mut points = Points::default();
    for test in tests {
        let takes_wildcards = test.operator.base.takes_wildcards();
        let is_like = takes_wildcards && test.operator.base.family() == OperatorFamily::String;
        if !tells_values(test) {
            continue;
        }
        let mut operands = test.operands.iter();
        if is_like && operands.any(|operand| is_all_stars(&operand.template)) {
            // It matches every text, whatever stands beside it.
            continue;
        }
        for operand in readable(test) {
            let text = plain(&operand.template)?;
            if takes_wildcards && has_wildcard(&operand.template) {
                return None;
            }
            if test.operator.base.family() == OperatorFamily::Date && may_be_milliseconds(&text) {
                // The values that count are others in the other reading (AMB-22).
                return None;
            }
            match test.operator.base.family() {
                // With padding, bytes have several spellings.
                OperatorFamily::Binary if text.ends_with('=') => return None,
                OperatorFamily::String | OperatorFamily::Binary => drop(constants.insert(text)),
                // Dates, numbers and addresses are compared as what they are, or not at all.
                OperatorFamily::Arn if is_ordered(kind) => return None,
                // A short pattern matches all ARNs or none (AMB-12), and no other text: as a constant it is another text.
                OperatorFamily::Arn => drop(constants.insert(text)),
                // Nothing to split at: no truth is a point on a line.
                OperatorFamily::Numeric | OperatorFamily::Date | OperatorFamily::Ip
                    if kind == Some(KeyKind::Bool) =>
                {
                    return None;
                }
                // Seconds are numbers too, but the numbers between them no dates (AMB-22).
                OperatorFamily::Date if kind == Some(KeyKind::Numeric) => return None,
                family => points.add(family, &text),
            }
        }
    }
    let is_of_texts = |test: &ConditionTest| {
        use OperatorFamily::{Binary, Bool, String};
        tells_values(test) && matches!(test.operator.base.family(), String | Bool | Binary)
    };
    let is_of_others = |test: &ConditionTest| tells_values(test) && !is_of_texts(test);
    if is_ordered(kind) && tests.iter().any(is_of_texts) && tests.iter().any(is_of_others) {
        // Points on a line are not all the texts that such a key may have.
        return None;
    }
    let is_any =
        |base: &[BaseOperator]| tests.iter().any(|test| base.contains(&test.operator.base));
    let has_family = |family| {
        let mut tests = tests.iter();
        tests.any(|test| test.operator.base.family() == family)
    };
    let ignores_case = is_any(&[
        BaseOperator::StringEqualsIgnoreCase,
        BaseOperator::StringNotEqualsIgnoreCase,
    ]);
    if ignores_case {
        let variants: Vec<String> = constants.iter().flat_map(|text| variants(text)).collect();
        constants.extend(variants);
    }
    let mut atoms = constants;
    match kind {
        Some(KeyKind::Bool) => {
            atoms.extend(["true", "false"].map(str::to_owned));
            if has_family(OperatorFamily::String) {
                atoms.extend(["TRUE", "FALSE"].map(str::to_owned));
            }
        }
        Some(KeyKind::Numeric) => {
            points.add(OperatorFamily::Numeric, "0");
            atoms.extend(points.numbers()?);
        }
        Some(KeyKind::Date) => {
            points.add(OperatorFamily::Date, "2020-01-01T00:00:00Z");
            atoms.extend(points.instants());
            if has_family(OperatorFamily::Numeric) {
                atoms.extend(points.numbers()?);
            }
        }
        Some(KeyKind::IpAddress) => {
            points.add(OperatorFamily::Ip, "192.0.2.1");
            points.add(OperatorFamily::Ip, "2001:db8:ffff::1");
            atoms.extend(points.addresses());
        }
        Some(KeyKind::Arn) => drop(atoms.insert(OTHER_ARN.to_owned())),
        _ => {
            atoms.insert(OTHER.to_owned());
            if has_family(OperatorFamily::Null) {
                atoms.insert(String::new());
            }
            if has_family(OperatorFamily::Bool) {
                atoms.extend(["true", "false", "TRUE", "FALSE"].map(str::to_owned));
            }
            if has_family(OperatorFamily::Numeric) {
                atoms.extend(points.numbers()?);
            }
            if has_family(OperatorFamily::Date) {
                atoms.extend(points.instants());
            }
            if has_family(OperatorFamily::Ip) {
                atoms.extend(points.addresses());
            }
            if has_family(OperatorFamily::Arn) {
                atoms.insert(OTHER_ARN.to_owned());
            }
            for (family, text) in DISPUTED {
                if has_family(family) {
                    atoms.insert(text.to_owned());
                }
            }
        }
    }
    if is_ordered(kind) && has_family(OperatorFamily::Bool) {
        atoms.extend(["true", "false"].map(str::to_owned));
    }
    Some(atoms.into_iter().collect())
}

/// Operands that parse for their operator.
fn readable(test: &ConditionTest) -> impl Iterator<Item = &Operand> {
    let base = test.operator.base;
    let mut operands = test.operands.iter();
    std::iter::from_fn(move || operands.find(|operand| !is_unreadable(base, &operand.template)))
}

/// True for a test that tells a value from another: one without an operand that parses does not.
fn tells_values(test: &ConditionTest) -> bool {
    readable(test).next().is_some()
}

/// True for a type whose values are points on a line.
fn is_ordered(kind: Option<KeyKind>) -> bool {
    use KeyKind::{Date, IpAddress, Numeric};
    matches!(kind, Some(Date | IpAddress | Numeric))
}

/// True for an operand of stars alone; a `${*}` is no wildcard. Rule: IAM-WILD-12.
fn is_all_stars(template: &Template) -> bool {
    let mut pieces = template.pieces.iter();
    let is_stars =
        |piece: &Piece| matches!(piece, Piece::Text(own) if own.bytes().all(|byte| byte == b'*'));
    !template.source.is_empty() && pieces.all(is_stars)
}

/// True for an operand with a wildcard; a `${*}` is none. Rule: IAM-WILD-12.
fn has_wildcard(template: &Template) -> bool {
    let mut pieces = template.pieces.iter();
    pieces.any(|piece| matches!(piece, Piece::Text(own) if own.contains(['*', '?'])))
}

/// True for a number above 1e11, seconds or milliseconds. Rule: AMB-22.
fn may_be_milliseconds(text: &str) -> bool {
    let digits = text.trim_start_matches('0');
    digits.len() > 11 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The text of an operand without variables.
fn plain(template: &Template) -> Option<String> {
    let mut text = String::new();
    for piece in &template.pieces {
        match piece {
            Piece::Text(own) => text.push_str(own),
            Piece::Literal(own) => text.push(*own),
            Piece::Variable { .. } => return None,
        }
    }
    Some(text)
}

/// The text with its letters in other cases, those included that only fold to them. Rule: IAM-COND-17.
fn variants(text: &str) -> [String; 5] {
    let swap = |character: char| match character.is_lowercase() {
        true => character.to_uppercase().next().unwrap_or(character),
        false => character.to_lowercase().next().unwrap_or(character),
    };
    let by_turns = |(place, character): (usize, char)| match place % 2 {
        0 => swap(character),
        _ => character,
    };
    let folds = |character: char| match character {
        'k' | 'K' => '\u{212a}',
        's' | 'S' => '\u{17f}',
        other => swap(other),
    };
    [
        text.to_lowercase(),
        text.to_uppercase(),
        text.chars().map(swap).collect(),
        text.chars().enumerate().map(by_turns).collect(),
        text.chars().map(folds).collect(),
    ]
}

/// Operands as points on a line.
#[derive(Debug, Default)]
struct Points {
    numbers: BTreeSet<i128>,
    seconds: BTreeSet<i64>,
    /// First and last address of blocks.
    addresses: BTreeSet<IpAddr>,
    /// True if a number does not fit.
    is_beyond: bool,
}

impl Points {
    fn add(&mut self, family: OperatorFamily, text: &str) {
        match family {
            OperatorFamily::Numeric => match number(text).or_else(|| disputed(text)) {
                Some(number) => drop(self.numbers.insert(number)),
                None => self.is_beyond |= text.bytes().all(|byte| b"-.0123456789".contains(&byte)),
            },
            OperatorFamily::Date => {
                let digits = text.parse::<u32>().ok().map(i64::from);
                let seconds = [digits, clock::seconds(text)];
                self.seconds.extend(seconds.into_iter().flatten());
            }
            OperatorFamily::Ip => {
                self.addresses.extend(block(text).into_iter().flatten());
            }
            _ => {}
        }
    }

    /// Each number, and one on either side.
    fn numbers(&self) -> Option<BTreeSet<String>> {
        let around = |number: &i128| [number - 1, *number, number + 1];
        let numbers = self.numbers.iter().flat_map(around).map(decimal);
        (!self.is_beyond).then(|| numbers.collect())
    }

    /// Each instant in two spellings, and one on either side.
    fn instants(&self) -> BTreeSet<String> {
        let around = |at: &i64| [(at - 1, ".5"), (*at, ""), (*at, ".0"), (*at, ".5")];
        let instants = self.seconds.iter().flat_map(around);
        instants
            .map(|(at, fraction)| clock::instant(at, fraction))
            .collect()
    }

    /// First and last address of each block, and those outside. Rule: IAM-COND-23.
    fn addresses(&self) -> BTreeSet<String> {
        let around = |address: &IpAddr| match address {
            IpAddr::V4(four) => {
                let bits = four.to_bits();
                [bits.saturating_sub(1), bits, bits.saturating_add(1)]
                    .map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits)))
            }
            IpAddr::V6(six) => {
                let bits = six.to_bits();
                [bits.saturating_sub(1), bits, bits.saturating_add(1)]
                    .map(|bits| IpAddr::V6(Ipv6Addr::from_bits(bits)))
            }
        };
        let four = |address: &IpAddr| match address {
            IpAddr::V6(six) => six.to_ipv4_mapped().map(IpAddr::V4),
            IpAddr::V4(_) => None,
        };
        let mapped: Vec<IpAddr> = self.addresses.iter().filter_map(four).collect();
        let addresses = self.addresses.iter().chain(&mapped).flat_map(around);
        // A mapped address is disputed itself (AMB-24), save to an operand that is one.
        let undisputed = addresses.filter(|address| four(address).is_none());
        let constants = self.addresses.iter().copied();
        undisputed
            .chain(constants)
            .map(|address| address.to_string())
            .collect()
    }
}

/// First and last address of an address or block.
fn block(text: &str) -> Option<[IpAddr; 2]> {
    let (base, length) = match text.split_once('/') {
        Some((base, length)) => (base, Some(length.parse::<u32>().ok()?)),
        None => (text, None),
    };
    match base.parse().ok()? {
        IpAddr::V4(four) => {
            let free = 32_u32.checked_sub(length.unwrap_or(32))?;
            let mask = u32::MAX.checked_shl(free).unwrap_or(0);
            let first = four.to_bits() & mask;
            Some([first, first | !mask].map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits))))
        }
        IpAddr::V6(six) => {
            let free = 128_u32.checked_sub(length.unwrap_or(128))?;
            let mask = u128::MAX.checked_shl(free).unwrap_or(0);
            let first = six.to_bits() & mask;
            Some([first, first | !mask].map(|bits| IpAddr::V6(Ipv6Addr::from_bits(bits))))
        }
    }
}

/// A decimal in parts of one, if it is written plainly and fits.
fn number(text: &str) -> Option<i128> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) || whole.len() > 15 || fraction.len() > 20 {
        return None;
    }
    let fraction = format!("{fraction:0<21}");
    let whole: i128 = whole.parse().ok()?;
    let fraction: i128 = fraction.parse().ok()?;
    Some(sign * (whole * UNIT + fraction))
}

/// A number in a spelling that may be none: `+5`, `1e3`, ` 5`. Rule: AMB-20.
fn disputed(text: &str) -> Option<i128> {
    let text = text.trim();
    let text = text.strip_prefix('+').unwrap_or(text);
    let (digits, zeros) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let zeros: u32 = zeros.parse().ok().filter(|zeros| *zeros < 15)?;
    number(digits)?.checked_mul(10_i128.pow(zeros))
}

/// The text of a number in parts of one.
fn decimal(number: i128) -> String {
    let sign = if number < 0 { "-" } else { "" };
    let number = number.abs();
    format!("{sign}{}.{:021}", number / UNIT, number % UNIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iam_tri_10_numbers_are_split_at_constants_and_between() {
        let mut points = Points::default();
        points.add(OperatorFamily::Numeric, "-1");
        points.add(OperatorFamily::Numeric, "9.5");
        let numbers = points.numbers().unwrap();
        let expected = [
            "-0.999999999999999999999",
            "-1.000000000000000000000",
            "-1.000000000000000000001",
            "9.499999999999999999999",
            "9.500000000000000000000",
            "9.500000000000000000001",
        ];
        assert_eq!(numbers, expected.map(str::to_owned).into());
        assert_eq!((number("1e3"), disputed("1e3")), (None, Some(1000 * UNIT)));
    }

    #[test]
    fn iam_tri_10_addresses_are_split_at_the_ends_of_blocks() {
        let mut points = Points::default();
        points.add(OperatorFamily::Ip, "203.0.113.9/24");
        let expected = [
            "203.0.112.255",
            "203.0.113.0",
            "203.0.113.1",
            "203.0.113.254",
            "203.0.113.255",
            "203.0.114.0",
        ];
        assert_eq!(points.addresses(), expected.map(str::to_owned).into());
        assert_eq!(block("300.1.1.1"), None);
        assert_eq!(
            block("0.0.0.0/0").map(|[first, _]| first.to_string()),
            Some("0.0.0.0".into())
        );
    }

    #[test]
    fn iam_tri_10_instants_are_split_at_constants_and_between() {
        let mut points = Points::default();
        points.add(OperatorFamily::Date, "2026-01-01");
        let expected = [
            "2025-12-31T23:59:59.5Z",
            "2026-01-01T00:00:00.0Z",
            "2026-01-01T00:00:00.5Z",
            "2026-01-01T00:00:00Z",
        ];
        assert_eq!(points.instants(), expected.map(str::to_owned).into());
    }
}
