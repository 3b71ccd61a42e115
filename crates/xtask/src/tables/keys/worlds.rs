//! Two snapshots: one in which everything that a key can be derived from is known, one in which nothing of it is.

use serde_json::{Value, json};

use super::super::case::set;
use super::super::world::{self, A};
use super::OWNER;

/// How much is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum World {
    /// A complete snapshot with an organisation, tags and unique ids; a request with clock and Region.
    Known,
    /// An incomplete snapshot without any of them.
    Sparse,
}

impl World {
    pub(super) const ALL: [World; 2] = [World::Known, World::Sparse];

    pub(super) fn name(self) -> &'static str {
        match self {
            World::Known => "known",
            World::Sparse => "sparse",
        }
    }

    pub(super) fn phrase(self) -> &'static str {
        match self {
            World::Known => "a complete snapshot with organisation and tags",
            World::Sparse => "an incomplete snapshot without organisation and tags",
        }
    }

    /// Members of every request.
    pub(super) fn request(self) -> Value {
        match self {
            World::Known => json!({"now": "2026-01-01T00:00:00Z", "region": "us-west-2"}),
            World::Sparse => json!({}),
        }
    }

    pub(super) fn snapshot(self, bucket_policy: Value) -> Value {
        let bucket = json!({"arn": "arn:aws:s3:::team", "account": OWNER, "policy": bucket_policy});
        let all = || json!([world::allows_all("identity-policy")]);
        let user = format!("arn:aws:iam::{A}:user/U");
        let role = |path: &str| format!("arn:aws:iam::{A}:role/{path}");
        match self {
            World::Known => {
                let tags = json!({"team": "x"});
                let principals = vec![
                    json!({"arn": user, "id": "AIDAEXAMPLEU123456789", "policies": all(), "tags": tags}),
                    json!({"arn": role("app/R"), "id": "AROAEXAMPLER123456789", "policies": all(), "tags": tags}),
                ];
                let mut snapshot = world::snapshot(principals, vec![bucket]);
                let account = |id: &str| json!({"id": id, "parent": "ou-ab12-x"});
                let organization = json!({
                    "id": "o-a1b2c3d4e5",
                    "management_account": "999999999999",
                    "root": {"id": "r-ab12"},
                    "units": [{"id": "ou-ab12-x", "parent": "r-ab12"}],
                    "accounts": [account(A), account(OWNER), {"id": "999999999999", "parent": "r-ab12"}],
                });
                set(&mut snapshot, "organization", organization);
                snapshot
            }
            World::Sparse => json!({
                "preclear": 1,
                "layers_open": ["identity", "boundary", "session", "scp", "rcp", "vpce"],
                "principals": [{"arn": user, "policies": all()}],
                "resources": [bucket],
            }),
        }
    }
}
