//! ARNs and patterns of them: an input is lines, an ARN first, then patterns.

use std::sync::Arc;

use preclear_model::caller::Caller;
use preclear_model::policy::{ParseOptions, PolicyKind, parse_policy};
use preclear_model::{Arn, ArnRef};
use preclear_simulator::snapshot::{Given, PrincipalRecord};
use preclear_simulator::{Ask, Engine, Request, Snapshot, Verdict};
use preclear_wildcard::{FieldPattern, naive};
use serde_json::json;

use super::{Finding, hold, operand, same};
use crate::property::reference::{Answers, differences_in_every_mode};

/// Patterns of one input; more say nothing new.
const PATTERNS_MAX: usize = 3;

const USER: &str = "arn:aws:iam::111122223333:user/U";

/// Actions on what the service of an ARN has; others are of no service that is known.
const ACTIONS: [(&str, &str); 6] = [
    ("iam", "iam:GetRole"),
    ("kms", "kms:Decrypt"),
    ("lambda", "lambda:InvokeFunction"),
    ("s3", "s3:GetObject"),
    ("sns", "sns:Publish"),
    ("sqs", "sqs:SendMessage"),
];

/// Splits the ARN and matches it, as an operand and as a resource.
///
/// # Errors
/// Fields that do not join to the text, and matchers that do not agree.
///
/// ```
/// preclear_harness::fuzz::arn::oracle(b"arn:aws:s3:::b/x\narn:aws:s3:::b/*").unwrap();
/// ```
pub fn oracle(data: &[u8]) -> Result<(), Finding> {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.split('\n');
    let arn = lines.next().unwrap_or_default();
    let patterns: Vec<&str> = lines.take(PATTERNS_MAX).collect();
    fields_join(arn)?;
    for pattern in &patterns {
        fields_join(pattern)?;
        matchers_agree(pattern, arn)?;
        // As an operand of `ArnLike` and its opposite.
        for operator in [b'A' + 23, b'A' + 25] {
            let lines = format!("{arn}\n{arn}\n{pattern}");
            let data = [&[operator, b'@'], lines.as_bytes()].concat();
            operand::oracle(&data)?;
        }
    }
    callers_hold(arn)?;
    as_a_resource(arn, &patterns)
}

/// The fields are those of a plain split at colons, and join to the text.
fn fields_join(text: &str) -> Result<(), Finding> {
    let fields: Vec<&str> = text.splitn(6, ':').collect();
    let by_hand = match fields.as_slice() {
        ["arn", partition, service, region, account, resource] => {
            Some([*partition, *service, *region, *account, *resource])
        }
        _ => None,
    };
    let arn = Arn::parse(text);
    let own = arn.as_ref().map(|arn| {
        [
            arn.partition(),
            arn.service(),
            arn.region(),
            arn.account(),
            arn.resource(),
        ]
    });
    same(|| format!("fields of {text:?}"), &own, &by_hand)?;
    same(
        || format!("{text:?} by reference"),
        &arn,
        &ArnRef::parse(text).map(ArnRef::to_arn),
    )?;
    let Some(arn) = &arn else {
        return Ok(());
    };
    same(
        || "an ARN in words".to_owned(),
        &arn.to_string().as_str(),
        &text,
    )?;
    let [partition, service, region, account, resource] = own.unwrap_or_default();
    let joined = Arn::from_fields(partition, service, region, account, resource);
    same(|| "joined again".to_owned(), &joined.as_ref(), &Some(arn))?;
    let id = match arn.resource_type() {
        Some(kind) => resource.get(kind.len() + 1..),
        None => Some(resource),
    };
    same(
        || format!("type and id of {text:?}"),
        &Some(arn.resource_id()),
        &id,
    )?;
    let is_end = arn.resource_id().ends_with(arn.resource_name());
    hold(is_end && !arn.resource_name().contains('/'), || {
        format!("name in {text:?}")
    })
}

/// A pattern in fields, with the reference of the matcher and with each field by itself. Rule: IAM-WILD-5.
fn matchers_agree(pattern: &str, arn: &str) -> Result<(), Finding> {
    let tokens = naive::tokens(pattern);
    let compiled = FieldPattern::from_tokens(tokens.iter().copied(), ':', 6);
    let own = compiled.map(|compiled| compiled.is_match_with(arn, &[]));
    let (fields, texts): (Vec<&str>, Vec<&str>) = (
        pattern.splitn(6, ':').collect(),
        arn.splitn(6, ':').collect(),
    );
    let by_fields = (fields.len() == 6).then(|| {
        let mut pairs = fields.iter().zip(&texts);
        texts.len() == 6
            && pairs.all(|(field, text)| naive::is_match(&naive::tokens(field), &[], text))
    });
    same(|| format!("{pattern:?} and {arn:?}"), &own, &by_fields)
}

/// What a caller is called is again the caller.
fn callers_hold(text: &str) -> Result<(), Finding> {
    let Ok(caller) = Caller::parse(text) else {
        return Ok(());
    };
    let shown = caller.display_arn();
    let again = Caller::parse(&shown).map_err(|error| {
        Finding::new(format!("{text:?} is shown as {shown:?}: {}", error.message))
    })?;
    same(
        || format!("{text:?} shown as {shown:?}"),
        &again.display_arn(),
        &shown,
    )
}

/// A statement on the patterns, and a request on the ARN: the engine answers as the reference does.
fn as_a_resource(arn: &str, patterns: &[&str]) -> Result<(), Finding> {
    let mut fields = arn.split(':').skip(1);
    // An empty partition is another one to the engine, and none to the reference; no ARN has one.
    if fields.next() == Some("") {
        return Ok(());
    }
    let service = fields.next().unwrap_or_default();
    let action = ACTIONS.iter().find(|(known, _)| *known == service);
    let action = action.map_or("x:Do", |(_, action)| *action);
    for (effect, element) in [
        ("Allow", "Resource"),
        ("Allow", "NotResource"),
        ("Deny", "Resource"),
    ] {
        let mut statements = vec![json!({"Effect": effect, "Action": action, element: patterns})];
        if effect == "Deny" {
            statements.push(json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
        }
        let document = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        let options = ParseOptions::default();
        let (policy, _) = parse_policy(&document, "p", PolicyKind::Identity, options);
        let (Some(policy), Some(user)) = (policy, Arn::parse(USER)) else {
            return Ok(());
        };
        let mut user = PrincipalRecord::new(user);
        user.policies = Given::Here(vec![Arc::new(policy)]);
        let Ok(caller) = Caller::parse(USER) else {
            return Ok(());
        };
        let engine = Engine::compile(Snapshot {
            complete: true,
            region: Some("us-west-2".to_owned()),
            principals: vec![user],
            ..Snapshot::default()
        });
        let mut request = Request::new(caller, Ask::Action(action.to_owned()));
        request.resource = Some(arn.to_owned());
        if arn.split(':').nth(4) == Some("") {
            request.resource_account = Some("111122223333".to_owned());
        }
        if let Some(told) =
            differences_in_every_mode(&engine, &request, |found, _| is_passed_over(found))
        {
            return Err(Finding::new(format!(
                "{told}\n{document}\n{action} on {arn:?}"
            )));
        }
    }
    Ok(())
}

/// Which ARNs no request can have, engine and reference tell differently; and, where a wildcard in the type may or may not
/// match (AMB-2), which of two denials it is.
fn is_passed_over(found: Answers) -> bool {
    let (engine, reference) = (found.engine, found.reference.verdict);
    engine == Verdict::Invalid
        || reference == Verdict::Invalid
        || engine.is_deny() && reference.is_deny()
}
