//! Keys that list the names of a family of keys: they follow from its members, and its members from them. Rule:
//! IAM-CTX-2, KMS-COND-0.

use preclear_condition::{KeyName, KeyState};

use super::said::Said;
use super::{Context, Entry};
use crate::request::{ContextValue, Request};

/// Families whose names another key lists.
const FAMILY_SETS: [(&str, &str); 3] = [
    ("aws:requesttag/", "aws:TagKeys"),
    ("kms:encryptioncontext:", "kms:EncryptionContextKeys"),
    ("s3:requestobjecttag/", "s3:RequestObjectTagKeys"),
];

/// A name of the family that the call may bring.
struct Member<'a> {
    name: &'a str,
    is_certain: bool,
}

impl Member<'_> {
    /// Names of keys are compared ignoring case; in the list they keep theirs. Rule: IAM-COND-3, IAM-COND-4.
    fn is_called(&self, name: &str) -> bool {
        KeyName::new(self.name) == KeyName::new(name)
    }
}

/// Members of a family that the request speaks of make up the key that lists their names, unless the context says that
/// too: then the list tells of the members that are not spoken of. A member that is not known leaves open what the list
/// holds, not what is certainly in it.
pub(super) fn derive_sets(context: &mut Context, request: &Request) {
    for (family, set) in FAMILY_SETS {
        match Said::of(request, set) {
            Said::Nothing if speaks_of(request, family) => {
                if let Some(entry) = set_of(context, request, family, set) {
                    context.set(set, entry);
                }
            }
            Said::Nothing => {}
            said => derive_members(context, family, said),
        }
    }
}

/// Members of a family whose list is said: those on it exist, and there are no others.
fn derive_members(context: &mut Context, family: &'static str, list: Said<'_>) {
    let (names, others): (&[String], Entry) = match list {
        Said::Value(ContextValue::One(name)) => (std::slice::from_ref(name), Entry::Absent),
        Said::Value(ContextValue::Many(names)) => (names, Entry::Absent),
        Said::Nothing | Said::Absent => (&[], Entry::Absent),
        // Any member may be on a list that is not known.
        Said::Present | Said::Unknown => (&[], Entry::Unknown),
    };
    let mut listed: Vec<KeyName> = Vec::new();
    for name in names.iter().filter(|name| !name.is_empty()) {
        let key = KeyName::new(&format!("{family}{name}"));
        // Two spellings of one key: which value counts is unpredictable (AMB-13).
        let entry = if listed.contains(&key) {
            Entry::Conflict
        } else {
            Entry::Present
        };
        if listed.contains(&key) || !context.entries.contains_key(&key) {
            context.entries.insert(key.clone(), entry);
        }
        listed.push(key);
    }
    // Families are searched in order: what is said comes before what was derived.
    context.families.insert(0, (family, others));
}

/// What is behind the family's name.
fn member<'n>(family: &str, key: &'n str) -> Option<&'n str> {
    let (head, name) = key.split_at_checked(family.len())?;
    head.eq_ignore_ascii_case(family).then_some(name)
}

fn speaks_of(request: &Request, family: &str) -> bool {
    let lists = [&request.unknown, &request.absent, &request.present];
    let mut names = request
        .context
        .keys()
        .chain(lists.into_iter().flatten())
        .chain(request.like.keys());
    names.any(|name| member(family, name).is_some())
}

/// What the list is; `None` where it stays as it is.
fn set_of(context: &Context, request: &Request, family: &str, set: &str) -> Option<Entry> {
    let state = context.state(&KeyName::new(set));
    let mut members: Vec<Member<'_>> = Vec::new();
    let certain = |name| Member {
        name,
        is_certain: true,
    };
    if let KeyState::Many(names) = state {
        members.extend(names.iter().map(|name| certain(name.as_str())));
    }
    for name in request.context.keys() {
        members.extend(member(family, name).map(certain));
    }
    // In the order in which the context takes them: the last word counts.
    for name in request.unknown.iter().filter_map(|key| member(family, key)) {
        members.retain(|member| !member.is_called(name));
        members.push(Member {
            name,
            is_certain: false,
        });
    }
    for name in request.absent.iter().filter_map(|key| member(family, key)) {
        members.retain(|member| !member.is_called(name));
    }
    let present = request.present.iter().chain(request.like.keys());
    for name in present.filter_map(|key| member(family, key)) {
        members.retain(|member| member.is_certain || !member.is_called(name));
        if !members.iter().any(|member| member.is_called(name)) {
            members.push(certain(name));
        }
    }
    let mut names: Vec<String> = Vec::new();
    for member in members.iter().filter(|member| member.is_certain) {
        if !names.iter().any(|name| name == member.name) {
            names.push(member.name.to_owned());
        }
    }
    // Where nobody knows what else the call brings, the list may be longer.
    let is_open = matches!(
        state,
        KeyState::Unknown | KeyState::Present | KeyState::Like(_)
    ) || members.iter().any(|member| !member.is_certain);
    match (is_open, names.is_empty()) {
        (true, true) => Some(Entry::Unknown),
        (true, false) => Some(Entry::Present),
        (false, false) => Some(Entry::many(names)),
        (false, true) => matches!(state, KeyState::Many(_)).then_some(Entry::Absent),
    }
}
