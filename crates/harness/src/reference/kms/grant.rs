//! Grants: whom they mean, for what, under which constraints, and which layers limit them. Rule: KMS-GRANT-1.

use preclear_model::caller::CallerKind;
use preclear_model::policy::{PrincipalEntry, PrincipalKind};
use preclear_model::{Arn, Span};
use preclear_simulator::Layer;
use preclear_simulator::request::GrantKeyTrust;
use preclear_simulator::snapshot::GrantRecord;

use super::create_grant;
use super::parameters::{as_texts, member};
use crate::reference::context::Facts;
use crate::reference::context::pairs::{Wanted, has_pairs};
use crate::reference::identity::OfRequester;
use crate::reference::language::matches;
use crate::reference::listed::{Declared, declared, is_all_listed};
use crate::reference::principal::{Class, Classes, Place, of_entry};
use crate::reference::question::Question;
use crate::reference::target::{Key, Kind};
use crate::reference::value::{Context, Toward, Tri, Value};

/// The grants of the key in question.
#[derive(Debug)]
pub(crate) struct Grants<'a> {
    pub(crate) listed: Vec<&'a GrantRecord>,
    /// True if there may be others.
    pub(crate) is_open: bool,
}

/// True if a grant that may help the requester asks for a key too, which then decides about more than conditions; `key` is in
/// lower case. Rule: IAM-TRI-10, KMS-GRANT-5, KMS-GRANT-7, KMS-GRANT-9.
pub(crate) fn depends_on(question: &Question<'_>, key: &str) -> bool {
    let is_of_source = key == "aws:sourcearn";
    let is_of_context = key.starts_with("kms:encryptioncontext");
    let is_of_child = key.starts_with("kms:grant") && question.is_action("kms", &["CreateGrant"]);
    if !is_of_source && !is_of_context && !is_of_child {
        return false;
    }
    let mut listed = grants(question).listed.into_iter();
    listed.any(|grant| {
        let asks = is_of_source && grant.source_arn.is_some()
            || is_of_context && (grant.context_equals.is_some() || grant.context_subset.is_some())
            || is_of_child;
        let is_listed = |operation: &String| operation.eq_ignore_ascii_case(&question.action);
        asks && grant.operations.iter().any(is_listed)
            && grantee(question, grant).any() != Tri::False
    })
}

/// The grants of the key that the request is about. Rule: KMS-GRANT-1, IAM-TRI-7.
pub(crate) fn grants<'a>(question: &Question<'a>) -> Grants<'a> {
    let snapshot = question.snapshot;
    let (listed, is_open) = match &question.target.kind {
        Kind::Key(Key::Listed(record)) => match &record.grants {
            Some(grants) => (grants.iter().collect(), false),
            None => (Vec::new(), !is_all_listed(snapshot, record.arn.as_str())),
        },
        Kind::Key(Key::NotLoaded | Key::Any) => (Vec::new(), true),
        // Nobody may use a service's key directly. Rule: KMS-AMK-2.
        _ => (Vec::new(), false),
    };
    let declared = declared(snapshot, Layer::Grants);
    let (mut listed, is_open): (Vec<&GrantRecord>, bool) = match declared {
        // Those that are listed count; there may be others.
        Declared::NotLoaded if question.is_on_key() => (listed, true),
        Declared::NotLoaded => (Vec::new(), false),
        // Grants only allow, so that those of an open layer count; there are no others.
        Declared::Open => (listed, false),
        Declared::Empty => (Vec::new(), false),
        Declared::AsListed => (listed, is_open),
    };
    listed.extend(&question.request.assumed_grants);
    Grants { listed, is_open }
}

/// Whether a grant lets the request through. Rule: KMS-GRANT-1, KMS-GRANT-10…12.
pub(crate) fn granted(question: &Question<'_>, own: &OfRequester) -> Tri {
    let is_grantable = question.kms.is_some_and(|row| row.is_grantable);
    if !question.is_on_key() || !is_grantable {
        return Tri::False;
    }
    let grants = grants(question);
    let by_grant = |grant: &&GrantRecord| by_grant(question, own, grant);
    let by_listed = Tri::any(grants.listed.iter().map(by_grant));
    let by_others = Tri::from(grants.is_open).and(by_others(question, own));
    // What nobody signed, KMS refuses. Rule: KMS-POL-8.
    let is_signed = Tri::from(!question.requester.is_unsigned());
    by_listed.or(by_others).and(is_signed)
}

/// Whether a grant of which nothing is known may: it names the requester in the class that needs least, and was issued by
/// its account. Rule: IAM-TRI-7, KMS-GRANT-10, KMS-GRANT-11.
fn by_others(question: &Question<'_>, own: &OfRequester) -> Tri {
    limited(question, own, possible(question), true).and(Tri::Unknown)
}

/// The class in which a grant can name the requester that needs least: itself, or of root users its account.
/// Rule: KMS-GRANT-4, KMS-GRANT-12.
pub(crate) fn possible(question: &Question<'_>) -> Classes {
    let class = match question.requester.is_root() {
        true => Class::Account,
        false => Class::Session,
    };
    Classes::one(class, Tri::Unknown)
}

/// Whether this grant does. Rule: KMS-GRANT-1.
fn by_grant(question: &Question<'_>, own: &OfRequester, grant: &GrantRecord) -> Tri {
    let grantee = grantee(question, grant);
    let limited = limited(question, own, grantee, issuer_is_own(question, grant));
    Tri::all([
        limited,
        covers(question, grant),
        is_effective(question, grant).into(),
        meets_constraints(question, grant),
        create_grant::is_within(question, grant),
    ])
}

/// What a match of each class still needs: in the key's account nothing where the grant names user, session or service,
/// boundary and session policy where it names the role, an identity policy as well where it names the account; for a key
/// of another account boundary and session policy, and where its owner issued the grant an identity policy.
/// Rule: KMS-GRANT-10, KMS-GRANT-11, KMS-GRANT-12.
pub(crate) fn limited(
    question: &Question<'_>,
    own: &OfRequester,
    grantee: Classes,
    needs_no_trust: bool,
) -> Tri {
    let cap = own.cap();
    let identity = own.identity.allow;
    let account = Tri::all([grantee.of(&[Class::Account]), identity, cap]);
    let named = grantee.of(&[Class::User, Class::Session, Class::Service]);
    let role = grantee.of(&[Class::Entity]);
    if question.is_cross_account() {
        let trust = if needs_no_trust { Tri::True } else { identity };
        return Tri::all([named.or(role), cap, trust]).or(account);
    }
    Tri::any([named, role.and(cap), account])
}

/// True if key trust asks for nothing: the requester's account issued the grant, or the switch says so.
/// Rule: KMS-GRANT-11.
fn issuer_is_own(question: &Question<'_>, grant: &GrantRecord) -> bool {
    let is_lenient = question.request.grant_key_trust == GrantKeyTrust::Lenient;
    is_lenient || issuer(question, grant) == question.requester.account()
}

/// Account that created a grant: left out, the key's. Rule: UI-37.
pub(crate) fn issuer<'q>(question: &'q Question<'_>, grant: &'q GrantRecord) -> Option<&'q str> {
    let own = grant.issuing_account.as_deref();
    own.or(question.target.account.as_deref())
}

/// In which classes the grantee is the requester. Rule: KMS-GRANT-4.
pub(crate) fn grantee(question: &Question<'_>, grant: &GrantRecord) -> Classes {
    let texts = [&grant.grantee, &grant.grantee_service];
    named(question, texts.into_iter().flatten())
}

/// In which classes texts of a grant name the requester, as entries of a key policy would. Rule: KMS-GRANT-4, KMS-POL-6.
pub(crate) fn named<'t>(
    question: &Question<'_>,
    texts: impl IntoIterator<Item = &'t String>,
) -> Classes {
    let texts = texts.into_iter();
    texts.fold(Classes::NONE, |classes, text| {
        classes.or(names(question, text))
    })
}

/// In which classes one text names the requester; a service identity is named by its own text. Rule: KMS-GRANT-4.
fn names(question: &Question<'_>, text: &str) -> Classes {
    if let CallerKind::ServiceIdentity { text: own } = question.requester.kind() {
        return Classes::one(Class::Service, (own == text).into());
    }
    let entry = PrincipalEntry {
        kind: kind(text),
        text: text.into(),
        span: Span::default(),
    };
    of_entry(question, &entry, Place::Ordinary, Toward::Allow)
}

/// What a text of a grant names. Rule: KMS-GRANT-4.
fn kind(text: &str) -> PrincipalKind {
    if preclear_model::arn::is_account_id(text) {
        return PrincipalKind::Account {
            partition: None,
            account: text.to_owned(),
        };
    }
    let Some(arn) = Arn::parse(text) else {
        let is_unique_id = text.starts_with("AIDA") || text.starts_with("AROA");
        return match is_unique_id {
            true => PrincipalKind::UniqueId(text.to_owned()),
            false => PrincipalKind::Service(text.to_owned()),
        };
    };
    match (arn.service(), arn.resource_type()) {
        ("iam", None) if arn.resource() == "root" => PrincipalKind::Account {
            partition: Some(arn.partition().to_owned()),
            account: arn.account().to_owned(),
        },
        ("iam", Some("user")) => PrincipalKind::User(arn),
        ("iam", Some("role")) => PrincipalKind::Role(arn),
        ("sts", Some("assumed-role")) => PrincipalKind::RoleSession(arn),
        ("sts", Some("federated-user")) => PrincipalKind::FederatedUser(arn),
        _ => PrincipalKind::Other,
    }
}

/// Whether the grant lists the operation. Rule: KMS-GRANT-2.
fn covers(question: &Question<'_>, grant: &GrantRecord) -> Tri {
    let mut operations = grant.operations.iter();
    operations
        .any(|operation| operation.eq_ignore_ascii_case(&question.action))
        .into()
}

/// A grant that has not spread counts only for calls that bring its token. Rule: KMS-GRANT-13.
fn is_effective(question: &Question<'_>, grant: &GrantRecord) -> bool {
    let tokens = member(question.request, "GrantTokens").map(as_texts);
    let is_brought = |token: &String| tokens.iter().flatten().any(|brought| brought == token);
    grant.consistent || grant.token.as_ref().is_some_and(is_brought)
}

/// Whether the call meets the grant's constraints. Rule: KMS-GRANT-5, KMS-GRANT-6, KMS-GRANT-7.
fn meets_constraints(question: &Question<'_>, grant: &GrantRecord) -> Tri {
    let ignores_context = question.is_action("kms", &["DescribeKey", "RetireGrant", "CreateGrant"]);
    let context = match ignores_context {
        true => Tri::True,
        false => {
            let equals = grant.context_equals.as_ref();
            let equals = equals.map(|wanted| has_pairs(question, wanted, Wanted::Equals));
            let subset = grant.context_subset.as_ref();
            let subset = subset.map(|wanted| has_pairs(question, wanted, Wanted::Subset));
            Tri::all(equals.into_iter().chain(subset))
        }
    };
    context.and(meets_source(question, grant))
}

/// The call must be made for that resource; DescribeKey only if it is made for one. Rule: KMS-GRANT-7.
fn meets_source(question: &Question<'_>, grant: &GrantRecord) -> Tri {
    let Some(wanted) = grant.source_arn.as_deref() else {
        return Tri::True;
    };
    if question.is_action("kms", &["RetireGrant"]) {
        return Tri::True;
    }
    match Facts::of(question).value("aws:SourceArn") {
        Value::Known(texts) => texts.iter().any(|text| text == wanted).into(),
        Value::Absent => question.is_action("kms", &["DescribeKey"]).into(),
        Value::Like(pattern) if !matches(&pattern, wanted) => Tri::False,
        Value::Like(_) | Value::Present | Value::Unknown => Tri::Unknown,
    }
}
