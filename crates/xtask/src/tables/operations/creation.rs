//! KMS-ACT-5: CreateKey takes a permission more for tags, and one for a multi-Region primary.

use serde_json::{Value, json};

use super::super::case::Case;
use super::super::markdown::Rules;
use super::super::world::A;
use super::asked::lines;
use super::halves::{Part, ask_role};
use super::place::{self, REGION, allow, deny, key_arn, role, role_arn, root, to};
use crate::failure::Failure;

pub(super) const CREATE: &str = "kms:CreateKey";
pub(super) const TAG: &str = "kms:TagResource";
const LINK: &str = "iam:CreateServiceLinkedRole";

/// Which role, what it asks for, and the codes of CreateKey, TagResource and CreateServiceLinkedRole; `n/a`: not needed.
const ASKED: &str = "
    CreateOnly       | nothing          | allow_identity    | n/a                    | n/a
    All              | tags             | allow_identity    | allow_identity         | n/a
    CreateOnly       | tags             | allow_identity    | no_identity_allow      | n/a
    TagOnly          | tags             | no_identity_allow | allow_identity         | n/a
    CreateAndTagKeys | tags             | allow_identity    | no_identity_allow      | n/a
    DeniedTag        | tags             | allow_identity    | explicit_deny_identity | n/a
    All              | primary          | allow_identity    | n/a                    | allow_identity
    CreateAndLink    | primary          | allow_identity    | n/a                    | allow_identity
    CreateAndTag     | primary          | allow_identity    | n/a                    | no_identity_allow
    All              | primary and tags | allow_identity    | allow_identity         | allow_identity
    CreateAndTag     | primary and tags | allow_identity    | allow_identity         | no_identity_allow
    CreateAndLink    | primary and tags | allow_identity    | no_identity_allow      | allow_identity
";

/// Fails if the rule no longer says what the parts here stand on.
pub(super) fn check(rules: &Rules) -> Result<(), Failure> {
    let further = rules.rule("KMS-ACT-5")?;
    further.says("CreateKey with `Tags` also needs `kms:TagResource` (IAM, `*`)")?;
    further.says("multi-Region primary also `iam:CreateServiceLinkedRole`")
}

/// Decisions by their actions, those that are not needed left out.
pub(super) fn parts<'a>(codes: &[(&str, &'a str)]) -> Vec<Part<'a>> {
    let needed = codes.iter().filter(|(_, code)| *code != "n/a");
    needed
        .map(|(action, code)| ((*action).to_owned(), *code))
        .collect()
}

pub(super) fn tags() -> Value {
    json!([{"TagKey": "team", "TagValue": "blue"}])
}

pub(super) fn case() -> Result<Case, Failure> {
    let named = json!([root(A), role_arn(A, "CreateOnly"), role_arn(A, "TagOnly")]);
    let open = vec![to(named, &allow("kms:*", "*"))];
    let keys = vec![place::key(&key_arn("open"), open, &json!({}))];
    let why = "kms:CreateKey: tags and a primary key each take a permission of their own";
    let rules = ["KMS-ACT-5", "KMS-ACT-6", "KMS-ID-4"];
    let snapshot = place::snapshot(roles(), keys);
    let mut case =
        Case::new("kms-act/CreateKey-halves", &rules, why, snapshot).by_default("region", REGION);
    for [role, wants, create, tag, link] in lines(ASKED)? {
        let parts = parts(&[(CREATE, create), (TAG, tag), (LINK, link)]);
        ask_role(&mut case, wants, role, CREATE, parameters(wants)?, &parts);
    }
    Ok(case)
}

fn parameters(wants: &str) -> Result<Value, Failure> {
    Ok(match wants {
        "nothing" => json!({"Description": "x"}),
        "tags" => json!({"Tags": tags()}),
        "primary" => json!({"MultiRegion": true}),
        "primary and tags" => json!({"MultiRegion": true, "Tags": tags()}),
        _ => return Err(Failure::new(format!("`{wants}` is no wish for a new key"))),
    })
}

fn roles() -> Vec<Value> {
    let of = |name: &str, allowed: &[(&str, &str)]| {
        let statements = allowed
            .iter()
            .map(|(action, resource)| allow(action, resource));
        role(A, name, statements.collect())
    };
    vec![
        of("All", &[(CREATE, "*"), (TAG, "*"), (LINK, "*")]),
        of("CreateOnly", &[(CREATE, "*")]),
        of("TagOnly", &[(TAG, "*")]),
        of("CreateAndTag", &[(CREATE, "*"), (TAG, "*")]),
        of(
            "CreateAndTagKeys",
            &[(CREATE, "*"), (TAG, "arn:aws:kms:*:*:key/*")],
        ),
        of("CreateAndLink", &[(CREATE, "*"), (LINK, "*")]),
        role(A, "DeniedTag", vec![allow("*", "*"), deny(TAG, "*")]),
    ]
}
