//! What a later round adds may give more than an earlier addition, which is then needless. Rule: JOB-4, UI-13.

use serde_json::Value;

use crate::job::literal;
use crate::job::report::Fix;
use crate::job::statement::{one_or_many, push_new};

/// The additions without the actions that another one gives on everything that they are for: what served there serves here.
pub(crate) fn without_superseded(mut fixes: Vec<Fix>) -> Vec<Fix> {
    let mut at = 0;
    while let Some(fix) = fixes.get(at).cloned() {
        let mut kept = Vec::new();
        for action in entries(&fix, "Action") {
            let wider = wider(&fixes, at, &action);
            if wider.is_empty() {
                kept.push(action);
            }
            for other in wider {
                if let Some(other) = fixes.get_mut(other) {
                    for id in &fix.serves {
                        push_new(&mut other.serves, id);
                    }
                    for note in &fix.notes {
                        push_new(&mut other.notes, note);
                    }
                }
            }
        }
        if kept.is_empty() {
            fixes.remove(at);
            continue;
        }
        if let Some(own) = fixes.get_mut(at) {
            own.statement["Action"] = one_or_many(&kept);
        }
        at += 1;
    }
    fixes
}

/// The additions of several jobs as one list: what one of them gives is not added again for another.
///
/// ```
/// use preclear_simulator::job::{Fix, FixTarget, merged_fixes};
/// let fix = |action: &str| Fix {
///     target: FixTarget::Identity("arn:aws:iam::111122223333:role/R".to_owned()),
///     statement: serde_json::json!({"Effect": "Allow", "Action": action, "Resource": "*"}),
///     serves: Vec::new(),
///     notes: Vec::new(),
/// };
/// let (of_one, of_other) = ([fix("sns:Publish")], [fix("sns:Publish"), fix("sqs:SendMessage")]);
/// assert_eq!(merged_fixes([&of_one[..], &of_other[..]]), of_other);
/// ```
#[must_use]
pub fn merged_fixes<'f>(of_jobs: impl IntoIterator<Item = &'f [Fix]>) -> Vec<Fix> {
    let of_jobs: Vec<&[Fix]> = of_jobs.into_iter().collect();
    match of_jobs.as_slice() {
        [only] => only.to_vec(),
        all => without_superseded(all.concat()),
    }
}

/// Other additions that together give the action on all resources of this one; none if they do not.
fn wider(fixes: &[Fix], at: usize, action: &str) -> Vec<usize> {
    let Some(fix) = fixes.get(at) else {
        return Vec::new();
    };
    let is_like = |other: &Fix| {
        let same = |member: &str| other.statement.get(member) == fix.statement.get(member);
        other.target == fix.target
            && same("Principal")
            && asks_for_no_more(other, fix)
            && entries(other, "Action").iter().any(|own| own == action)
    };
    let others: Vec<(usize, Vec<String>)> = fixes
        .iter()
        .enumerate()
        .filter(|(nth, other)| *nth != at && is_like(other))
        .map(|(nth, other)| (nth, entries(other, "Resource")))
        .collect();
    let mut wider = Vec::new();
    for resource in entries(fix, "Resource") {
        let covers = |own: &String| literal::covers(own, &resource);
        let found = others.iter().find(|(_, all)| all.iter().any(covers));
        match found {
            Some((nth, _)) => wider.push(*nth),
            None => return Vec::new(),
        }
    }
    wider
}

/// True if all that the first asks of a call the second asks too, in the same words.
fn asks_for_no_more(first: &Fix, second: &Fix) -> bool {
    let Some(Value::Object(operators)) = first.statement.get("Condition") else {
        return true;
    };
    let asked =
        |operator: &str, key: &str| second.statement.get("Condition")?.get(operator)?.get(key);
    operators.iter().all(|(operator, tests)| {
        let mut tests = tests.as_object().into_iter().flatten();
        tests.all(|(key, values)| asked(operator, key) == Some(values))
    })
}

/// Texts of an element; trust policies have no resource, which counts as one.
fn entries(fix: &Fix, member: &str) -> Vec<String> {
    match fix.statement.get(member) {
        Some(Value::Array(texts)) => {
            let texts = texts.iter().filter_map(Value::as_str);
            texts.map(str::to_owned).collect()
        }
        Some(Value::String(text)) => vec![text.clone()],
        _ => vec![String::new()],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::job::report::FixTarget;

    fn fix(statement: Value, serves: &str) -> Fix {
        Fix {
            target: FixTarget::Identity("arn:aws:iam::111122223333:role/R".to_owned()),
            statement,
            serves: vec![serves.to_owned()],
            notes: Vec::new(),
        }
    }

    #[test]
    fn a_wider_addition_takes_the_place_of_one_with_a_condition() {
        let condition = json!({"StringEquals": {"aws:RequestedRegion": "us-west-2"}});
        let narrow = json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/2026/b.jpg", "Condition": condition});
        let wide = json!({"Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject"], "Resource": "arn:aws:s3:::b/2026/*"});
        let left = without_superseded(vec![fix(wide.clone(), "W"), fix(narrow.clone(), "N")]);
        let [only] = left.as_slice() else {
            panic!("{left:#?}")
        };
        assert_eq!(only.statement, wide);
        assert_eq!(only.serves, ["W", "N"]);
        // The other way round the condition keeps it from giving as much.
        let mut conditional = wide;
        conditional["Condition"] = condition;
        let mut plain = narrow;
        plain.as_object_mut().unwrap().remove("Condition");
        let both = vec![fix(conditional, "W"), fix(plain, "N")];
        assert_eq!(without_superseded(both).len(), 2);
    }

    #[test]
    fn an_addition_that_asks_for_less_takes_the_place_of_one_that_asks_for_more() {
        let of = |condition: Value| {
            let action = "kms:Decrypt";
            let resource = "*";
            json!({"Effect": "Allow", "Action": action, "Resource": resource, "Condition": condition})
        };
        let account = json!({"aws:SourceAccount": "111122223333"});
        let loose = of(json!({"StringEquals": account}));
        let both = json!({"StringEquals": {"aws:SourceAccount": "111122223333", "kms:EncryptionContext:a": "b"}});
        for order in [["L", "S"], ["S", "L"]] {
            let fixes = order.map(|of_which| match of_which {
                "L" => fix(loose.clone(), "L"),
                _ => fix(of(both.clone()), "S"),
            });
            let left = without_superseded(fixes.to_vec());
            let [only] = left.as_slice() else {
                panic!("{left:#?}")
            };
            assert_eq!(only.statement, loose);
        }
        // Another value, or another operator, is another question.
        let others = [
            json!({"StringEquals": {"aws:SourceAccount": "444455556666", "kms:EncryptionContext:a": "b"}}),
            json!({"StringLike": {"aws:SourceAccount": "111122223333", "kms:EncryptionContext:a": "b"}}),
        ];
        for other in others {
            let fixes = vec![fix(loose.clone(), "L"), fix(of(other), "S")];
            assert_eq!(without_superseded(fixes).len(), 2);
        }
    }
}
