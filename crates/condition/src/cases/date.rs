//! Instants before, at, between and after the operands.

use super::Value;
use crate::operator::Instant;

/// An instant for each place among the points. Points outside the calendar divide nothing.
pub(super) fn values(points: Vec<&Instant<'static>>) -> Option<Vec<Value>> {
    let mut points: Vec<(&Instant<'_>, String)> = points
        .into_iter()
        .filter_map(|point| Some((point, point.to_text()?)))
        .collect();
    points.sort();
    points.dedup();
    let digits = points.iter().map(|(point, _)| point.fraction_digits());
    let digits = digits.max().unwrap_or_default();
    let mut values = Vec::new();
    let Some((first, text)) = points.first() else {
        return Some(vec![Value::new("1970-01-01T00:00:00Z", "any time")]);
    };
    // Nothing lies before the first second of the calendar.
    if let Some(before) = first.a_second_before().to_text() {
        values.push(Value::new(before, format!("before {text}")));
    }
    for (place, (point, text)) in points.iter().enumerate() {
        values.push(Value::new(text, text));
        let label = match points.get(place + 1) {
            Some((_, next)) => format!("between {text} and {next}"),
            None => format!("after {text}"),
        };
        values.push(Value::new(point.just_after(digits).to_text()?, label));
    }
    Some(values)
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use proptest::prelude::*;

    use super::*;
    use crate::operator::Date;

    fn texts(points: &[&str]) -> Vec<String> {
        let dates: Vec<_> = points
            .iter()
            .map(|text| Date::parse(text).unwrap().into_owned())
            .collect();
        let values = values(dates.iter().map(Date::instant).collect()).unwrap();
        values.into_iter().map(|value| value.text).collect()
    }

    #[test]
    fn instants_lie_at_the_operands_and_between_them() {
        assert_eq!(
            texts(&[
                "2025-01-01",
                "2025-01-01T01:00:00+01:00",
                "2025-01-01T00:00:00.25Z"
            ]),
            [
                "2024-12-31T23:59:59Z",
                "2025-01-01T00:00:00Z",
                "2025-01-01T00:00:00.001Z",
                "2025-01-01T00:00:00.25Z",
                "2025-01-01T00:00:00.251Z",
            ]
        );
        assert_eq!(texts(&[]).len(), 1);
        assert_eq!(texts(&["0000-01-01"]).len(), 2, "nothing is before");
        assert_eq!(texts(&["9999-12-31T23:59:59.9Z"]).len(), 3);
    }

    #[test]
    fn an_instant_is_told_by_its_neighbours() {
        let points = ["2025-01-01", "2025-01-02"].map(|text| Date::parse(text).unwrap());
        let values = values(points.iter().map(Date::instant).collect()).unwrap();
        let labels: Vec<String> = values.into_iter().map(|value| value.label).collect();
        let [first, second] = ["2025-01-01T00:00:00Z", "2025-01-02T00:00:00Z"];
        assert_eq!(
            labels,
            [
                format!("before {first}"),
                first.to_owned(),
                format!("between {first} and {second}"),
                second.to_owned(),
                format!("after {second}"),
            ]
        );
    }

    proptest! {
        #[test]
        fn every_instant_is_placed_like_one_of_the_values(
            points in prop::collection::vec("2025-01-0[1-3](T00:00:0[01](\\.[0-9]{1,2})?Z)?", 0..5),
            instant in "2025-01-0[1-3]T(00|23):[05]9?:[05]9?",
            short in "2025-01-0[1-3]T00:00:0[01](\\.[0-9]{1,3})?Z",
        ) {
            let points: Vec<&str> = points.iter().map(String::as_str).collect();
            let place = |text: &str| -> Option<Vec<Ordering>> {
                let date = Date::parse(text)?;
                let order = |point: &&str| date.compare(&Date::parse(point).unwrap())[0];
                Some(points.iter().map(order).collect())
            };
            let values = texts(&points);
            for instant in [instant, short] {
                let Some(own) = place(&instant) else { continue };
                let mut places = values.iter().map(|value| place(value).unwrap());
                prop_assert!(places.any(|place| place == own), "{instant}: {values:?}");
            }
        }
    }
}
