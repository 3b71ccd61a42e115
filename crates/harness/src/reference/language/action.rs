//! `Action` and `NotAction`.

use preclear_model::policy::ActionEntry;
use preclear_model::{Match, Statement};

use super::super::value::{Context, Open, Reading, Toward, Tri, read};
use super::matches;

/// See [`super::action_applies`].
pub(super) fn applies(
    statement: &Statement,
    action: &str,
    context: &dyn Context,
    toward: Toward,
) -> Tri {
    read(context.ambiguity(), toward, |reading| {
        let one_matches = |entries: &[ActionEntry]| {
            Tri::from(
                entries
                    .iter()
                    .any(|entry| entry_matches(&entry.text, action, reading)),
            )
        };
        match &statement.action {
            None => Tri::False,
            Some(Match::In(entries)) => one_matches(entries),
            Some(Match::NotIn(entries)) => one_matches(entries).not(),
        }
    })
}

/// Prefix compared exactly, name globbed, both without regard to ASCII case. Rule: IAM-WILD-3, IAM-GRAM-11, AMB-3.
fn entry_matches(entry: &str, action: &str, reading: &Reading) -> bool {
    if entry == "*" {
        return true;
    }
    if entry == "*:*" {
        return reading.guesses(Open::AnyServiceAction);
    }
    let (Some((prefix, name)), Some((service, asked))) =
        (entry.split_once(':'), action.split_once(':'))
    else {
        return false;
    };
    let is_dead = name.is_empty() || name.contains([' ', ',']);
    !is_dead
        && prefix.eq_ignore_ascii_case(service)
        && matches(&name.to_ascii_lowercase(), &asked.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use preclear_model::policy::PolicyKind;

    use super::super::samples::{Sample, in_every_mode, statement, statement_of};
    use super::*;

    fn says(element: &str, action: &str) -> Tri {
        applies(&statement(element), action, &Sample::new(), Toward::Allow)
    }

    #[test]
    fn names_are_globbed_and_prefixes_are_not() {
        // IAM-WILD-3.
        for (entry, action) in [
            ("*", "kms:Decrypt"),
            ("KMS:decrypt", "kms:Decrypt"),
            ("kms:Generate*", "kms:GenerateDataKeyPair"),
            ("iam:*AccessKey*", "iam:CreateAccessKey"),
            ("kms:*", "KMS:Decrypt"),
            ("kms:Decryp?", "kms:Decrypt"),
        ] {
            assert_eq!(
                says(&format!(r#""Action": "{entry}""#), action),
                Tri::True,
                "{entry}"
            );
            assert_eq!(
                says(&format!(r#""NotAction": "{entry}""#), action),
                Tri::False,
                "{entry}"
            );
        }
        for (entry, action) in [
            ("kms:Decrypt ", "kms:Decrypt"),
            ("kms:*, kms:*", "kms:Decrypt"),
            ("kms:", "kms:"),
            ("kms:*, *", "kms:Decrypt, kms:Encrypt"),
            ("kms:* *", "kms:Decrypt kms:Encrypt"),
            ("kms:Decrypt", "kms:DecryptAll"),
            ("s3:*", "s3-object-lambda:GetObject"),
        ] {
            assert_eq!(
                says(&format!(r#""Action": "{entry}""#), action),
                Tri::False,
                "{entry}"
            );
            assert_eq!(
                says(&format!(r#""NotAction": "{entry}""#), action),
                Tri::True,
                "{entry}"
            );
        }
    }

    #[test]
    fn traps() {
        // TRAP-49: an entry with a space excludes nothing. TRAP-50.
        assert_eq!(
            says(r#""NotAction": "s3:GetObject ""#, "s3:GetObject"),
            Tri::True
        );
        assert_eq!(
            says(r#""NotAction": "iam:*""#, "sqs:SendMessage"),
            Tri::True
        );
    }

    #[test]
    fn empty_lists() {
        // IAM-GRAM-10.
        let empty = |element: &str, effect: &str| {
            let elements = format!(r#"{element}, "Effect": "{effect}""#);
            let statement = statement_of(PolicyKind::Resource, "2012-10-17", &elements);
            applies(&statement, "s3:GetObject", &Sample::new(), Toward::Deny)
        };
        assert_eq!(empty(r#""Action": []"#, "Deny"), Tri::False);
        assert_eq!(empty(r#""NotAction": []"#, "Allow"), Tri::False);
        assert_eq!(empty(r#""NotAction": []"#, "Deny"), Tri::True);
    }

    #[test]
    fn any_action_of_any_service() {
        // AMB-3.
        let says = |element: &str| {
            in_every_mode(|mode, toward| {
                applies(
                    &statement(element),
                    "s3:GetObject",
                    &Sample::new().mode(mode),
                    toward,
                )
            })
        };
        let (no, maybe, yes) = (Tri::False, Tri::Unknown, Tri::True);
        assert_eq!(says(r#""Action": "*:*""#), [maybe, yes, no, yes]);
        assert_eq!(says(r#""NotAction": "*:*""#), [maybe, no, no, yes]);
        assert_eq!(says(r#""Action": ["*:*", "s3:Get*"]"#), [yes; 4]);
    }
}
