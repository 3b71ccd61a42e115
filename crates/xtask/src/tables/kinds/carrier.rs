//! Where a document of each kind stands in a snapshot, and the request that meets it. Document number n governs what
//! belongs to number n alone.

use serde_json::{Value, json};

use super::super::case::set;
use super::super::world::{self, A};
use super::cells::Probe;
use super::kind::Kind;

/// A user of account A whom no document names.
pub(super) const STRANGER_IN_A: &str = "arn:aws:iam::111122223333:user/V";

impl Kind {
    /// The snapshot in which document number n is in force for the bucket, user or role number n.
    pub(super) fn snapshot(self, documents: &[&Value]) -> Value {
        let documents = documents.iter().enumerate();
        let documents: Vec<Value> = documents
            .map(|(n, document)| json!({"name": format!("document-{n}"), "document": document}))
            .collect();
        let numbers = 0..documents.len();
        let resources = match self {
            Kind::Trust => Vec::new(),
            Kind::Resource => self.with_policies(&documents, "policy", |n| self.bucket(n)),
            _ => numbers.map(|n| self.bucket(n)).collect(),
        };
        let mut snapshot = world::snapshot(self.principals(&documents), resources);
        match self {
            Kind::Scp | Kind::Rcp => {
                set(&mut snapshot, "organization", self.organization(&documents));
            }
            Kind::Endpoint => {
                let endpoint = |n| json!({"id": format!("vpce-{n}"), "kind": "interface", "vpc": "vpc-1", "account": A});
                let endpoints = self.with_policies(&documents, "policy", endpoint);
                set(&mut snapshot, "vpc_endpoints", Value::Array(endpoints));
            }
            _ => {}
        }
        snapshot
    }

    /// An entry for each document, which stands in a member of it.
    fn with_policies(
        self,
        documents: &[Value],
        member: &str,
        entry: impl Fn(usize) -> Value,
    ) -> Vec<Value> {
        let entry = |(number, policy): (usize, &Value)| {
            let mut entry = entry(number);
            set(&mut entry, member, policy.clone());
            entry
        };
        documents.iter().enumerate().map(entry).collect()
    }

    fn bucket(self, number: usize) -> Value {
        let arn = format!("arn:aws:s3:::team-{number}");
        json!({"arn": arn, "account": self.account(number)})
    }

    fn principals(self, documents: &[Value]) -> Vec<Value> {
        let everything = || json!([world::allows_all("identity-policy")]);
        let allowed = |arn: String| json!({"arn": arn, "policies": everything()});
        let users = || (0..documents.len()).map(|n| self.user(n));
        match self {
            Kind::Identity => {
                let users = users().zip(documents);
                users
                    .map(|(arn, policy)| json!({"arn": arn, "policies": [policy]}))
                    .collect()
            }
            Kind::Boundary => self.with_policies(documents, "boundary", |n| allowed(self.user(n))),
            Kind::Session => vec![allowed(format!("arn:aws:iam::{A}:role/R"))],
            Kind::Scp | Kind::Rcp => users().map(allowed).collect(),
            Kind::Resource => vec![json!({"arn": self.user(0)}), json!({"arn": STRANGER_IN_A})],
            Kind::Trust => {
                let role = |n| json!({"arn": self.resource(n, "")});
                let mut principals = self.with_policies(documents, "trust", role);
                principals.push(allowed(self.user(0)));
                principals.push(allowed(STRANGER_IN_A.to_owned()));
                principals
            }
            Kind::Endpoint => vec![allowed(self.user(0)), allowed(STRANGER_IN_A.to_owned())],
        }
    }

    /// An organisation with an account for each document.
    fn organization(self, documents: &[Value]) -> Value {
        let account = |number| json!({"id": self.account(number), "parent": "r-ab12"});
        let accounts = documents.iter().enumerate().map(|(number, policy)| {
            let member = if self == Kind::Scp { "scps" } else { "rcps" };
            let mut account = account(number);
            set(&mut account, member, json!([policy]));
            account
        });
        let mut accounts: Vec<Value> = accounts.collect();
        accounts.push(json!({"id": "999999999999", "parent": "r-ab12"}));
        json!({
            "id": "o-a1b2c3d4e5",
            "management_account": "999999999999",
            "root": {"id": "r-ab12"},
            "accounts": accounts,
        })
    }

    /// The request that document number n governs.
    pub(super) fn request(self, number: usize, probe: &Probe, action: &str, object: &str) -> Value {
        let mut request = json!({"principal": self.user(number), "action": action, "resource": self.resource(number, object)});
        match self {
            Kind::Session => {
                let policy = json!({"name": "session-policy", "document": probe.document});
                let principal = json!({"arn": format!("arn:aws:sts::{A}:assumed-role/R/s"), "session_policies": [policy]});
                set(&mut request, "principal", principal);
            }
            Kind::Endpoint => set(
                &mut request,
                "vpc_endpoint",
                json!(format!("vpce-{number}")),
            ),
            _ => {}
        }
        request
    }

    /// An object of bucket number n, or role number n.
    fn resource(self, number: usize, object: &str) -> String {
        match self {
            Kind::Trust => format!("arn:aws:iam::{A}:role/target-{number}"),
            _ => format!("arn:aws:s3:::team-{number}/{object}"),
        }
    }

    fn account(self, number: usize) -> String {
        match self {
            Kind::Scp | Kind::Rcp => format!("{}", 222_222_222_000_u64 + number as u64),
            _ => A.to_owned(),
        }
    }

    fn user(self, number: usize) -> String {
        let account = self.account(number);
        match self {
            Kind::Identity | Kind::Boundary | Kind::Scp | Kind::Rcp => {
                format!("arn:aws:iam::{account}:user/U-{number}")
            }
            _ => world::USER.to_owned(),
        }
    }
}
