//! Types of unquoted scalars, as in the core schema of YAML 1.2: `yes`, `no` and dates are text.

use crate::node::ScalarKind;

/// The type of an unquoted scalar; `None` for null.
pub(super) fn kind(text: &str) -> Option<ScalarKind> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => None,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => Some(ScalarKind::Boolean),
        ".nan" | ".NaN" | ".NAN" => Some(ScalarKind::Number),
        _ if is_number(text) => Some(ScalarKind::Number),
        _ => Some(ScalarKind::Text),
    }
}

fn is_number(text: &str) -> bool {
    if let Some(digits) = text.strip_prefix("0o") {
        return is_run_of(digits, |byte| matches!(byte, b'0'..=b'7'));
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return is_run_of(digits, |byte| byte.is_ascii_hexdigit());
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF") || is_decimal(unsigned)
}

/// `[0-9]+(\.[0-9]*)?` or `\.[0-9]+`, with an optional exponent.
fn is_decimal(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (
            mantissa,
            Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent)),
        ),
        None => (text, None),
    };
    let digits = |text: &str| is_run_of(text, |byte| byte.is_ascii_digit());
    let mantissa_fits = match mantissa.split_once('.') {
        None => digits(mantissa),
        Some(("", fraction)) => digits(fraction),
        Some((whole, fraction)) => digits(whole) && (fraction.is_empty() || digits(fraction)),
    };
    mantissa_fits && exponent.is_none_or(digits)
}

fn is_run_of(text: &str, member: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(member)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_those_of_the_core_schema() {
        for text in ["", "~", "null", "NULL"] {
            assert_eq!(kind(text), None, "{text}");
        }
        for text in ["true", "FALSE", "False"] {
            assert_eq!(kind(text), Some(ScalarKind::Boolean), "{text}");
        }
        for text in [
            "0", "-19", "+5", "0123", "1.5", "1.", ".5", "1e3", "-1.5E-3", "0o17", "0xfF", ".inf",
            "-.Inf", ".nan",
        ] {
            assert_eq!(kind(text), Some(ScalarKind::Number), "{text}");
        }
        for text in [
            "yes",
            "on",
            "nUll",
            "2012-10-17",
            "1.2.3",
            "1_000",
            "0x",
            "0o8",
            "-",
            ".",
            "e3",
            "1e",
            "--1",
            "-.nan",
            "12h",
        ] {
            assert_eq!(kind(text), Some(ScalarKind::Text), "{text}");
        }
    }
}
