//! Rows and parts of templates: what is asked, what is left out, and what is missing.

use std::sync::Arc;

use preclear_model::Source;
use serde_json::{Value, json};

use super::world::*;
use crate::job::JobTemplates;
use crate::job::report::{FixTarget, JobReport, JobVerdict};
use crate::request::ContextValue;
use crate::snapshot::ResourceRecord;

const CALLER: &str = "arn:aws:iam::111122223333:role/Caller";
const QUEUE: &str = "arn:aws:sqs:us-west-2:111122223333:q";
const THEIRS: &str = "arn:aws:kms:us-west-2:444455556666:key/33333333-aaaa-4bbb-8ccc-1234567890ab";

/// A job of a template with these rows, whose caller may do everything that keys let it.
fn world(request: Value, rows: Value) -> World {
    let template = json!({
        "id": "t", "service": "logs.amazonaws.com", "sources": [],
        "operations": [{"operation": "x:Op", "title": "t", "fields": {
            "Url": "text", "Key": "key", "Storage": "text", "Bucket": "text",
            "Specs": [{"Kind": "text", "Tags": [{"Key*": "text", "Value": "text"}]}], "Map": "map"
        }}],
        "let": {
            "storage": {"field": "Storage"},
            "bucket": "arn:{partition}:s3:::{bucket_name}",
            "bucket_name": {"field": "Bucket"},
            "queue": {"rewrite": {
                "of": {"field": "Url"},
                "from": "https://sqs.{r}.amazonaws.com/{a}/{name}", "to": "arn:aws:sqs:{r}:{a}:{name}"
            }},
            "queue_key": {"attribute": {"of": "{queue}", "member": "kms_key"}}
        },
        "key_uses": {
            "named": {"named": {"key": {"field": "Key"}, "context": {"own": "o"}}},
            "written": {"write": {"objects": "{bucket}/out/*"}}
        },
        "requirements": rows
    });
    let mut world = World::new("x:Op", CALLER, request);
    let source = Arc::new(Source::new("t.json", template.to_string()));
    world.job.templates = JobTemplates::default()
        .with(&source)
        .unwrap_or_else(|errors| panic!("{errors}"));
    let all = identity("everything", json!([allow(json!("*"))]));
    world.snapshot.principals = vec![role(CALLER, vec![all], "ec2.amazonaws.com")];
    world.snapshot.keys = vec![
        key(KEY_ONE, json!([delegation(ACCOUNT)])),
        key(THEIRS, json!([delegation(OTHER)])),
    ];
    world
}

fn row(basis: &str, parts: Value) -> Value {
    json!([{"id": "R-1", "phase": "run", "basis": basis, "why": "w", "parts": parts}])
}

fn decrypt(more: Value) -> Value {
    let mut part = json!({"as": "caller", "actions": "kms:Decrypt"});
    for (name, value) in more.as_object().into_iter().flatten() {
        part[name] = value.clone();
    }
    json!([{"allow": part}])
}

/// Context keys of each part of the row, as the report shows them.
fn shown(report: &JobReport) -> Vec<Vec<String>> {
    assert_eq!(report.errors, []);
    let parts = parts_of(report, "R-1").iter();
    parts
        .map(|part| {
            let pairs = part.context.iter();
            pairs.map(|(key, value)| format!("{key}={value}")).collect()
        })
        .collect()
}

/// UI-39.
#[test]
fn services_on_the_way_may_be_named_by_the_request() {
    let rows = || row("M", decrypt(json!({"on": KEY_ONE, "via": ["{storage}"]})));
    assert_eq!(
        shown(&world(json!({"Storage": "rds"}), rows()).simulate()),
        [[
            "aws:ViaAWSService=true",
            "kms:ViaService=rds.us-west-2.amazonaws.com"
        ]]
    );
    assert_eq!(
        shown(&world(json!({}), rows()).simulate()),
        [[""; 0]],
        "called directly"
    );
}

/// UI-39: the first call's network is not that of the calls that follow from it.
#[test]
fn the_callers_network_does_not_reach_what_services_call() {
    let parts = json!([
        {"allow": {"as": "caller", "actions": "kms:DescribeKey", "on": KEY_ONE}},
        {"allow": {"as": "caller", "actions": "kms:Decrypt", "on": KEY_ONE, "via": ["s3"]}}
    ]);
    let only_from = |condition: Value| {
        let mut statement = allow(json!("*"));
        statement["Condition"] = condition;
        identity("own", json!([statement]))
    };
    let verdicts = |condition: Value, state: &dyn Fn(&mut World)| {
        let mut world = world(json!({}), row("M", parts.clone()));
        world.principal(CALLER).policies = crate::snapshot::Given::Here(vec![only_from(condition)]);
        state(&mut world);
        let report = world.simulate();
        assert_eq!(report.errors, []);
        let parts = parts_of(&report, "R-1").iter();
        parts
            .map(|part| part.result.verdict.name())
            .collect::<Vec<_>>()
    };
    let from_office = json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}});
    let stating = |key: &'static str, value: &'static str| {
        move |world: &mut World| {
            let value = ContextValue::One(value.to_owned());
            world.job.context.insert(key.to_owned(), value);
        }
    };
    let at_office = stating("aws:SourceIp", "203.0.113.7");
    assert_eq!(
        verdicts(from_office, &at_office),
        ["allow", "implicit_deny"]
    );
    let from_vpc = json!({"StringEquals": {"aws:SourceVpce": "vpce-1"}});
    let in_vpc = stating("aws:sourcevpce", "vpce-1");
    assert_eq!(
        verdicts(from_vpc.clone(), &in_vpc),
        ["allow", "implicit_deny"]
    );
    let through = |world: &mut World| world.job.vpc_endpoint = Some("vpce-1".to_owned());
    assert_eq!(verdicts(from_vpc, &through), ["allow", "implicit_deny"]);
}

/// JOB-S3-7 as far as a template says it: where a bucket is elsewhere, its keys and S3 itself are.
#[test]
fn calls_for_a_bucket_elsewhere_are_made_there() {
    let region = json!({"attribute": {"of": "{bucket}", "member": "region"}});
    let rows = row(
        "M",
        decrypt(json!({"on_keys": "written", "via": ["s3"], "region": region})),
    );
    let mut world = world(json!({"Bucket": "far"}), rows);
    let mut far = encrypted(bucket("far", OTHER), None, true);
    far.region = Some("eu-west-1".to_owned());
    world.snapshot.resources = vec![far];
    let report = world.simulate();
    assert_eq!(
        shown(&report),
        [[
            "aws:ViaAWSService=true",
            "kms:EncryptionContext:aws:s3:arn=arn:aws:s3:::far",
            "kms:ViaService=s3.eu-west-1.amazonaws.com"
        ]]
    );
    let [part] = parts_of(&report, "R-1") else {
        panic!("one part")
    };
    assert_eq!(
        part.resource,
        "arn:aws:kms:eu-west-1:444455556666:alias/aws/s3"
    );
}

#[test]
fn pairs_of_a_part_are_added_to_those_of_its_keys() {
    let pairs = json!({"more": ["a", "b"], "none": []});
    let part = decrypt(json!({"on_keys": "named", "encryption_context": pairs}));
    let report = world(json!({"Key": KEY_ONE}), row("M", part)).simulate();
    let with = |more: &str| {
        vec![
            format!("kms:EncryptionContext:more={more}"),
            "kms:EncryptionContext:own=o".to_owned(),
        ]
    };
    assert_eq!(shown(&report), [with("a"), with("b")]);
}

#[test]
fn tags_are_read_from_lists_and_from_objects() {
    let request = json!({
        "Specs": [
            {"Kind": "volume", "Tags": [{"Key": "team", "Value": "x"}, {"Key": "empty"}]},
            {"Kind": "instance"},
            {"Tags": [{"Key": "stage", "Value": "test"}]}
        ],
        "Map": {"owner": "me", "count": 3}
    });
    let tags = |tags: Value| {
        let part = json!([{"allow": {"as": "caller", "actions": "sqs:CreateQueue", "on": QUEUE, "tags": tags}}]);
        shown(&world(request.clone(), row("M", part)).simulate())
    };
    assert_eq!(
        tags(json!({"field": "Specs[].Tags", "key": "Key", "value": "Value"})),
        [[
            "aws:RequestTag/empty=",
            "aws:RequestTag/stage=test",
            "aws:RequestTag/team=x",
            "aws:TagKeys=empty, stage, team"
        ]]
    );
    assert_eq!(
        tags(json!({"field": "Map", "map": true})),
        [[
            "aws:RequestTag/count=3",
            "aws:RequestTag/owner=me",
            "aws:TagKeys=count, owner"
        ]]
    );
}

/// KMS-COND-3: `DescribeKey` passes no encryption context, so the guide's statement never allows it.
#[test]
fn what_only_the_encryption_context_denies_may_be_left_out() {
    let part = json!([{"allow": {
        "as": {"other_service": "logs.us-west-2.amazonaws.com"},
        "actions": ["kms:Decrypt", "kms:DescribeKey"], "on": KEY_ONE,
        "encryption_context": {"aws:logs:arn": "arn:aws:logs:us-west-2:111122223333:log-group:g"},
        "unless_by_encryption_context": true
    }}]);
    let asked = |statements: Value| {
        let mut world = world(json!({}), row("M", part.clone()));
        world.snapshot.keys = vec![key(KEY_ONE, statements)];
        let report = world.simulate();
        let parts = parts_of(&report, "R-1").iter();
        let asked = parts.map(|part| (part.action.clone(), part.result.verdict.name()));
        (report.verdict, asked.collect::<Vec<_>>())
    };
    let statement = |principal: &str, log_groups: &str| {
        json!([{
            "Effect": "Allow", "Principal": {"Service": principal}, "Action": "kms:*", "Resource": "*",
            "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": log_groups}}
        }])
    };
    let service = "logs.us-west-2.amazonaws.com";
    let all = "arn:aws:logs:us-west-2:111122223333:log-group:*";
    let denied = |action: &str| (action.to_owned(), "implicit_deny");
    assert_eq!(
        asked(statement(service, all)),
        (
            JobVerdict::Allowed,
            vec![("kms:Decrypt".to_owned(), "allow")]
        )
    );
    assert_eq!(
        asked(statement("logs.eu-west-1.amazonaws.com", all)),
        (
            JobVerdict::Denied,
            vec![denied("kms:Decrypt"), denied("kms:DescribeKey")]
        ),
        "named is another service"
    );
}

/// JOB-8: a permission that nobody can ask about is open, not absent.
#[test]
fn rows_whose_values_are_missing_leave_the_job_undecided() {
    let queue_row = |basis: &str| {
        row(
            basis,
            json!([{"allow": {"as": "caller", "actions": "sqs:SendMessage", "on": "{queue}"}}]),
        )
    };
    let warning = |report: &JobReport| {
        let found = report
            .warnings
            .iter()
            .find(|warning| warning.code == "ROW_WITHOUT_PARTS");
        found.map(|warning| warning.message.clone())
    };
    let wrong = json!({"Url": "q"});
    let report = world(wrong.clone(), queue_row("M")).simulate();
    assert_eq!(report.verdict, JobVerdict::Undecided);
    assert_eq!(report.requirements[0].result.name(), "depends");
    assert_eq!(
        warning(&report).unwrap(),
        "R-1 applies, but it is not known what it asks about: `queue` of `on`: `q` has no form that is understood"
    );
    let report = world(json!({}), queue_row("L")).simulate();
    assert_eq!(report.verdict, JobVerdict::Gaps);
    assert!(
        warning(&report)
            .unwrap()
            .ends_with("the request has no `Url`")
    );
    let report = world(json!({}), queue_row("A")).simulate();
    assert_eq!(report.verdict, JobVerdict::Allowed);
    let url = "https://sqs.us-west-2.amazonaws.com/111122223333/q";
    let report = world(json!({"Url": url}), queue_row("M")).simulate();
    assert_eq!(report.verdict, JobVerdict::Allowed);
    assert_eq!(warning(&report), None);
    for member in ["may_be_empty", "when"] {
        let mut rows = queue_row("M");
        rows[0][member] = match member {
            "when" => json!({"given": "queue"}),
            _ => json!(true),
        };
        let report = world(wrong.clone(), rows).simulate();
        assert_eq!(report.verdict, JobVerdict::Allowed, "{member}");
        assert_eq!(report.requirements[0].result.name(), "not_applicable");
        assert_eq!(warning(&report), None);
    }
}

#[test]
fn a_missing_value_is_traced_to_what_somebody_can_say() {
    let url = json!({"Url": "https://sqs.us-west-2.amazonaws.com/111122223333/q"});
    let missing = |listed: Option<ResourceRecord>, part: Value| {
        let rows = row("M", json!([{"allow": part}]));
        let mut world = world(url.clone(), rows);
        world.snapshot.resources.extend(listed);
        let report = world.simulate();
        let [only] = report.requirements.as_slice() else {
            panic!("one row")
        };
        only.missing.clone().unwrap_or_default()
    };
    let on_key = || json!({"as": "caller", "actions": "kms:Decrypt", "on": {"key": "{queue_key}"}});
    let listed = || Some(ResourceRecord::new(arn(QUEUE)));
    assert_eq!(
        missing(None, on_key()),
        format!("`on`: the snapshot does not list `{QUEUE}`")
    );
    assert_eq!(
        missing(listed(), on_key()),
        format!("`on`: the snapshot says no `kms_key` of `{QUEUE}`")
    );
    let described = json!({"described": {"of": "{queue}", "path": "Attributes.Owner"}});
    assert_eq!(
        missing(
            listed(),
            json!({"as": {"role": described}, "actions": "sqs:SendMessage", "on": QUEUE})
        ),
        format!("`as`: the snapshot says no `Attributes.Owner` under `describe` of `{QUEUE}`")
    );
    assert_eq!(
        missing(
            None,
            json!({"as": {"role": "{queue}"}, "actions": "sqs:SendMessage", "on": QUEUE})
        ),
        format!("`as`: `{QUEUE}` is no ARN of one who acts")
    );
    assert_eq!(
        missing(
            None,
            json!({"as": "caller", "actions": "sqs:SendMessage", "on": "{item}", "for_each": "{readers}"})
        ),
        "`readers` of `for_each`: the job says no `readers`"
    );
    assert_eq!(
        missing(
            None,
            json!({"as": "caller", "actions": "kms:Decrypt", "on_keys": "named"})
        ),
        "`named`: the request has no `Key`"
    );
}

/// What does not apply, or needs no permission, is not missing.
#[test]
fn rows_without_need_are_not_applicable() {
    let result = |request: Value, part: Value| {
        let mut world = world(request, row("M", json!([{"allow": part}])));
        world.snapshot.resources = vec![bucket("plain", ACCOUNT)];
        let report = world.simulate();
        (report.verdict, report.requirements[0].result.name())
    };
    let idle = (JobVerdict::Allowed, "not_applicable");
    let open = (JobVerdict::Undecided, "depends");
    let write = || json!({"as": "caller", "actions": "kms:Decrypt", "on_keys": "written"});
    assert_eq!(result(json!({"Bucket": "plain"}), write()), idle, "SSE-S3");
    assert_eq!(result(json!({}), write()), open, "no bucket");
    let on_named = || json!({"as": "caller", "actions": "kms:Decrypt", "on_keys": "named"});
    assert_eq!(
        result(json!({"Key": "alias/aws/sqs"}), on_named()),
        idle,
        "a key of AWS"
    );
    let on_queue = |when: Value| json!({"as": "caller", "actions": "sqs:SendMessage", "on": "{queue}", "when": when});
    assert_eq!(result(json!({}), on_queue(json!({"has": "Url"}))), idle);
    assert_eq!(
        result(json!({"Url": ""}), on_queue(json!({"has": "Url"}))),
        open
    );
    let each = |when: Value| {
        json!({
            "as": "caller", "actions": "sqs:SendMessage", "on": "{item}", "for_each": "{queue}", "when": when
        })
    };
    assert_eq!(result(json!({}), each(json!({"has": "Url"}))), idle);
    assert_eq!(
        result(json!({}), each(json!({"like": ["{item}", "*"]}))),
        open
    );
}

/// A key shared with an account is opened to all of it, not to its root user alone.
#[test]
fn an_account_is_asked_as_a_whole() {
    let root = "arn:aws:iam::111122223333:root";
    let part =
        json!([{"allow": {"as": {"principal": root}, "actions": "kms:Decrypt", "on": THEIRS}}]);
    let mut world = world(json!({}), row("M", part));
    let report = world.simulate();
    assert_eq!(report.verdict, JobVerdict::Denied);
    let [fix] = report.fixes.as_slice() else {
        panic!("{:#?}", report.fixes)
    };
    assert_eq!(fix.target, FixTarget::Key(THEIRS.to_owned()));
    assert_eq!(fix.statement["Principal"], json!({"AWS": root}));
    assert_eq!(fix.statement.get("Condition"), None);
    world.snapshot.keys[1] = key(THEIRS, json!([delegation(ACCOUNT)]));
    assert_eq!(world.simulate().verdict, JobVerdict::Allowed);
}
