//! Keys that list the names of a family of keys: they follow from its members, and its members from them. Rule:
//! IAM-CTX-2, KMS-COND-0.
//!
//! Members of a family that the request speaks of make up the key that lists their names, unless the context says that
//! too: then the list tells of the members that are not spoken of. A member that is not known leaves open what the list
//! holds, not what is certainly in it.

use crate::arena::List;
use crate::context::names::Name;
use crate::context::said::{is_member, is_same_key};
use crate::context::{Entry, Said, Sources};
use crate::request::{ContextValue, Request};

/// Families whose names another key lists.
const FAMILY_SETS: [(Name, Name); 3] = [
    (Name::RequestTag, Name::TagKeys),
    (Name::KmsEncryptionContext, Name::KmsEncryptionContextKeys),
    (Name::RequestObjectTag, Name::RequestObjectTagKeys),
];

/// A name of the family that the call may bring.
#[derive(Clone, Copy)]
struct Member<'a> {
    name: &'a str,
    is_certain: bool,
}

impl Member<'_> {
    /// Names of keys are compared ignoring case; in the list they keep theirs. Rule: IAM-COND-3, IAM-COND-4.
    fn is_called(&self, name: &str) -> bool {
        is_same_key(self.name, name)
    }
}

/// What is said of the key that lists the names of a family; `None` for what is no such family.
fn list_of(request: &Request, family: Name) -> Option<Said<'_>> {
    let (_, set) = FAMILY_SETS.iter().find(|(own, _)| *own == family)?;
    match Said::of(request, set.text()) {
        Said::Nothing => None,
        said => Some(said),
    }
}

/// A member of a family whose list is said: those on it exist, and no others, whatever the parameters tell; of a member that
/// the request itself gives nothing is said here.
pub(super) fn member<'a>(
    request: &Request,
    family: Name,
    key: &str,
    is_told: impl FnOnce() -> bool,
    is_given: impl FnOnce() -> bool,
) -> Option<Entry<'a>> {
    let names: &[String] = match list_of(request, family)? {
        Said::Value(ContextValue::One(name)) => std::slice::from_ref(name),
        Said::Value(ContextValue::Many(names)) => names,
        Said::Absent => &[],
        Said::Present | Said::Unknown | Said::Nothing => return None,
    };
    let names = names.iter().filter(|name| !name.is_empty());
    let mut listed = names.filter(|name| is_member(family.text(), name, key));
    if listed.next().is_none() {
        return (!is_given()).then_some(Entry::Absent);
    }
    // Two spellings of one key: which value counts is unpredictable (AMB-13).
    if listed.next().is_some() {
        return Some(Entry::Conflict);
    }
    (!is_told()).then_some(Entry::Present)
}

/// The members of a family whose list is said and that are not on it: there are none.
pub(super) fn rest<'a>(request: &Request, family: Name) -> Option<Entry<'a>> {
    Some(match list_of(request, family)? {
        Said::Value(_) | Said::Nothing | Said::Absent => Entry::Absent,
        // Any member may be on a list that is not known.
        Said::Present | Said::Unknown => Entry::Unknown,
    })
}

/// What is behind the family's name.
fn name_in(family: Name, key: &str) -> Option<&str> {
    let family = family.text();
    let (head, name) = key.split_at_checked(family.len())?;
    head.eq_ignore_ascii_case(family).then_some(name)
}

fn speaks_of(request: &Request, family: Name) -> bool {
    let lists = [&request.unknown, &request.absent, &request.present];
    let mut names = request
        .context
        .keys()
        .chain(lists.into_iter().flatten())
        .chain(request.like.keys());
    names.any(|name| name_in(family, name).is_some())
}

/// What the key is that lists the names of a family; `None` where it stays as it is without.
pub(super) fn set<'a>(
    sources: Sources<'a>,
    set: Name,
    without: impl FnOnce() -> Entry<'a>,
) -> Option<Entry<'a>> {
    let request = sources.request;
    let (family, _) = *FAMILY_SETS.iter().find(|(_, own)| *own == set)?;
    let is_unsaid = matches!(Said::of(request, set.text()), Said::Nothing);
    if !is_unsaid || !speaks_of(request, family) {
        return None;
    }
    let without = without();
    let members = members(sources, family, without);
    let mut names: List<'a, &'a str> = List::new_in(sources.arena);
    for member in members.iter().filter(|member| member.is_certain) {
        if !names.contains(&member.name) {
            names.push(member.name);
        }
    }
    // Where nobody knows what else the call brings, the list may be longer.
    let is_open = matches!(without, Entry::Unknown | Entry::Present | Entry::Like(_))
        || members.iter().any(|member| !member.is_certain);
    match (is_open, names.is_empty()) {
        (true, true) => Some(Entry::Unknown),
        (true, false) => Some(Entry::Present),
        (false, false) => Some(Entry::Many(names.into_bump_slice())),
        (false, true) => matches!(without, Entry::Many(_)).then_some(Entry::Absent),
    }
}

fn members<'a>(sources: Sources<'a>, family: Name, without: Entry<'a>) -> List<'a, Member<'a>> {
    let request = sources.request;
    let mut members = List::new_in(sources.arena);
    let certain = |name| Member {
        name,
        is_certain: true,
    };
    if let Entry::Many(names) = without {
        members.extend(names.iter().copied().map(certain));
    }
    for name in request.context.keys() {
        members.extend(name_in(family, name).map(certain));
    }
    // In the order in which the context takes them: the last word counts.
    for name in request
        .unknown
        .iter()
        .filter_map(|key| name_in(family, key))
    {
        members.retain(|member: &Member<'_>| !member.is_called(name));
        members.push(Member {
            name,
            is_certain: false,
        });
    }
    for name in request.absent.iter().filter_map(|key| name_in(family, key)) {
        members.retain(|member| !member.is_called(name));
    }
    let present = request.present.iter().chain(request.like.keys());
    for name in present.filter_map(|key| name_in(family, key)) {
        members.retain(|member| member.is_certain || !member.is_called(name));
        if !members.iter().any(|member| member.is_called(name)) {
            members.push(certain(name));
        }
    }
    members
}
