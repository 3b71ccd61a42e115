//! The cells of IAM-GRAM-20: for each, documents and what becomes of them.

use serde_json::{Value, json};

use super::super::case::set;
use super::super::world::USER;
use super::kind::Kind;
use super::maker::Maker;

/// A document, and what it does; nothing: it is refused.
pub(super) struct Probe {
    pub(super) name: String,
    pub(super) document: Value,
    pub(super) checks: Option<Vec<Check>>,
}

/// One request: its action, what else is special in it, and the answer.
pub(super) struct Check {
    pub(super) about: &'static str,
    pub(super) action: &'static str,
    pub(super) object: &'static str,
    pub(super) rest: Value,
    pub(super) expect: Value,
}

impl Check {
    pub(super) fn new(about: &'static str, action: &'static str, expect: Value) -> Check {
        Check {
            about,
            action,
            object: "x",
            rest: json!({}),
            expect,
        }
    }

    pub(super) fn with(mut self, member: &str, value: Value) -> Check {
        set(&mut self.rest, member, value);
        self
    }
}

/// The probes of a cell; `None` if nobody can read it.
pub(super) fn probes(kind: Kind, row: &str, cell: &str) -> Option<Vec<Probe>> {
    let maker = Maker { kind };
    match (row, cell) {
        ("Version", "opt (W)") => {
            Some(maker.versions(&[None, Some("2008-10-17"), Some("2012-10-17")], &[]))
        }
        ("Version", "req 2012") => {
            Some(maker.versions(&[Some("2012-10-17")], &[None, Some("2008-10-17")]))
        }
        ("Id", "W" | "opt") => Some(vec![maker.accepted(
            "Id",
            maker.with_id(),
            maker.ordinary(),
        )]),
        ("Id", "no") => Some(vec![maker.refused("Id", maker.with_id())]),
        ("Principal", cell) => maker.principal(cell),
        ("NotPrincipal", cell) => maker.not_principal(cell),
        ("Effect: Allow", "yes") => Some(vec![maker.accepted(
            "Allow",
            maker.document(vec![maker.allow()]),
            maker.ordinary(),
        )]),
        ("Effect: Allow", "no (only AWS's own default RCP)") => {
            let allow = maker.statement("Allow");
            Some(vec![maker.refused("Allow", maker.document(vec![allow]))])
        }
        ("Action: \"*\"", cell) => maker.every_action(cell),
        ("NotAction", cell) => maker.not_action(cell),
        ("Resource/NotResource", cell) => maker.resource(cell),
        ("Condition", "yes") => Some(vec![maker.condition(maker.own_effect())]),
        ("Condition", "yes, both effects") => {
            Some(vec![maker.condition("Allow"), maker.condition("Deny")])
        }
        ("incomplete ARN", cell) => maker.incomplete_arn(cell),
        _ => None,
    }
}

impl Maker {
    fn versions(&self, accepted: &[Option<&str>], refused: &[Option<&str>]) -> Vec<Probe> {
        let document = |version: &Option<&str>| {
            let mut document = json!({});
            if let Some(version) = version {
                set(&mut document, "Version", json!(version));
            }
            set(&mut document, "Statement", json!([self.allow()]));
            document
        };
        let name = |version: &Option<&str>| match version {
            Some(version) => format!("Version {version}"),
            None => "no Version".to_owned(),
        };
        let accepted = accepted
            .iter()
            .map(|version| self.accepted(&name(version), document(version), self.ordinary()));
        let refused = refused
            .iter()
            .map(|version| self.refused(&name(version), document(version)));
        accepted.chain(refused).collect()
    }

    fn every_action(&self, cell: &str) -> Option<Vec<Probe>> {
        let effect = self.own_effect();
        let document =
            |action: &str| self.document(vec![self.changed(effect, "Action", json!(action))]);
        let both = || {
            let mut checks = vec![Check::new(
                "one action",
                self.kind.action(),
                json!(self.covered()),
            )];
            if self.kind != Kind::Trust {
                checks.push(Check::new(
                    "another action",
                    self.kind.other_action(),
                    json!(self.covered()),
                ));
            }
            checks
        };
        match cell {
            "yes" | "W" => Some(vec![self.accepted("Action *", document("*"), both())]),
            "no (need svc:*)" => Some(vec![
                self.refused("Action *", document("*")),
                self.accepted("Action s3:*", document("s3:*"), both()),
            ]),
            _ => None,
        }
    }

    fn not_action(&self, cell: &str) -> Option<Vec<Probe>> {
        let without = |effect: &str, action: &str| {
            self.replaced(effect, "Action", Some(("NotAction", json!(action))))
        };
        let allow = || {
            let document = self.document(vec![without("Allow", self.kind.other_action())]);
            self.accepted("Allow with NotAction", document, self.ordinary())
        };
        match cell {
            "yes" | "W" => Some(vec![allow()]),
            "yes, both effects" => {
                let open = self.changed("Allow", "Action", json!("s3:*"));
                let document = self.document(vec![open, without("Deny", self.kind.action())]);
                let checks = vec![
                    Check::new(
                        "the action that is named",
                        self.kind.action(),
                        json!("allow"),
                    ),
                    Check::new(
                        "another action",
                        self.kind.other_action(),
                        json!("explicit_deny"),
                    ),
                ];
                Some(vec![
                    allow(),
                    self.accepted("Deny with NotAction", document, checks),
                ])
            }
            "no" => {
                let document =
                    self.document(vec![without(self.own_effect(), self.kind.other_action())]);
                Some(vec![self.refused("NotAction", document)])
            }
            _ => None,
        }
    }

    fn resource(&self, cell: &str) -> Option<Vec<Probe>> {
        let effect = self.own_effect();
        let not = || {
            self.replaced(
                effect,
                "Resource",
                Some(("NotResource", json!("arn:aws:s3:::team-*/y"))),
            )
        };
        let accepted = || {
            let action = self.kind.action();
            let checks = vec![
                Check::new(
                    "a resource that is not listed",
                    action,
                    json!(self.covered()),
                ),
                Check {
                    object: "y",
                    ..Check::new("a resource that is listed", action, json!(self.uncovered()))
                },
            ];
            vec![
                self.accepted(
                    "Resource",
                    self.document(vec![self.allow()]),
                    self.ordinary(),
                ),
                self.accepted("NotResource", self.document(vec![not()]), checks),
            ]
        };
        match cell {
            "req" | "req, both" => {
                let absent = self.document(vec![self.replaced(effect, "Resource", None)]);
                let mut probes = accepted();
                probes.push(self.refused("no Resource", absent));
                Some(probes)
            }
            "by service; KMS: see KMS doc" => Some(accepted()),
            "no" => Some(vec![
                self.refused(
                    "Resource",
                    self.document(vec![self.changed(effect, "Resource", json!("*"))]),
                ),
                self.refused(
                    "NotResource",
                    self.document(vec![self.changed(effect, "NotResource", json!(USER))]),
                ),
            ]),
            _ => None,
        }
    }

    fn condition(&self, effect: &str) -> Probe {
        let condition = json!({"StringEquals": {"aws:referer": "x"}});
        let mut statements = vec![self.changed(effect, "Condition", condition)];
        if effect != self.own_effect() {
            statements.push(self.allow());
        }
        let (holds, fails) = match (effect, self.kind) {
            ("Allow", _) => ("allow", "implicit_deny"),
            _ => ("explicit_deny", "allow"),
        };
        let check = |about, value: &str, expect: &str| {
            Check::new(about, self.kind.action(), json!(expect))
                .with("context", json!({"aws:referer": value}))
        };
        let checks = vec![
            check("it holds", "x", holds),
            check("it does not hold", "y", fails),
        ];
        self.accepted(
            &format!("{effect} with Condition"),
            self.document(statements),
            checks,
        )
    }
}
