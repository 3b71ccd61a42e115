//! Keys that come in families, and the keys that list the names of their members. Rule: IAM-CTX-2.

use preclear_simulator::Request;

use super::said::{is_same, said};
use crate::reference::value::Value;

/// A family: the start of its members' names, and the key that lists them, in lower case. Rule: IAM-CTX-2.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Family {
    start: &'static str,
    list: &'static str,
}

const FAMILIES: [Family; 3] = [
    Family {
        start: "aws:requesttag/",
        list: "aws:tagkeys",
    },
    Family {
        start: "kms:encryptioncontext:",
        list: "kms:encryptioncontextkeys",
    },
    Family {
        start: "s3:requestobjecttag/",
        list: "s3:requestobjecttagkeys",
    },
];

impl Family {
    /// The family that a key lists or belongs to. Rule: IAM-CTX-2.
    pub(crate) fn of(key: &str) -> Option<Family> {
        let is_own = |family: &&Family| family.list == key || key.starts_with(family.start);
        FAMILIES.iter().find(is_own).copied()
    }

    /// The key that lists the names of members.
    pub(crate) fn list(self) -> &'static str {
        self.list
    }

    pub(crate) fn is_list(self, key: &str) -> bool {
        self.list == key
    }

    /// The name of a member, as the request spells it.
    pub(crate) fn member(self, key: &str) -> Option<&str> {
        let (start, name) = key.split_at_checked(self.start.len())?;
        start.eq_ignore_ascii_case(self.start).then_some(name)
    }

    /// Members that the request gives are in the list, beside those that the call's parameters tell; there may be more
    /// where a member is unknown, or where nobody knows the others. `derived` is what is known of the list otherwise;
    /// `None` if the request speaks of no member. Rule: IAM-CTX-2, KMS-DEC-2.
    pub(crate) fn list_by_members(self, request: &Request, derived: &Value) -> Option<Value> {
        let given = request.context.keys().chain(&request.present);
        let given = given.filter_map(|key| self.member(key));
        let mut names: Vec<String> = given.map(str::to_owned).collect();
        let is_possible = request.unknown.iter().any(|key| self.member(key).is_some());
        let is_gone = |name: &str| {
            request.absent.iter().any(|key| {
                let member = self.member(key);
                member.is_some_and(|member| is_same(member, name))
            })
        };
        let loses_some =
            matches!(derived, Value::Known(others) if others.iter().any(|name| is_gone(name)));
        if names.is_empty() && !is_possible && !loses_some {
            return None;
        }
        if let Value::Known(others) = derived {
            names.extend(others.iter().filter(|name| !is_gone(name)).cloned());
        }
        names.sort();
        names.dedup();
        let is_open = is_possible || !matches!(derived, Value::Known(_) | Value::Absent);
        Some(match (is_open, names.is_empty()) {
            (false, true) => Value::Absent,
            (false, false) => Value::Known(names),
            (true, false) => Value::Present,
            (true, true) => Value::Unknown,
        })
    }

    /// Whoever gives the list has said which members there are, and that there are no others. `derived` is what the
    /// call's parameters tell of the member; `None` if the request does not speak of the list. Rule: IAM-CTX-2.
    pub(crate) fn member_by_list(
        self,
        request: &Request,
        key: &str,
        derived: Option<Value>,
    ) -> Option<Value> {
        let name = self.member(key)?;
        let known = derived.filter(|value| matches!(value, Value::Known(_)));
        match said(request, self.list)? {
            Value::Known(names) => {
                let is_listed = names.iter().any(|listed| is_same(listed, name));
                Some(match is_listed {
                    true => known.unwrap_or(Value::Present),
                    false => Value::Absent,
                })
            }
            Value::Absent => Some(Value::Absent),
            Value::Like(_) | Value::Present | Value::Unknown => {
                Some(known.unwrap_or(Value::Unknown))
            }
        }
    }
}
