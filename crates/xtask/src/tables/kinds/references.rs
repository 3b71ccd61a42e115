//! The cells of IAM-GRAM-20 about what a statement refers to: principals and incomplete ARNs.

use serde_json::{Value, json};

use super::super::case::set;
use super::super::world::{A, USER};
use super::carrier::STRANGER_IN_A;
use super::cells::{Check, Probe};
use super::maker::Maker;

impl Maker {
    /// `Principal`.
    pub(super) fn principal(&self, cell: &str) -> Option<Vec<Probe>> {
        let everyone = || {
            self.document(vec![self.changed(
                self.own_effect(),
                "Principal",
                json!("*"),
            )])
        };
        let accepted = |name: &str, document| self.accepted(name, document, self.ordinary());
        let absent = || self.document(vec![self.replaced(self.own_effect(), "Principal", None)]);
        let named = || {
            self.document(vec![self.changed(
                self.own_effect(),
                "Principal",
                json!({"AWS": USER}),
            )])
        };
        let absent = || self.refused("no Principal", absent());
        match cell {
            "no" => Some(vec![self.refused("Principal", everyone())]),
            "req, only \"*\"" => Some(vec![
                absent(),
                accepted("Principal *", everyone()),
                self.refused("a named Principal", named()),
            ]),
            "req (or Not)" | "req; \"*\" W (DOC-10)" => Some(vec![
                absent(),
                accepted("Principal *", everyone()),
                accepted("a named Principal", named()),
            ]),
            "req; gateway endpoint: only \"*\" is useful (PRIN-16)" => Some(vec![
                absent(),
                accepted("Principal *", everyone()),
                accepted("a named Principal", named()),
            ]),
            _ => None,
        }
    }

    /// A Deny for everyone but the user, beside what allows both actions to everyone.
    pub(super) fn not_principal(&self, cell: &str) -> Option<Vec<Probe>> {
        let excepted = json!({"AWS": [A, USER]});
        let without = |effect: &str| {
            self.replaced(
                effect,
                "Principal",
                Some(("NotPrincipal", excepted.clone())),
            )
        };
        match cell {
            "no" => {
                let document = self.document(vec![self.allow(), without("Deny")]);
                Some(vec![self.refused("NotPrincipal", document)])
            }
            "Deny only" => {
                let mut open = self.changed("Allow", "Principal", json!("*"));
                set(&mut open, "Action", json!("s3:*"));
                let deny = self.document(vec![open, without("Deny")]);
                let action = self.kind.action();
                let checks = vec![
                    Check::new("one who is listed", action, json!("allow")),
                    Check::new("one who is not listed", action, json!("explicit_deny"))
                        .with("principal", json!(STRANGER_IN_A)),
                ];
                Some(vec![
                    self.accepted("Deny with NotPrincipal", deny, checks),
                    self.refused(
                        "Allow with NotPrincipal",
                        self.document(vec![without("Allow")]),
                    ),
                ])
            }
            _ => None,
        }
    }

    /// `arn:aws:s3` and `arn:aws:s3*`: three fields.
    pub(super) fn incomplete_arn(&self, cell: &str) -> Option<Vec<Probe>> {
        let document = |arn: &str| {
            let mut statement = self.changed(self.own_effect(), "Resource", json!(arn));
            set(&mut statement, "Action", json!("s3:*"));
            self.document(vec![statement])
        };
        let (plain, open) = ("arn:aws:s3", "arn:aws:s3*");
        let modes = |guess: &str| {
            let check = |mode: &'static str, expect: Value| {
                Check::new(mode, self.kind.action(), expect).with("ambiguity", json!(mode))
            };
            vec![
                check(
                    "report",
                    json!({"verdict": "depends", "depends_on": ["AMB-14"]}),
                ),
                check("guess", json!(guess)),
                check("failsafe", json!("implicit_deny")),
            ]
        };
        let refused = || self.refused("an incomplete ARN", document(plain));
        match cell {
            "expanded" => {
                let checks = vec![Check::new(
                    "any resource of the service",
                    self.kind.action(),
                    json!(self.covered()),
                )];
                let mut other = self.changed(self.own_effect(), "Resource", json!("arn:aws:sqs"));
                set(&mut other, "Action", json!("*"));
                let none = vec![Check::new(
                    "a resource of another service",
                    self.kind.action(),
                    json!(self.uncovered()),
                )];
                Some(vec![
                    self.accepted("an incomplete ARN", document(plain), checks),
                    self.accepted(
                        "an incomplete ARN of another service",
                        self.document(vec![other]),
                        none,
                    ),
                ])
            }
            "AWS rejects the STS call" | "E" => Some(vec![refused()]),
            "E unless ends in *" => Some(vec![
                refused(),
                self.accepted(
                    "an incomplete ARN that ends in *",
                    document(open),
                    modes("allow"),
                ),
            ]),
            "never matches / expanded if wildcard" | "as resource-based" => Some(vec![
                self.accepted("an incomplete ARN", document(plain), modes("implicit_deny")),
                self.accepted(
                    "an incomplete ARN with a wildcard",
                    document(open),
                    modes("allow"),
                ),
            ]),
            "–" => Some(Vec::new()),
            _ => None,
        }
    }
}
