//! What conditions test.

use preclear_catalog::KeyKind;
use preclear_model::operator::{BaseOperator as Base, SetQualifier};
use preclear_model::policy::{ConditionTest, Effect};

use super::statement::variable;
use super::{Marks, Met, Question};

pub(super) fn mark(question: Question<'_>, met: &Met<'_>, marks: &mut Marks) {
    let tests = &met.statement.conditions;
    if tests.is_empty() || !met.hangs_on("Condition") {
        return;
    }
    marks.mark("IAM-COND-5");
    marks.mark("IAM-GRAM-16");
    marks.member("element", "Condition");
    marks.mark_if(tests.len() > 1 || tests[0].operands.len() > 1, "IAM-COND-1");
    marks.mark_if(met.applies == preclear_condition::Tri::False, "IAM-COND-2");
    for test in tests {
        mark_test(question, met, test, marks);
    }
}

fn mark_test(question: Question<'_>, met: &Met<'_>, test: &ConditionTest, marks: &mut Marks) {
    let (operator, key) = (test.operator, test.key.to_ascii_lowercase());
    let known = preclear_catalog::catalog().condition_key(&test.key);
    let is_multivalued = known.is_some_and(|key| key.is_multivalued());
    let (base, rule) = base(operator.base);
    marks.mark(rule);
    marks.mark("IAM-GRAM-17");
    marks.member("operator", base);
    if met.statement.conditions.len() == 1 {
        marks.mark(&format!("operator {base} is {}", outcome(met)));
    }
    let set = match operator.set {
        None => "none",
        Some(SetQualifier::ForAllValues) => "ForAllValues",
        Some(SetQualifier::ForAnyValue) => "ForAnyValue",
    };
    let arity = if is_multivalued {
        "multivalued"
    } else {
        "single-valued"
    };
    marks.mark(&format!("set operator {set}, {arity} key"));
    let state = state(question, &key);
    marks.mark(&format!("tested key {state}, set operator {set}"));
    marks.mark("IAM-CTX-1");
    marks.mark("IAM-TRI-1");
    let is_open = matches!(state, "present" | "unknown");
    marks.mark_if(is_open && !is_multivalued, "IAM-TRI-3");
    marks.mark_if(is_open && is_multivalued, "IAM-TRI-4");
    marks.mark_if(state == "absent", "IAM-COND-8");
    marks.mark_if(operator.if_exists, "IAM-COND-26");
    marks.mark_if(operator.if_exists && operator.set.is_some(), "IAM-COND-9");
    match (operator.set, is_multivalued) {
        (None, true) => marks.mark_if(operator.base != Base::Null, "IAM-COND-6"),
        (Some(_), true) => marks.mark("IAM-COND-7"),
        (Some(_), false) => {
            marks.mark("IAM-COND-10");
            marks.mark_if(key.starts_with("kms:"), "KMS-COND-1");
        }
        (None, false) => {}
    }
    let is_unsafe =
        operator.set == Some(SetQualifier::ForAllValues) && met.statement.effect == Effect::Allow;
    marks.mark_if(is_unsafe, "IAM-COND-11");
    marks.mark_if(test.operands.is_empty(), "IAM-COND-12");
    let values = question.value(&test.key);
    let is_void = values.as_deref() == Some(&[""][..]) || values.as_deref() == Some(&[][..]);
    marks.mark_if(is_void, "IAM-COND-13");
    let is_bad = |text: &str| ["yes", "ten", "no date", "300.1.1.1", "maybe"].contains(&text);
    let is_bad = test
        .operands
        .iter()
        .any(|operand| is_bad(&operand.template.source));
    marks.mark_if(is_bad, "IAM-COND-14");
    marks.mark_if(
        known.is_some_and(|known| !fits(operator.base, known.kind())),
        "IAM-COND-15",
    );
    for piece in test
        .operands
        .iter()
        .flat_map(|operand| &operand.template.pieces)
    {
        variable(question, piece, "Condition", marks);
    }
    mark_key(question, test, &key, known.is_some(), marks);
}

fn mark_key(
    question: Question<'_>,
    test: &ConditionTest,
    key: &str,
    is_known: bool,
    marks: &mut Marks,
) {
    marks.mark_if(!is_known, "IAM-GRAM-18");
    marks.mark_if(
        test.key == key || test.key.to_ascii_uppercase() == test.key,
        "IAM-COND-3",
    );
    marks.mark_if(
        key.ends_with("tag/team") || key == "aws:tagkeys",
        "IAM-COND-4",
    );
    marks.mark_if(key.starts_with("aws:"), "IAM-CTX-2");
    marks.mark_if(!key.starts_with("aws:"), "IAM-CTX-7");
    marks.mark_if(key.ends_with("orgpaths"), "IAM-CTX-3");
    let is_service = question.request.caller.account.is_none();
    let is_source = ["aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid"].contains(&key);
    marks.mark_if(is_source && !is_service, "IAM-CTX-4");
    marks.mark_if(is_source && is_service && question.is_kms(), "KMS-POL-10");
    marks.mark_if(key == "aws:principalorgid" && is_service, "IAM-CTX-6");
    let action = question.answer.action.as_str();
    let creates = action.starts_with("kms:Create") && question.answer.resource == "*";
    marks.mark_if(creates && key.starts_with("aws:resourcetag/"), "IAM-CTX-8");
    let is_address = [
        "aws:sourceip",
        "aws:vpcsourceip",
        "aws:sourcevpce",
        "aws:sourcevpc",
    ]
    .contains(&key);
    marks.mark_if(
        is_address && !question.request.via.is_empty(),
        "IAM-PRIN-13",
    );
    marks.mark_if(
        key.starts_with("aws:principaltag/") && !question.request.caller.tags.is_empty(),
        "IAM-PRIN-14",
    );
    if !question.is_kms() || !key.starts_with("kms:") {
        return;
    }
    marks.member("condition key", key);
    let is_parameter = [
        "kms:keyspec",
        "kms:encryptionalgorithm",
        "kms:grantoperations",
    ]
    .contains(&key);
    marks.mark_if(is_parameter, "KMS-COND-0");
    marks.mark_if(key == "kms:viaservice", "KMS-COND-2");
    let is_context = key.starts_with("kms:encryptioncontext");
    let has_context = ["crypt", "GenerateDataKey", "Grant"]
        .iter()
        .any(|part| action.contains(part));
    marks.mark_if(is_context && !has_context, "KMS-COND-3");
    marks.mark_if(key == "kms:encryptioncontextkeys", "KMS-COND-4");
    marks.mark_if(key == "kms:grantisforawsresource", "KMS-GRANT-16");
    marks.mark_if(action.ends_with("Alias"), "KMS-ID-9");
}

/// What the request or its mode says of a key; `derived` where it follows from the rest.
fn state(question: Question<'_>, key: &str) -> &'static str {
    let request = question.request;
    let names = |names: &std::collections::BTreeSet<String>| {
        names.iter().any(|name| name.eq_ignore_ascii_case(key))
    };
    if question.value(key).is_some() {
        "known"
    } else if names(&request.absent) {
        "absent"
    } else if names(&request.unknown) {
        "unknown"
    } else if names(&request.present) {
        "present"
    } else {
        "unsaid"
    }
}

fn outcome(met: &Met<'_>) -> &'static str {
    match met.applies {
        preclear_condition::Tri::True => "true",
        preclear_condition::Tri::False => "false",
        preclear_condition::Tri::Unknown => "unknown",
    }
}

/// Name and rule of an operator.
fn base(base: Base) -> (&'static str, &'static str) {
    let rule = match base {
        Base::StringEquals | Base::StringNotEquals => "IAM-COND-16",
        Base::StringEqualsIgnoreCase | Base::StringNotEqualsIgnoreCase => "IAM-COND-17",
        Base::StringLike | Base::StringNotLike => "IAM-COND-18",
        Base::NumericEquals
        | Base::NumericNotEquals
        | Base::NumericLessThan
        | Base::NumericLessThanEquals
        | Base::NumericGreaterThan
        | Base::NumericGreaterThanEquals => "IAM-COND-19",
        Base::DateEquals
        | Base::DateNotEquals
        | Base::DateLessThan
        | Base::DateLessThanEquals
        | Base::DateGreaterThan
        | Base::DateGreaterThanEquals => "IAM-COND-20",
        Base::Bool => "IAM-COND-21",
        Base::BinaryEquals => "IAM-COND-22",
        Base::IpAddress | Base::NotIpAddress => "IAM-COND-23",
        Base::Null => "IAM-COND-24",
        Base::ArnEquals | Base::ArnLike | Base::ArnNotEquals | Base::ArnNotLike => "IAM-COND-25",
    };
    (base.name(), rule)
}

/// True if the operator is meant for values of the kind. Rule: IAM-COND-15.
fn fits(base: Base, kind: KeyKind) -> bool {
    let name = base.name();
    match kind {
        KeyKind::Bool => ["Bool", "Null"].contains(&name),
        KeyKind::Numeric => name.starts_with("Numeric") || name == "Null",
        KeyKind::Date => name.starts_with("Date") || name == "Null",
        _ => true,
    }
}
