//! Building blocks one by one: what a value comes to for a request and a snapshot.

use std::sync::Arc;

use preclear_model::Source;
use serde_json::{Value, json};

use super::world::*;
use crate::engine::Engine;
use crate::job::existence;
use crate::job::s3::{KeyUse, Location};
use crate::job::scope::Scope;
use crate::job::setting::Setting;
use crate::job::template::expr::Condition;
use crate::job::template::read;
use crate::job::{actor, checks};
use crate::snapshot::{KeyManager, ObjectRecord, ResourceRecord};

/// A template of nothing but values and key uses.
fn template(names: &Value, key_uses: &Value) -> String {
    json!({
        "id": "t", "service": "sagemaker.amazonaws.com", "sources": [], "let": names, "key_uses": key_uses,
        "operations": [{"operation": "x:Op", "title": "t", "fields": {"A": "text", "L": [{"B": "text"}], "R": "text"}}],
        "requirements": []
    })
    .to_string()
}

struct Blocks {
    world: World,
    names: Value,
    key_uses: Value,
}

impl Blocks {
    fn new(request: Value) -> Self {
        let world = World::new("x:Op", "arn:aws:iam::111122223333:role/Caller", request);
        Self {
            world,
            names: json!({}),
            key_uses: json!({}),
        }
    }

    fn with<T>(&self, ask: impl FnOnce(&Scope<'_>) -> T) -> T {
        let loaded = read::template(&Arc::new(Source::new(
            "t.json",
            template(&self.names, &self.key_uses),
        )))
        .unwrap_or_else(|errors| panic!("{errors:?}"));
        let found = loaded.find("x:Op").unwrap();
        let engine = Engine::compile(self.world.snapshot.clone());
        let setting = Setting::of(&engine, &self.world.job, found).unwrap();
        ask(&Scope::new(&engine, &self.world.job, &setting, found.plan))
    }

    /// The texts of one value.
    fn value(&mut self, expr: Value) -> Vec<String> {
        self.names["found"] = expr;
        self.with(|scope| scope.value(&serde_json::from_str(r#""{found}""#).unwrap()))
    }

    fn holds(&self, condition: Value) -> bool {
        let condition: Condition = serde_json::from_value(condition).unwrap();
        self.with(|scope| scope.holds(&condition))
    }

    fn uses(&mut self, expr: Value) -> Vec<KeyUse> {
        self.key_uses["found"] = expr;
        self.with(|scope| scope.key_uses("found").to_vec())
    }
}

fn object(key: &str, kms_key: Option<&str>, bucket_key: bool) -> ObjectRecord {
    ObjectRecord {
        key: key.to_owned(),
        kms_key: kms_key.map(str::to_owned),
        bucket_key,
        encryption_context: Default::default(),
        tags: Default::default(),
    }
}

#[test]
fn texts_are_filled_for_every_combination() {
    let mut blocks = Blocks::new(json!({"A": "a", "L": [{"B": "x"}, {"B": "y"}, {"B": "x"}]}));
    blocks.names["many"] = json!({"field": "L.B"});
    blocks.names["none"] = json!([]);
    assert_eq!(blocks.value(json!({"field": "L.B"})), ["x", "y"]);
    assert_eq!(
        blocks.value(json!("{many}-{region}-{many}")),
        [
            "x-us-west-2-x",
            "x-us-west-2-y",
            "y-us-west-2-x",
            "y-us-west-2-y"
        ]
    );
    assert_eq!(blocks.value(json!("{many}{none}")), [""; 0]);
    assert_eq!(blocks.value(json!(["{many}", "z", "x"])), ["x", "y", "z"]);
    assert_eq!(
        blocks.value(json!({"first": ["{none}", {"field": "R"}, "b", "c"]})),
        ["b"]
    );
    assert_eq!(blocks.value(json!({"first": ["{none}"]})), [""; 0]);
}

#[test]
fn built_in_names_tell_of_the_job() {
    let mut blocks = Blocks::new(json!({}));
    blocks.world.job.readers = vec!["r".to_owned()];
    let all = "{partition} {region} {account} {service} {api} {operation} {interface} {profile} {lifetime} {readers}";
    assert_eq!(
        blocks.value(json!(all)),
        ["aws us-west-2 111122223333 sagemaker.amazonaws.com x:Op Op api  false r"]
    );
    assert_eq!(blocks.value(json!("{data}")), [""; 0]);
    blocks.world.job.region = Some("cn-north-1".to_owned());
    blocks.world.job.caller.partition = None;
    assert_eq!(blocks.value(json!("{partition}")), ["aws-cn"]);
}

#[test]
fn conditions_test_values() {
    let mut blocks = Blocks::new(json!({"A": "a", "L": [{"B": "x"}, {"B": "y"}]}));
    blocks.names["one"] = json!({"field": "A"});
    blocks.names["many"] = json!({"field": "L.B"});
    blocks.names["none"] = json!({"field": "R"});
    for (condition, holds) in [
        (json!({"given": "one"}), true),
        (json!({"given": "none"}), false),
        (json!({"not": {"given": "none"}}), true),
        (json!({"all": [{"given": "one"}, {"given": "none"}]}), false),
        (json!({"any": [{"given": "one"}, {"given": "none"}]}), true),
        (json!({"all": []}), true),
        (json!({"any": []}), false),
        (json!({"equals": ["{many}", "y"]}), true),
        (json!({"equals": ["{none}", "{none}"]}), false),
        (json!({"differs": ["{many}", "x"]}), true),
        (json!({"differs": ["{many}", ["x", "y"]]}), false),
        (json!({"like": ["{many}", ["q*", "?"]]}), true),
        (json!({"like": ["{one}", "b*"]}), false),
    ] {
        assert_eq!(blocks.holds(condition.clone()), holds, "{condition}");
    }
    assert_eq!(
        blocks.value(json!({"if": {"when": {"given": "one"}, "then": "t", "else": "e"}})),
        ["t"]
    );
    assert_eq!(
        blocks.value(json!({"if": {"when": {"given": "none"}, "then": "t", "else": "e"}})),
        ["e"]
    );
    assert_eq!(
        blocks.value(json!({"if": {"when": {"given": "none"}, "then": "t"}})),
        [""; 0]
    );
}

#[test]
fn tables_and_rewritten_texts() {
    let mut blocks = Blocks::new(json!({"A": "arn:aws:personalize:eu-west-1:1:dataset/g/ITEMS"}));
    blocks.names["it"] = json!({"field": "A"});
    let table = json!({"match": {"of": "{it}", "cases": [["*:schema/*", "s"], ["*:dataset/*", "d {region}"], ["*", "other"]]}});
    assert_eq!(blocks.value(table), ["d us-west-2"]);
    assert_eq!(
        blocks.value(json!({"match": {"of": "{it}", "cases": [["x", "y"]]}})),
        [""; 0]
    );
    let rewrite = |from: &str, to: &str| json!({"rewrite": {"of": "{it}", "from": from, "to": to}});
    let whole = "arn:{p}:personalize:{r}:{a}:dataset/{group}/{kind}";
    assert_eq!(
        blocks.value(rewrite(whole, "{group}, {kind} of {a} in {r}")),
        ["g, ITEMS of 1 in eu-west-1"]
    );
    assert_eq!(
        blocks.value(rewrite("arn:{p}:sagemaker:{rest}", "{rest}")),
        [""; 0]
    );
    assert_eq!(
        blocks.value(rewrite("arn:{p}:", "{p}")),
        [""; 0],
        "a form covers the whole text"
    );
    assert_eq!(blocks.value(rewrite(whole, "{nobody}")), [""; 0]);
}

#[test]
fn s3_places_become_arns() {
    let mut blocks = Blocks::new(
        json!({"L": [{"B": "s3://b"}, {"B": "s3://c/"}, {"B": "s3://d/p/q.json"}, {"B": "s3://e/p"}, {"B": "no"}]}),
    );
    let places = json!({"field": "L.B"});
    let below = [
        "arn:aws:s3:::b/*",
        "arn:aws:s3:::c/*",
        "arn:aws:s3:::d/p/q.json/*",
        "arn:aws:s3:::e/p/*",
    ];
    assert_eq!(
        blocks.value(json!({"s3_bucket": places})),
        [
            "arn:aws:s3:::b",
            "arn:aws:s3:::c",
            "arn:aws:s3:::d",
            "arn:aws:s3:::e"
        ]
    );
    assert_eq!(
        blocks.value(json!({"s3_object": places})),
        ["arn:aws:s3:::d/p/q.json", "arn:aws:s3:::e/p"]
    );
    assert_eq!(blocks.value(json!({"s3_below": places})), below);
    let contents = [
        "arn:aws:s3:::b/*",
        "arn:aws:s3:::c/*",
        "arn:aws:s3:::d/p/q.json",
        "arn:aws:s3:::e/p/*",
    ];
    assert_eq!(
        blocks.value(json!({"s3_contents": {"of": places}})),
        contents
    );
}

#[test]
fn addresses_of_buckets_are_understood() {
    let place = |text: &str| Location::parse(text).map(|place| (place.bucket, place.key));
    let found = |bucket: &str, key: &str| Some((bucket.to_owned(), key.to_owned()));
    assert_eq!(place("s3://b/k/l"), found("b", "k/l"));
    assert_eq!(
        place("https://b.s3.us-west-2.amazonaws.com/k"),
        found("b", "k")
    );
    assert_eq!(
        place("https://s3.us-west-2.amazonaws.com/b/k/l"),
        found("b", "k/l")
    );
    assert_eq!(
        place("https://my.b.s3-eu-west-1.amazonaws.com/"),
        found("my.b", "")
    );
    for wrong in [
        "",
        "s3://",
        "s3:///k",
        "s3://b c/k",
        "https://example.com/b",
        "s3://arn:aws:s3:::b",
        "S3://b",
    ] {
        assert_eq!(place(wrong), None, "{wrong}");
    }
}

#[test]
fn listed_objects_stand_for_what_is_below_a_place() {
    let mut blocks = Blocks::new(json!({"A": "s3://b/in/"}));
    let mut bucket = bucket("b", ACCOUNT);
    bucket.objects = vec![
        object("in/1", None, false),
        object("in/2", None, false),
        object("other", None, false),
    ];
    blocks.world.snapshot.resources = vec![bucket];
    let contents =
        |except: &[&str]| json!({"s3_contents": {"of": {"field": "A"}, "except": except}});
    assert_eq!(
        blocks.value(contents(&[])),
        ["arn:aws:s3:::b/in/1", "arn:aws:s3:::b/in/2"]
    );
    assert_eq!(
        blocks.value(contents(&["arn:aws:s3:::b/in/1"])),
        ["arn:aws:s3:::b/in/2"]
    );
    assert_eq!(
        blocks.value(contents(&["arn:aws:s3:::b/in/1", "arn:aws:s3:::b/in/2"])),
        ["arn:aws:s3:::b/in/*"]
    );
    blocks.world.job.data = vec!["s3://b/in/1".to_owned(), "s3://c".to_owned()];
    assert_eq!(
        blocks.value(contents(&[])),
        [
            "arn:aws:s3:::b/in/1*",
            "arn:aws:s3:::b/in/1",
            "arn:aws:s3:::c/*"
        ]
    );
    assert_eq!(
        blocks.value(json!({"s3_contents": {"of": []}})),
        [""; 0],
        "data of a job without input"
    );
}

#[test]
fn key_identifiers_lead_to_keys() {
    let mut blocks = Blocks::new(json!({}));
    let mut listed = key(KEY_ONE, json!([delegation(ACCOUNT)]));
    listed.aliases = Some(vec!["alias/one".to_owned()]);
    blocks.world.snapshot.keys = vec![listed];
    let id = KEY_ONE.rsplit('/').next().unwrap();
    for identifier in [
        KEY_ONE,
        id,
        "alias/one",
        "arn:aws:kms:us-west-2:111122223333:alias/one",
    ] {
        assert_eq!(
            blocks.value(json!({"key": identifier})),
            [KEY_ONE],
            "{identifier}"
        );
    }
    assert_eq!(
        blocks.value(json!({"key": "alias/two"})),
        ["arn:aws:kms:us-west-2:111122223333:alias/two"]
    );
    assert_eq!(
        blocks.value(json!({"key": ["abc", "alias/aws/s3"]})),
        [
            "arn:aws:kms:us-west-2:111122223333:key/abc",
            "arn:aws:kms:us-west-2:111122223333:alias/aws/s3",
        ]
    );
    assert_eq!(
        blocks.value(json!({"key": "arn:aws:s3:::b"})),
        ["arn:aws:s3:::b"],
        "left for the check of formats"
    );
}

#[test]
fn the_snapshot_says_roles_keys_and_owners() {
    let function = "arn:aws:lambda:us-west-2:111122223333:function:f";
    let mut blocks = Blocks::new(json!({}));
    let mut record = ResourceRecord::new(arn(function));
    record.role = Some("arn:aws:iam::111122223333:role/f".to_owned());
    record.kms_key = Some("k".to_owned());
    record.dataset_group = Some("g".to_owned());
    record.region = Some("eu-west-1".to_owned());
    blocks.world.snapshot.resources = vec![record, bucket("theirs", OTHER)];
    let ask = |member: &str, of: &str| json!({"attribute": {"of": of, "member": member}});
    assert_eq!(
        blocks.value(ask("role", &format!("{function}:live"))),
        ["arn:aws:iam::111122223333:role/f"]
    );
    assert_eq!(blocks.value(ask("kms_key", function)), ["k"]);
    assert_eq!(blocks.value(ask("dataset_group", function)), ["g"]);
    assert_eq!(blocks.value(ask("region", function)), ["eu-west-1"]);
    assert_eq!(
        blocks.value(ask(
            "role",
            "arn:aws:lambda:us-west-2:111122223333:function:h"
        )),
        [""; 0]
    );
    let owners = json!({"account_of": ["arn:aws:s3:::theirs", "arn:aws:s3:::theirs/k", function, "arn:aws:s3:::unknown", "no"]});
    assert_eq!(blocks.value(owners), [OTHER, ACCOUNT]);
}

#[test]
fn functions_of_aws_need_no_permission() {
    let mut blocks = Blocks::new(json!({}));
    let own = "arn:aws:lambda:us-west-2:111122223333:function:PRE-BoundingBox";
    let functions = json!({"custom_functions": [
        "arn:aws:lambda:us-west-2:081040173940:function:PRE-BoundingBox",
        "arn:aws:lambda:us-west-2:081040173940:function:ACS-BoundingBox:1",
        "arn:aws:lambda:us-east-1:081040173940:function:PRE-BoundingBox",
        own,
    ]});
    assert_eq!(
        blocks.value(functions),
        [
            "arn:aws:lambda:us-east-1:081040173940:function:PRE-BoundingBox",
            own
        ]
    );
}

/// JOB-S3-1.
#[test]
fn writes_use_the_named_key_else_the_header_else_the_default() {
    let mut blocks = Blocks::new(json!({}));
    let write = |bucket: &str, key: Option<&str>, header: bool| json!({"write": {"objects": format!("arn:aws:s3:::{bucket}/o/*"), "key": key.into_iter().collect::<Vec<_>>(), "header": header}});
    blocks.world.snapshot.keys = vec![key(KEY_TWO, json!([delegation(ACCOUNT)]))];
    blocks.world.snapshot.resources = vec![
        bucket("plain", ACCOUNT),
        encrypted(bucket("keyed", ACCOUNT), Some(KEY_TWO), true),
        encrypted(bucket("managed", ACCOUNT), None, false),
        encrypted(bucket("theirs", OTHER), None, false),
    ];
    let mut keys = |expr: Value| {
        let uses = blocks.uses(expr);
        uses.into_iter()
            .map(|key_use| (key_use.key, key_use.context["aws:s3:arn"].clone()))
            .collect::<Vec<_>>()
    };
    let used = |key: &str, arn: &str| vec![(key.to_owned(), arn.to_owned())];
    let aws_managed = "arn:aws:kms:us-west-2:111122223333:alias/aws/s3";
    assert_eq!(
        keys(write("plain", Some(KEY_ONE), false)),
        used(KEY_ONE, "arn:aws:s3:::plain/o/*")
    );
    assert_eq!(
        keys(write("keyed", Some(KEY_ONE), false)),
        used(KEY_ONE, "arn:aws:s3:::keyed"),
        "the bucket's own setting"
    );
    assert_eq!(
        keys(write("keyed", None, true)),
        used(aws_managed, "arn:aws:s3:::keyed"),
        "not the bucket's key"
    );
    assert_eq!(
        keys(write("keyed", None, false)),
        used(KEY_TWO, "arn:aws:s3:::keyed")
    );
    assert_eq!(keys(write("plain", None, false)), []);
    assert_eq!(
        keys(write("plain", None, true)),
        used(aws_managed, "arn:aws:s3:::plain/o/*")
    );
    assert_eq!(
        keys(write("managed", None, false)),
        [],
        "open to everybody of the account through S3"
    );
    assert_eq!(
        keys(write("theirs", None, false)),
        [],
        "the writer's own aws/s3"
    );
    assert_eq!(keys(write("nobody", None, false)), []);
}

/// JOB-S3-2.
#[test]
fn reads_use_what_was_written() {
    let mut blocks = Blocks::new(json!({}));
    let mut mixed = encrypted(bucket("mixed", ACCOUNT), Some(KEY_TWO), false);
    let mut paired = object("paired", Some(KEY_ONE), true);
    paired
        .encryption_context
        .insert("team".to_owned(), "x".to_owned());
    mixed.objects = vec![
        object("free", None, false),
        paired,
        object("managed", Some("alias/aws/s3"), false),
    ];
    let mut owned = key(
        "arn:aws:kms:us-west-2:111122223333:key/owned",
        json!([delegation(ACCOUNT)]),
    );
    owned.manager = KeyManager::AwsOwned;
    blocks.world.snapshot.keys = vec![owned];
    blocks.world.snapshot.resources = vec![
        mixed,
        encrypted(bucket("theirs", OTHER), None, false),
        encrypted(bucket("owned", ACCOUNT), Some("owned"), false),
    ];
    let mut keys = |objects: &[&str], named: &[&str]| {
        blocks.uses(json!({"read": {"objects": objects, "key": named}}))
    };
    let used = |key: &str, pairs: &[(&str, &str)]| KeyUse {
        key: key.to_owned(),
        context: pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    };
    assert_eq!(
        keys(
            &["arn:aws:s3:::mixed/free", "arn:aws:s3:::mixed/managed"],
            &[]
        ),
        []
    );
    assert_eq!(
        keys(&["arn:aws:s3:::mixed/*"], &[]),
        [used(KEY_TWO, &[("aws:s3:arn", "arn:aws:s3:::mixed/*")])]
    );
    assert_eq!(
        keys(&["arn:aws:s3:::mixed/paired"], &[]),
        [used(
            KEY_ONE,
            &[("aws:s3:arn", "arn:aws:s3:::mixed"), ("team", "x")]
        )]
    );
    assert_eq!(
        keys(&["arn:aws:s3:::mixed/free"], &[KEY_ONE]),
        [used(KEY_ONE, &[("aws:s3:arn", "arn:aws:s3:::mixed/free")])]
    );
    assert_eq!(
        keys(&["arn:aws:s3:::theirs/o"], &[]),
        [used(
            "arn:aws:kms:us-west-2:444455556666:alias/aws/s3",
            &[("aws:s3:arn", "arn:aws:s3:::theirs/o")]
        ),]
    );
    assert_eq!(
        keys(&["arn:aws:s3:::owned/o"], &[]),
        [],
        "AWS owned keys ask nobody"
    );
}

#[test]
fn actors_are_the_caller_services_and_sessions() {
    let mut blocks = Blocks::new(json!({}));
    blocks.world.job.caller =
        preclear_model::Caller::parse("arn:aws:sts::111122223333:assumed-role/Caller/me").unwrap();
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

/// JOB-8.
#[test]
fn things_are_known_if_listed_external_or_of_aws() {
    let mut blocks = Blocks::new(json!({}));
    let mut listed = key(KEY_ONE, json!([delegation(ACCOUNT)]));
    listed.aliases = Some(vec!["alias/one".to_owned()]);
    blocks.world.snapshot.keys = vec![listed];
    blocks.world.snapshot.principals = vec![role(
        "arn:aws:iam::111122223333:role/r",
        Vec::new(),
        "x.amazonaws.com",
    )];
    blocks.world.snapshot.resources = vec![bucket("b", ACCOUNT)];
    blocks.world.snapshot.external = vec![
        "arn:aws:lambda:*:*:function:shared-*".to_owned(),
        "arn:aws:kms:*:444455556666:*".to_owned(),
    ];
    let unknown = |what: &str, of: &[&str]| {
        let existence = serde_json::from_value(json!({"what": what, "of": of})).unwrap();
        blocks
            .with(|scope| existence::check(scope, &existence))
            .len()
    };
    let own = |name: &str| format!("arn:aws:kms:us-west-2:111122223333:{name}");
    assert_eq!(
        unknown(
            "key",
            &[
                KEY_ONE,
                &own("alias/one"),
                &own("alias/aws/s3"),
                "arn:aws:kms:us-west-2:444455556666:key/1"
            ]
        ),
        0
    );
    assert_eq!(unknown("key", &[KEY_TWO, &own("alias/two")]), 2);
    assert_eq!(
        unknown(
            "role",
            &[
                "arn:aws:iam::111122223333:role/r",
                "arn:aws:iam::111122223333:role/path/r"
            ]
        ),
        1
    );
    assert_eq!(unknown("bucket", &["arn:aws:s3:::b", "arn:aws:s3:::c"]), 1);
    assert_eq!(
        unknown(
            "function",
            &[
                "arn:aws:lambda:us-west-2:1:function:shared-f",
                "arn:aws:lambda:us-west-2:1:function:f"
            ]
        ),
        1
    );
}
