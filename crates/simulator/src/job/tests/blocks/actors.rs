//! Who acts, and what makes a request invalid.

use super::*;
use crate::job::{actor, checks};

#[test]
fn actors_are_the_caller_services_and_sessions() {
    let mut blocks = Blocks::new(json!({}));
    blocks.world.job.caller =
        preclear_model::Caller::parse("arn:aws:sts::111122223333:assumed-role/Caller/me").ok();
    let caller = "arn:aws:iam::111122223333:role/team/Caller";
    blocks.world.snapshot.principals = vec![role(caller, Vec::new(), "ec2.amazonaws.com")];
    blocks.names["role"] = json!("arn:aws:iam::111122223333:role/service-role/R");
    blocks.names["none"] = json!([]);
    let acting = |word: Value| {
        let word = serde_json::from_value(word).unwrap();
        blocks.with(|scope| {
            let found = actor::find(scope, &word);
            found
                .into_iter()
                .map(|acting| (acting.name, acting.caller.display_arn(), acting.is_caller))
                .collect::<Vec<_>>()
        })
    };
    let one = |name: &str, session: &str, is_caller| {
        vec![(name.to_owned(), session.to_owned(), is_caller)]
    };
    assert_eq!(
        acting(json!("caller")),
        one(
            caller,
            "arn:aws:sts::111122223333:assumed-role/Caller/me",
            true
        )
    );
    assert_eq!(
        acting(json!("service")),
        one("sagemaker.amazonaws.com", "sagemaker.amazonaws.com", false)
    );
    assert_eq!(
        acting(json!({"other_service": "logs.{region}.amazonaws.com"})),
        one(
            "logs.us-west-2.amazonaws.com",
            "logs.us-west-2.amazonaws.com",
            false
        )
    );
    let role = "arn:aws:iam::111122223333:role/service-role/R";
    assert_eq!(
        acting(json!({"role": "{role}"})),
        one(
            role,
            "arn:aws:sts::111122223333:assumed-role/R/sagemaker",
            false
        )
    );
    let of_lambda = json!({"role_of": {"role": "{role}", "service": "lambda.amazonaws.com"}});
    assert_eq!(
        acting(of_lambda),
        one(
            role,
            "arn:aws:sts::111122223333:assumed-role/R/lambda",
            false
        )
    );
    assert_eq!(acting(json!({"role": "{none}"})), []);
    assert_eq!(acting(json!({"role": "no role"})), []);
}

#[test]
fn checks_find_what_is_elsewhere_or_unfit() {
    let mut blocks = Blocks::new(json!({}));
    let mut signing = key(KEY_ONE, json!([delegation(ACCOUNT)]));
    signing.usage = "SIGN_VERIFY".to_owned();
    blocks.world.snapshot.keys = vec![signing];
    let mut far = bucket("far", ACCOUNT);
    far.region = Some("eu-west-1".to_owned());
    blocks.world.snapshot.resources = vec![far, bucket("near", ACCOUNT)];
    let codes = |test: Value| {
        let check = serde_json::from_value(
            json!({"test": test, "field": "A", "rule": "JOB-S3-7", "help": "h"}),
        )
        .unwrap();
        let errors = blocks.with(|scope| checks::run(scope, &check));
        errors
            .into_iter()
            .map(|error| error.code)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        codes(
            json!({"bucket_region": ["arn:aws:s3:::far", "arn:aws:s3:::near", "arn:aws:s3:::unknown"]})
        ),
        ["BUCKET_REGION_MISMATCH"]
    );
    assert_eq!(
        codes(json!({"key_region": [KEY_ONE, "arn:aws:kms:eu-west-1:111122223333:key/1"]})),
        ["KEY_REGION_MISMATCH"]
    );
    assert_eq!(
        codes(json!({"key_spec": [KEY_ONE, KEY_TWO]})),
        ["KEY_SPEC_UNSUPPORTED_BY_SERVICE"]
    );
    assert_eq!(
        codes(
            json!({"role_account": ["arn:aws:iam::111122223333:role/r", "arn:aws:iam::444455556666:role/r"]})
        ),
        ["ROLE_ACCOUNT_MISMATCH"]
    );
    let refuse = |when: Value| json!({"refuse": {"when": when, "code": "FIELD_DEPENDENCY", "message": "in {region}"}});
    assert_eq!(
        codes(refuse(json!({"equals": ["{account}", ACCOUNT]}))),
        ["FIELD_DEPENDENCY"]
    );
    assert_eq!(
        codes(refuse(json!({"equals": ["{account}", OTHER]}))),
        [""; 0]
    );
}

#[test]
fn principals_are_users_roles_and_accounts() {
    let blocks = Blocks::new(json!({}));
    let acting = |of: Value| {
        let word = serde_json::from_value(json!({"principal": of})).unwrap();
        blocks.with(|scope| {
            let found = actor::find(scope, &word);
            found
                .into_iter()
                .map(|acting| (acting.name, acting.is_account, acting.is_caller))
                .collect::<Vec<_>>()
        })
    };
    let user = "arn:aws:iam::111122223333:user/ana";
    let linked = "arn:aws:iam::444455556666:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling";
    let account = "arn:aws:iam::444455556666:root";
    assert_eq!(
        acting(json!([user, linked, account])),
        [
            (user.to_owned(), false, false),
            (linked.to_owned(), false, false),
            (account.to_owned(), true, false)
        ]
    );
    for none in [
        "sns.amazonaws.com",
        "arn:aws:iam::111122223333:role/*",
        "anonymous",
        "444455556666",
    ] {
        assert_eq!(acting(json!(none)), [], "{none}");
    }
}
