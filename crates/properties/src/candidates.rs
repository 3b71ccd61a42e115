//! Values to try for a key that an answer depends on, grown from what policies compare it with.

use preclear_catalog::globals::{self, Presence};
use preclear_catalog::{KeyKind, catalog};
use preclear_model::{BaseOperator, OperatorFamily, Piece, Template};
use preclear_simulator::ContextValue;

use preclear_simulator::cast::samples::{sample, sample_like};
use preclear_simulator::cast::{Facts, State};
use preclear_simulator::cast::{Mentioned, Operand};

/// Stands for a text that no policy has.
const OTHER: &str = "something-else";

/// Values of one key at most.
const VALUES_MAX: usize = 24;

/// States to try for a key, in lower case; the likely ones first. `given` is what is already said of other keys, `region` that of
/// the call.
pub(crate) fn states(mentioned: &Mentioned, key: &str, given: &Facts, region: &str) -> Vec<State> {
    let known = catalog().condition_key(key);
    let kind = known.map(|known| known.kind());
    let mut values: Vec<String> = Vec::new();
    let mut add = |value: String| {
        if !values.contains(&value) && values.len() < VALUES_MAX {
            values.push(value);
        }
    };
    for operand in mentioned.operands(key) {
        near(operand, given, like(key, region).as_deref())
            .into_iter()
            .for_each(&mut add);
    }
    if mentioned.is_variable(key) {
        add(OTHER.to_owned());
    }
    for value in like(key, region).into_iter().chain(others(kind)) {
        add(value);
    }
    let is_multivalued = known.is_some_and(|known| known.is_multivalued());
    let mut states: Vec<State> = values
        .iter()
        .map(|value| match is_multivalued {
            true => State::Value(ContextValue::Many(vec![value.clone()])),
            false => State::one(value),
        })
        .collect();
    if is_multivalued {
        let all = values.iter().filter(|value| *value != OTHER);
        states.push(State::Value(ContextValue::Many(all.cloned().collect())));
    }
    let may_be_absent = globals::key(key).is_none_or(|global| {
        !matches!(
            global.presence,
            Presence::Present | Presence::DerivedElsePresent
        )
    });
    if may_be_absent {
        states.insert(states.len().min(1), State::Absent);
    }
    let asked = mentioned.values(key).iter().cloned().map(State::Value);
    asked.chain(states).collect()
}

/// What values of a key look like whose parts a policy may leave to wildcards.
fn like(key: &str, region: &str) -> Option<String> {
    match key {
        "aws:userid" => Some("AROAEXAMPLEID:session".to_owned()),
        "kms:viaservice" => Some(format!("s3.{region}.amazonaws.com")),
        _ => None,
    }
}

/// Values that an operand takes or just misses. `like` is what values of the key look like.
fn near(operand: &Operand, given: &Facts, like: Option<&str>) -> Vec<String> {
    let text = filled(&operand.template, given);
    let base = operand.operator.base;
    match base.family() {
        OperatorFamily::Numeric => match text.parse::<i64>() {
            Ok(number) => [Some(number), number.checked_sub(1), number.checked_add(1)]
                .into_iter()
                .flatten()
                .map(|number| number.to_string())
                .collect(),
            Err(_) => vec![text],
        },
        OperatorFamily::Date => vec![
            text,
            "1990-01-01T00:00:00Z".to_owned(),
            "2100-01-01T00:00:00Z".to_owned(),
        ],
        OperatorFamily::Ip => {
            let address = text.split('/').next().unwrap_or(&text).to_owned();
            vec![address]
        }
        _ if base == BaseOperator::Null => Vec::new(),
        _ if base.takes_wildcards() => {
            let likely = like.and_then(|like| sample_like(&text, like));
            vec![likely.unwrap_or_else(|| sample(&text))]
        }
        _ => vec![text],
    }
}

/// An operand with values in place of its variables.
fn filled(template: &Template, given: &Facts) -> String {
    let pieces = template.pieces.iter().map(|piece| match piece {
        Piece::Text(text) => text.as_str().to_owned(),
        Piece::Literal(letter) => letter.to_string(),
        Piece::Variable { key, default } => match (given.get(key), default) {
            (Some(State::Value(ContextValue::One(value))), _) => value.clone(),
            (_, Some(default)) => default.clone(),
            _ => OTHER.to_owned(),
        },
    });
    pieces.collect()
}

/// Values that a key of this kind may have although no policy names them.
fn others(kind: Option<KeyKind>) -> Vec<String> {
    let texts: &[&str] = match kind {
        Some(KeyKind::Bool) => &["true", "false"],
        Some(KeyKind::Numeric) => &["0", "1000000"],
        Some(KeyKind::Date) => &["2026-01-01T00:00:00Z"],
        Some(KeyKind::IpAddress) => &["203.0.113.7", "10.0.0.7"],
        Some(KeyKind::Arn) => &["arn:aws:sns:us-east-1:999988887777:something-else"],
        Some(KeyKind::Binary) => &["AAAA"],
        Some(KeyKind::String) | None => &[OTHER],
    };
    texts.iter().map(|text| (*text).to_owned()).collect()
}
