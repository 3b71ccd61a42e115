//! Additions as statements: JSON that can be pasted, as few statements as say the same.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::job::literal;
use crate::job::report::{Fix, FixTarget};

/// A test of an addition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Test {
    pub(crate) operator: String,
    pub(crate) key: String,
    /// As the policy writes them.
    pub(crate) values: Vec<String>,
}

impl Test {
    /// A test for one value.
    pub(crate) fn one(operator: &str, key: &str, value: String) -> Self {
        Self {
            operator: operator.to_owned(),
            key: key.to_owned(),
            values: vec![value],
        }
    }
}

/// Where an addition goes and what it says, but for the actions: additions that agree in this are one statement.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Slot {
    pub(crate) target: FixTarget,
    /// `(type, name)` of the principal, where the policy names one.
    pub(crate) principal: Option<(&'static str, String)>,
    /// As the policy writes it; empty in trust policies, which have none.
    pub(crate) resource: String,
    pub(crate) conditions: Vec<Test>,
}

impl Slot {
    /// True if one of the additions already says this for the action.
    pub(crate) fn is_among(&self, fixes: &[Fix], action: &str) -> bool {
        let holds = |fix: &Fix, member: &str, wanted: &str| match fix.statement.get(member) {
            Some(Value::String(text)) => text == wanted,
            Some(Value::Array(texts)) => texts.iter().any(|text| text.as_str() == Some(wanted)),
            _ => false,
        };
        let has_resource = |fix: &Fix| match fix.statement.get("Resource") {
            None => self.resource.is_empty(),
            Some(Value::Array(texts)) => {
                texts.iter().any(|text| covers(text, &json!(self.resource)))
            }
            Some(text) => covers(text, &json!(self.resource)),
        };
        let principal = self.principal_json();
        fixes.iter().any(|fix| {
            fix.target == self.target
                && fix.statement.get("Principal") == principal.as_ref()
                && holds(fix, "Action", action)
                && has_resource(fix)
        })
    }

    /// The element of the statement, if it has one.
    fn principal_json(&self) -> Option<Value> {
        let (kind, name) = self.principal.as_ref()?;
        Some(json!({ *kind: name }))
    }

    /// True where everything that the other slot lets somebody do to something this one does, too.
    fn covers(&self, other: &Slot) -> bool {
        self.target == other.target
            && self.principal == other.principal
            && self.conditions == other.conditions
            && literal::covers(&self.resource, &other.resource)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Addition {
    pub(crate) actions: Vec<String>,
    pub(crate) serves: Vec<String>,
    pub(crate) notes: Vec<String>,
}

/// Appends a text that is not there yet.
pub(crate) fn push_new(list: &mut Vec<String>, text: &str) {
    if !list.iter().any(|own| own == text) {
        list.push(text.to_owned());
    }
}

/// The additions without actions that another one gives on more: what serves there serves here.
pub(crate) fn without_covered(mut additions: BTreeMap<Slot, Addition>) -> BTreeMap<Slot, Addition> {
    let slots: Vec<Slot> = additions.keys().cloned().collect();
    for narrow in &slots {
        for wide in slots
            .iter()
            .filter(|wide| *wide != narrow && wide.covers(narrow))
        {
            let Some(mut left) = additions.remove(narrow) else {
                break;
            };
            if let Some(more) = additions.get_mut(wide) {
                let count = left.actions.len();
                left.actions.retain(|action| !more.actions.contains(action));
                if left.actions.len() < count {
                    let notes = left.notes.iter();
                    notes.for_each(|note| push_new(&mut more.notes, note));
                    left.serves
                        .iter()
                        .for_each(|id| push_new(&mut more.serves, id));
                }
            }
            if !left.actions.is_empty() {
                additions.insert(narrow.clone(), left);
            }
        }
    }
    additions
}

/// The statement of one slot.
pub(crate) fn fix(slot: Slot, addition: Addition) -> Fix {
    let mut statement = Map::new();
    statement.insert("Effect".to_owned(), json!("Allow"));
    if let Some(principal) = slot.principal_json() {
        statement.insert("Principal".to_owned(), principal);
    }
    statement.insert("Action".to_owned(), one_or_many(&addition.actions));
    if !slot.resource.is_empty() {
        statement.insert("Resource".to_owned(), json!(slot.resource));
    }
    if !slot.conditions.is_empty() {
        statement.insert("Condition".to_owned(), conditions_json(&slot.conditions));
    }
    Fix {
        target: slot.target,
        statement: Value::Object(statement),
        serves: addition.serves,
        notes: addition.notes,
    }
}

fn conditions_json(conditions: &[Test]) -> Value {
    let mut operators: Map<String, Value> = Map::new();
    for test in conditions {
        let keys = operators
            .entry(&test.operator)
            .or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(keys) = keys {
            keys.insert(test.key.clone(), one_or_many(&test.values));
        }
    }
    Value::Object(operators)
}

/// As statements with one entry, and with more, are written.
pub(crate) fn one_or_many(texts: &[String]) -> Value {
    match texts {
        [one] => json!(one),
        many => json!(many),
    }
}

/// Statements of one policy that say the same of several resources become one.
pub(crate) fn join_resources(fixes: Vec<Fix>) -> Vec<Fix> {
    let mut joined: Vec<Fix> = Vec::new();
    for fix in fixes {
        match joined
            .iter_mut()
            .find(|own| own.target == fix.target && differ_only_in_resource(own, &fix))
        {
            Some(own) => {
                append_resource(&mut own.statement, &fix.statement);
                for id in &fix.serves {
                    push_new(&mut own.serves, id);
                }
                for note in &fix.notes {
                    push_new(&mut own.notes, note);
                }
            }
            None => joined.push(fix),
        }
    }
    joined
}

fn differ_only_in_resource(left: &Fix, right: &Fix) -> bool {
    let without = |statement: &Value| {
        let mut statement = statement.clone();
        if let Value::Object(members) = &mut statement {
            members.remove("Resource");
        }
        statement
    };
    left.statement.get("Resource").is_some()
        && without(&left.statement) == without(&right.statement)
}

fn append_resource(statement: &mut Value, other: &Value) {
    let Some(more) = other.get("Resource").cloned() else {
        return;
    };
    let Some(own) = statement.get_mut("Resource") else {
        return;
    };
    let mut resources = match own.take() {
        Value::Array(list) => list,
        one => vec![one],
    };
    resources.push(more);
    let all = resources.clone();
    // What another entry covers need not be said again.
    resources.retain(|resource| {
        !all.iter()
            .any(|other| other != resource && covers(other, resource))
    });
    *own = match <[Value; 1]>::try_from(resources) {
        Ok([one]) => one,
        Err(many) => Value::Array(many),
    };
}

fn covers(wide: &Value, narrow: &Value) -> bool {
    let (Some(wide), Some(narrow)) = (wide.as_str(), narrow.as_str()) else {
        return false;
    };
    literal::covers(wide, narrow)
}
