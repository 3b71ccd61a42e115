//! Numbers below, at, between and above the operands.

use super::Value;
use crate::operator::Decimal;

/// A number for each place among the points. A key that may hold any text also holds texts that are no numbers, and
/// numbers in spellings that may be none (AMB-20). `None` where an operand is too long to write out.
pub(super) fn values(mut points: Vec<&Decimal<'static>>, is_number: bool) -> Option<Vec<Value>> {
    points.sort_by(|a, b| a.compare(b));
    points.dedup_by(|a, b| a.compare(b).is_eq());
    let fraction = points
        .iter()
        .map(|point| point.fraction_digits())
        .collect::<Option<Vec<_>>>()?
        .into_iter()
        .max()
        .unwrap_or_default();
    let scale = Scale {
        fraction: fraction.max(1),
    };
    let mut values = Vec::new();
    match (points.first(), points.last()) {
        (Some(first), Some(last)) => {
            values.push(Value::new(
                scale.just_below(first)?,
                format!("below {}", plain(first)?),
            ));
            for (place, point) in points.iter().enumerate() {
                values.push(Value::new(plain(point)?, plain(point)?));
                if let Some(next) = points.get(place + 1) {
                    let label = format!("between {} and {}", plain(point)?, plain(next)?);
                    values.push(Value::new(scale.between(point, next)?, label));
                }
            }
            values.push(Value::new(
                scale.just_above(last)?,
                format!("above {}", plain(last)?),
            ));
        }
        _ => values.push(Value::new("0", "any number")),
    }
    if !is_number {
        let spaced: Vec<Value> = values
            .iter()
            .map(|value| {
                let label = format!("{} in an unusual spelling", value.label);
                Value::new(format!(" {}", value.text), label)
            })
            .collect();
        values.extend(spaced);
        values.push(Value::new("other", "no number"));
    }
    Some(values)
}

fn plain(point: &Decimal<'_>) -> Option<String> {
    signed(point, 0)
}

fn signed(point: &Decimal<'_>, fraction: usize) -> Option<String> {
    let sign = if point.sign() < 0 { "-" } else { "" };
    Some(format!("{sign}{}", point.size_text(fraction)?))
}

/// The finest step between points.
struct Scale {
    /// Digits behind the point that all points are written with; at least one.
    fraction: usize,
}

impl Scale {
    /// A number below the point but above all points below it.
    fn just_below(&self, point: &Decimal<'_>) -> Option<String> {
        if point.sign() > 0 {
            // Zero may be a point too: then it is not asked for what is below this one, but between the two.
            Some("0".to_owned())
        } else {
            Some(format!("-{}1", point.size_text(self.fraction)?))
        }
    }

    /// A number above the point but below all points above it.
    fn just_above(&self, point: &Decimal<'_>) -> Option<String> {
        if point.sign() < 0 {
            Some("0".to_owned())
        } else {
            Some(format!("{}1", point.size_text(self.fraction)?))
        }
    }

    /// A number between two points that follow each other.
    fn between(&self, below: &Decimal<'_>, above: &Decimal<'_>) -> Option<String> {
        if below.sign() < 0 {
            self.just_below(above)
        } else {
            self.just_above(below)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use proptest::prelude::*;

    use super::*;
    use crate::operator::Number;

    fn texts(points: &[&str], is_number: bool) -> Vec<String> {
        let numbers: Vec<_> = points
            .iter()
            .map(|text| Number::parse(text).unwrap().into_owned().value)
            .collect();
        let values = values(numbers.iter().collect(), is_number).unwrap();
        values.into_iter().map(|value| value.text).collect()
    }

    #[test]
    fn numbers_lie_at_the_operands_and_between_them() {
        assert_eq!(texts(&["10"], true), ["0", "10", "10.01"]);
        assert_eq!(
            texts(&["5", "5.0", "-2", "0.25"], true),
            ["-2.001", "-2", "0", "0.25", "0.251", "5", "5.001"]
        );
        assert_eq!(
            texts(&["0", "1"], true),
            ["-0.01", "0", "0.01", "1", "1.01"]
        );
        assert_eq!(texts(&[], true), ["0"]);
    }

    #[test]
    fn texts_that_may_be_anything_are_also_no_numbers() {
        assert_eq!(
            texts(&["1"], false),
            ["0", "1", "1.01", " 0", " 1", " 1.01", "other"]
        );
    }

    #[test]
    fn numbers_too_long_to_write_are_left_alone() {
        let number = Number::parse("1e1000").unwrap().into_owned();
        assert!(values(vec![&number.value], true).is_none());
    }

    proptest! {
        #[test]
        fn every_number_is_placed_like_one_of_the_values(
            points in prop::collection::vec("-?[0-9]{1,2}(\\.[0-9]{1,2})?", 0..5),
            number in "-?[0-9]{1,2}(\\.[0-9]{1,3})?",
        ) {
            let points: Vec<&str> = points.iter().map(String::as_str).collect();
            let place = |text: &str| -> Vec<Ordering> {
                let number = Number::parse(text).unwrap();
                let order = |point: &&str| number.value.compare(&Number::parse(point).unwrap().value);
                points.iter().map(order).collect()
            };
            let values = texts(&points, true);
            prop_assert!(values.iter().any(|value| place(value) == place(&number)), "{values:?}");
            let places: std::collections::HashSet<_> = values.iter().map(|value| place(value)).collect();
            prop_assert_eq!(places.len(), values.len(), "no place twice: {:?}", values);
        }
    }
}
