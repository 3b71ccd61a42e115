//! Makes documents of one kind: the ordinary one, and those that differ from it in one member.

use serde_json::{Value, json};

use super::super::case::set;
use super::super::world::{self, USER};
use super::cells::{Check, Probe};
use super::kind::Kind;

/// Makes documents of one kind.
pub(super) struct Maker {
    pub(super) kind: Kind,
}

impl Maker {
    /// The effect of the ordinary document: RCPs only deny.
    pub(super) fn own_effect(&self) -> &'static str {
        if self.kind == Kind::Rcp {
            "Deny"
        } else {
            "Allow"
        }
    }

    /// A statement on the one action.
    pub(super) fn statement(&self, effect: &str) -> Value {
        let mut statement = json!({"Effect": effect});
        match self.kind {
            Kind::Resource | Kind::Trust => set(&mut statement, "Principal", json!({"AWS": USER})),
            Kind::Rcp | Kind::Endpoint => set(&mut statement, "Principal", json!("*")),
            _ => {}
        }
        set(&mut statement, "Action", json!(self.kind.action()));
        if self.kind != Kind::Trust {
            set(&mut statement, "Resource", json!("arn:aws:s3:::team-*/*"));
        }
        statement
    }

    pub(super) fn allow(&self) -> Value {
        self.statement(self.own_effect())
    }

    /// A statement with one member changed.
    pub(super) fn changed(&self, effect: &str, member: &str, value: Value) -> Value {
        let mut statement = self.statement(effect);
        set(&mut statement, member, value);
        statement
    }

    /// A statement without one member, and with another in its place.
    pub(super) fn replaced(
        &self,
        effect: &str,
        without: &str,
        member: Option<(&str, Value)>,
    ) -> Value {
        let mut statement = self.statement(effect);
        if let Some(members) = statement.as_object_mut() {
            members.shift_remove(without);
        }
        if let Some((member, value)) = member {
            set(&mut statement, member, value);
        }
        statement
    }

    pub(super) fn document(&self, statements: Vec<Value>) -> Value {
        world::document(statements)
    }

    pub(super) fn with_id(&self) -> Value {
        json!({"Version": "2012-10-17", "Id": "policy1", "Statement": [self.allow()]})
    }

    pub(super) fn accepted(&self, name: &str, document: Value, checks: Vec<Check>) -> Probe {
        Probe {
            name: name.to_owned(),
            document,
            checks: Some(checks),
        }
    }

    pub(super) fn refused(&self, name: &str, document: Value) -> Probe {
        Probe {
            name: name.to_owned(),
            document,
            checks: None,
        }
    }

    /// Allowed, or denied by an RCP; and the opposite for the other action.
    pub(super) fn ordinary(&self) -> Vec<Check> {
        vec![
            Check::new(
                "what the statement covers",
                self.kind.action(),
                json!(self.covered()),
            ),
            Check::new(
                "what it does not cover",
                self.kind.other_action(),
                json!(self.uncovered()),
            ),
        ]
    }

    pub(super) fn covered(&self) -> &'static str {
        if self.kind == Kind::Rcp {
            "explicit_deny"
        } else {
            "allow"
        }
    }

    pub(super) fn uncovered(&self) -> &'static str {
        if self.kind == Kind::Rcp {
            "allow"
        } else {
            "implicit_deny"
        }
    }
}
