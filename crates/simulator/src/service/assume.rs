//! AssumeRole and its siblings as API calls: what a call takes beside the action of its own name. Rule: IAM-EVAL-22.

use preclear_condition::{Dependency, Tri};
use preclear_model::ArnRef;
use preclear_model::caller::Caller;
use serde_json::Value;

use crate::Warning;
use crate::codes;
use crate::decide::{Case, Inquiry};
use crate::engine::{Detail, Engine};
use crate::explanation::{Explanation, Part, Verdict};
use crate::request::{ContextValue, Request};
use crate::service::explain_action;
use crate::service::operation::combine;
use crate::service::target::Wildcards;

/// The calls, in lower case.
const CALLS: [&str; 3] = [
    "assumerole",
    "assumerolewithsaml",
    "assumerolewithwebidentity",
];

/// A permission that a call takes if it passes something.
struct Further {
    action: &'static str,
    /// What it passes, in words.
    what: &'static str,
    /// The key that tells, and the family of keys that go with it.
    key: &'static str,
    family: Option<&'static str>,
    /// Member of the API request.
    parameter: &'static str,
}

const FURTHER: [Further; 2] = [
    Further {
        action: "sts:TagSession",
        what: "session tags",
        key: "aws:tagkeys",
        family: Some("aws:requesttag/"),
        parameter: "Tags",
    },
    Further {
        action: "sts:SetSourceIdentity",
        what: "a source identity",
        key: "sts:sourceidentity",
        family: None,
        parameter: "SourceIdentity",
    },
];

/// True for a call that gives credentials of a role.
pub(crate) fn is_call(service: &str, name: &str) -> bool {
    service.eq_ignore_ascii_case("sts") && CALLS.iter().any(|call| call.eq_ignore_ascii_case(name))
}

/// Answers the call: every decision, and the worst of them.
pub(crate) fn explain(inquiry: Inquiry<'_>, operation: &str, detail: Detail) -> Explanation {
    let request = inquiry.request;
    let resource = request.resource.as_deref();
    let answer = |action| explain_action(inquiry, action, resource, Wildcards::Literal, detail);
    let own = answer(operation);
    if own.verdict == Verdict::Invalid {
        return own;
    }
    let name = own.action.clone();
    let mut parts = vec![part(without_hint(own))];
    for further in &FURTHER {
        let is_passed = further.is_passed(request);
        if is_passed.is_false() {
            continue;
        }
        let mut result = answer(further.action);
        if is_passed.is_unknown() {
            only_if_passed(&mut result, further);
        }
        parts.push(part(result));
    }
    let mut whole = combine(request, parts);
    whole.action = name;
    whole
}

fn part(result: Explanation) -> Part {
    Part {
        action: result.action.clone(),
        resource: result.resource.clone(),
        result,
    }
}

/// A permission that may not be needed: without it the answer hangs on what the call passes.
fn only_if_passed(result: &mut Explanation, further: &Further) {
    if result.verdict == Verdict::Allow {
        return;
    }
    result.verdict = Verdict::Depends;
    result.primary = None;
    result.reasons.clear();
    let key = Dependency::Key(further.key.to_owned());
    result.depends_on.insert(key);
}

impl Further {
    /// Whether the call passes it.
    fn is_passed(&self, request: &Request) -> Tri {
        let in_parameters = request.parameters.as_ref().and_then(|parameters| {
            let value = parameters.get(self.parameter)?;
            Some(!matches!(value, Value::Array(items) if items.is_empty()))
        });
        let is_told = request
            .context
            .iter()
            .any(|(key, value)| self.is_named(key) && !is_empty(value));
        if in_parameters == Some(true) || is_told || self.names(&request.present) {
            Tri::True
        } else if self.names(&request.unknown) {
            Tri::Unknown
        } else {
            Tri::False
        }
    }

    fn is_named(&self, key: &str) -> bool {
        let key = key.to_lowercase();
        key == self.key || self.family.is_some_and(|family| key.starts_with(family))
    }

    fn names(&self, keys: &std::collections::BTreeSet<String>) -> bool {
        keys.iter().any(|key| self.is_named(key))
    }
}

fn is_empty(value: &ContextValue) -> bool {
    matches!(value, ContextValue::Many(values) if values.is_empty())
}

/// One decision on a call that takes several.
pub(crate) fn hints(case: &Case<'_>) -> Vec<Warning> {
    if !is_call(case.action.service(), case.action.name()) {
        return Vec::new();
    }
    let further = FURTHER
        .iter()
        .filter(|further| further.is_passed(case.request).is_true());
    further
        .map(|further| {
            let message = format!(
                "the call passes {}, so it takes {} on the role too",
                further.what, further.action
            );
            let help = format!(
                "ask for `{}` as `operation` to decide both",
                case.action_text
            );
            Warning::new(&codes::SESSION_PERMISSION_NEEDED_TOO, message)
                .help(help)
                .at(case.request.place.clone())
        })
        .collect()
}

/// The call itself answers what the hint is about.
fn without_hint(mut own: Explanation) -> Explanation {
    own.warnings
        .retain(|warning| warning.code != codes::SESSION_PERMISSION_NEEDED_TOO.name);
    own
}

/// The role that the request's own parameters name.
pub(crate) fn role_in_parameters(request: &Request) -> Option<&str> {
    request.parameters.as_ref()?.get("RoleArn")?.as_str()
}

/// What is wrong with the target of a call: only roles are assumed. Rule: IAM-EVAL-22.
pub(crate) fn target_error(engine: &Engine, arn: ArnRef<'_>) -> Option<String> {
    if arn.service() == "iam" && arn.resource().starts_with("role/") {
        return None;
    }
    let caller = Caller::parse(arn.as_str()).ok();
    let role = caller.as_ref().and_then(|caller| {
        let listed = engine.principals().of(caller);
        listed.map(|record| record.arn.as_str().to_owned())
    });
    let is_session = arn.service() == "sts" && arn.resource().starts_with("assumed-role/");
    let what = if is_session {
        "a session; the call takes the role itself"
    } else {
        "no role; the call takes one"
    };
    let example = role.unwrap_or_else(|| {
        let name = arn.resource().split('/').nth(1).filter(|_| is_session);
        let (partition, account) = (arn.partition(), arn.account());
        format!(
            "arn:{partition}:iam::{}:role/{}",
            if account.is_empty() {
                "ACCOUNT"
            } else {
                account
            },
            name.unwrap_or("NAME")
        )
    });
    Some(format!("`{arn}` is {what}, such as `{example}`"))
}
