use std::sync::Arc;

use preclear_model::caller::Caller;
use preclear_model::policy::{ParseOptions, PolicyKind, parse_policy};
use preclear_model::{Arn, Policy};

use super::{WhoCan, ask};
use crate::engine::Engine;
use crate::request::{Ask, Request};
use crate::snapshot::{Given, KeyRecord, PrincipalRecord, Snapshot};

const KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const ANA: &str = "arn:aws:iam::111122223333:user/team/ana";
const ROLE: &str = "arn:aws:iam::111122223333:role/app/R";
const USER_ID: &str = "AIDAEXAMPLEUSER00001";
const ROLE_ID: &str = "AROAEXAMPLEROLER0001";
const CANONICAL: &str = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be";

fn key_policy(principals: &str) -> Arc<Policy> {
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": [
            {{"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": {{"AWS": ["{ANA}", "{ROLE}"]}}}},
            {{"Effect": "Allow", "Action": "kms:Sign", "Resource": "*", "Principal": {principals}}}]}}"#
    );
    let (policy, _) = parse_policy(&text, "key.json", PolicyKind::Key, ParseOptions::default());
    Arc::new(policy.unwrap())
}

/// Who may decrypt where a statement about something else names these.
fn decrypt(principals: &str) -> WhoCan {
    let listed = [ANA, ROLE].map(|arn| PrincipalRecord::new(Arn::parse(arn).unwrap()));
    let engine = Engine::compile(Snapshot {
        complete: true,
        principals: listed.to_vec(),
        keys: vec![KeyRecord {
            policy: Given::Here(key_policy(principals)),
            ..KeyRecord::new(Arn::parse(KEY).unwrap())
        }],
        ..Snapshot::default()
    });
    let nobody = Caller::parse("anonymous").unwrap();
    let mut request = Request::new(nobody, Ask::Action("kms:Decrypt".to_owned()));
    request.resource = Some(KEY.to_owned());
    ask(&engine, &request)
}

/// Rule: IAM-PRIN-7, IAM-PRIN-10.
#[test]
fn a_listed_one_who_states_an_id_is_the_listed_one_too() {
    let ids = format!(r#"{{"AWS": ["{USER_ID}", "{ROLE_ID}"], "CanonicalUser": "{CANONICAL}"}}"#);
    let answer = decrypt(&ids);
    let with = |arn: &str, id: Option<&str>, canonical: Option<&str>| Caller {
        id: id.map(str::to_owned),
        canonical_id: canonical.map(str::to_owned),
        ..Caller::parse(arn).unwrap()
    };
    let session = "arn:aws:sts::111122223333:assumed-role/R/s1";
    for caller in [
        with(ANA, Some(USER_ID), None),
        with(ANA, None, Some(CANONICAL)),
        with(ROLE, Some(ROLE_ID), None),
        with(session, Some(ROLE_ID), None),
        with(session, None, Some(CANONICAL)),
    ] {
        let told = answer.candidates_of(&caller);
        let name = |who: &super::Who| (who.kind(), who.name());
        let names: Vec<_> = told.iter().map(|one| name(&one.who)).collect();
        let [by_id, .., listed] = told.as_slice() else {
            panic!("{names:?}");
        };
        assert_eq!(by_id.who.kind(), "id", "{names:?}");
        assert!(listed.is_listed() && listed.may(), "{names:?}");
        assert!(told.iter().filter(|one| one.is_listed()).count() == 1);
    }
    // Somebody who is not listed is told by the id, and not by what others of the account are.
    let stranger = with("arn:aws:iam::111122223333:user/bo", Some(USER_ID), None);
    let told = answer.candidates_of(&stranger);
    assert!(!told.is_empty() && told.iter().all(|one| one.who.kind() == "id"));
}
