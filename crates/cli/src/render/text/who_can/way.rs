//! Ways and conditions, in words. Rule: UI-20.

use std::fmt::Write as _;

use preclear_simulator::Layer;
use preclear_simulator::explanation::MetTest;
use preclear_simulator::who_can::{Condition, Source, Way, WayKind, WayStatement};

use crate::render::style::shown;
use crate::render::text::reason::{entry, place_name, statement_name};

/// The statements or the grant of a way, each with its conditions below it.
pub(super) fn push_way(text: &mut String, way: &Way) {
    let mut label = match way.kind {
        WayKind::KeyPolicy => "key policy",
        WayKind::Grant => "grant",
        WayKind::Iam => "IAM",
        WayKind::IdentityPolicy => "identity",
        WayKind::ResourcePolicy => "resource",
        WayKind::TrustPolicy => "trust",
        WayKind::CrossAccount => "both sides",
        WayKind::RootUser => "root user",
        WayKind::Always => "always",
    };
    let mut push = |text: &mut String, value: &str| {
        entry(text, "    ", std::mem::take(&mut label), value);
    };
    let if_any = |condition: &Option<Condition>| {
        let condition = condition.as_ref()?;
        let (label, said) = condition_in_words(condition, false);
        Some(format!("  {label} {said}"))
    };
    if let Some((action, resource)) = &way.part {
        push(
            text,
            &format!("for {} on {}", shown(action), shown(resource)),
        );
    }
    if let Some(grant) = &way.grant {
        let place = way.terms.as_ref().and_then(|terms| terms.place.as_ref());
        let place = place.map(|place| format!(" at {}", place_name(place)));
        push(text, &(shown(grant) + place.unwrap_or_default().as_str()));
        if let Some(terms) = &way.terms {
            let name = terms.name.iter().map(|name| format!("`{name}`, "));
            let named = name.collect::<String>();
            push(
                text,
                &shown(&format!("{named}for {}", terms.operations.join(", "))),
            );
            // What of them is undecided stands below.
            if way.condition.is_none() && !terms.constraints.is_empty() {
                push(text, &shown(&constraints_in_words(&terms.constraints)));
            }
        }
        if let Some(said) = if_any(&way.condition) {
            push(text, &said);
        }
    }
    let mut before: Option<Layer> = None;
    for one in by_layer(&way.statements) {
        // One statement of each layer is enough.
        let joint = match before {
            None => "",
            Some(layer) if layer == one.layer => "or ",
            Some(_) => "and ",
        };
        before = Some(one.layer);
        let name = statement_name(&one.statement);
        let all = match one.is_open_to_all {
            true => ", whose principal is `*`",
            false => "",
        };
        push(text, &format!("{joint}{name}{all}"));
        if let Some(said) = if_any(&one.condition) {
            push(text, &said);
        }
    }
    if way.statements.is_empty() && way.grant.is_none() {
        let why = match way.kind {
            WayKind::Always => "no policy has to allow it",
            WayKind::RootUser => "the root user may",
            _ => "a policy that is not loaded",
        };
        push(text, why);
    }
}

/// Statements of one layer together, in their order.
fn by_layer(statements: &[WayStatement]) -> Vec<&WayStatement> {
    let mut layers: Vec<Layer> = Vec::new();
    for one in statements {
        if !layers.contains(&one.layer) {
            layers.push(one.layer);
        }
    }
    let of = |layer: Layer| statements.iter().filter(move |one| one.layer == layer);
    layers.into_iter().flat_map(of).collect()
}

/// `if` or `unless`, and what has to hold or must not. Rule: UI-20.
pub(crate) fn condition_in_words(
    condition: &Condition,
    names_source: bool,
) -> (&'static str, String) {
    let tests = condition.tests.iter().map(test);
    let constraints = condition.constraints.iter();
    let constraints = constraints.map(|(element, value)| constraint(element, value));
    // Remarks of a grant say the same of its constraints.
    let remarks = condition.remarks.iter();
    let remarks = remarks.filter(|_| condition.constraints.is_empty());
    let remarks = remarks.map(|one| shown(one).into_owned());
    let all: Vec<String> = tests.chain(constraints).chain(remarks).collect();
    let label = if condition.allows { "if" } else { "unless" };
    let mut said = all.join(" and ");
    if names_source {
        let source = match &condition.source {
            Source::Statement(statement) => {
                let effect = if condition.allows { "Allow" } else { "Deny" };
                let (layer, name) = (layer_name(condition.layer), statement_name(statement));
                format!("{effect} of the {layer} policy: {name}")
            }
            Source::Grant(id) => format!("grant {}", shown(id)),
        };
        let _ = write!(said, " ({source})");
    }
    (label, said)
}

/// What a grant asks of calls, in words.
pub(crate) fn constraints_in_words(constraints: &[(&'static str, String)]) -> String {
    let all = constraints.iter();
    let all = all.map(|(element, value)| constraint(element, value));
    all.collect::<Vec<_>>().join(" and ")
}

/// What a member of a grant asks of the call.
fn constraint(element: &str, value: &str) -> String {
    let value = shown(value);
    match element {
        "EncryptionContextEquals" => format!("the encryption context is {value} and no more"),
        "EncryptionContextSubset" => format!("the encryption context has {value}"),
        "SourceArn" => format!("the call is made for {value}"),
        "GranteePrincipal" | "GranteeServicePrincipal" => format!("the caller is {value}"),
        element => format!("{element} is {value}"),
    }
}

fn layer_name(layer: Layer) -> &'static str {
    match layer {
        Layer::Scp => "service control",
        Layer::Rcp => "resource control",
        Layer::VpcEndpoint => "endpoint",
        Layer::Boundary => "boundary",
        Layer::Session => "session",
        Layer::Resource | Layer::Grants => "resource's",
        Layer::Identity => "identity",
    }
}

/// A test as it stands in the policy.
fn test(test: &MetTest) -> String {
    let operands = test.operands.join(" or ");
    let said = format!("{} {}: {operands}", test.operator, test.key);
    shown(&said).into_owned()
}
