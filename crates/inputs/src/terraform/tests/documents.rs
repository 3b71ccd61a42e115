//! Documents of data sources that are read while applying are put together from what is known. Rule: UI-31, IAM-TRI-7.

use preclear_simulator::{Layer, policy_json};
use serde_json::{Value, json};

use super::{configured, load, resource};

const KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/aws_kms_key.k";
const OTHER: &str = "arn:aws:kms:us-west-2:111122223333:key/aws_kms_key.other";
const THERE: &str = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const ROLE: &str = "arn:aws:iam::111122223333:role/app";
const DATA: &str = "data.aws_iam_policy_document.d";

/// A statement: what is planned, what is unknown of it, what is configured.
type Block = (Value, Value, Value);

/// References as Terraform prints them.
fn refs(names: &[&str]) -> Value {
    let short = |name: &str| {
        let steps: Vec<&str> = name.split('.').collect();
        steps.get(..2).unwrap_or_default().join(".")
    };
    let all = names
        .iter()
        .flat_map(|name| [(*name).to_owned(), short(name)]);
    json!({"references": all.collect::<Vec<String>>()})
}

/// A statement about resources: known ones, how many are unknown, what they refer to.
fn about(known: &[&str], unknown: usize, names: &[&str]) -> Block {
    let mut told = vec![false; known.len()];
    told.extend(vec![true; unknown]);
    (
        json!({"actions": ["kms:Decrypt"], "condition": [], "effect": null, "not_actions": null, "not_principals": [],
            "not_resources": null, "principals": [], "resources": known, "sid": "S"}),
        json!({"actions": [false], "condition": [], "not_principals": [], "principals": [], "resources": told}),
        json!({"actions": {"constant_value": ["kms:Decrypt"]}, "resources": refs(names)}),
    )
}

/// The same with members replaced.
fn with(mut block: Block, planned: Value, unknown: Value, expressions: Value) -> Block {
    let parts = [
        (&mut block.0, planned),
        (&mut block.1, unknown),
        (&mut block.2, expressions),
    ];
    for (part, more) in parts {
        for (name, value) in more.as_object().unwrap() {
            part[name] = value.clone();
        }
    }
    block
}

/// A plan with a role that has the document of a data source, two new keys, one that is there, and a bucket.
fn plan_of(blocks: &[Block]) -> Value {
    let values = json!({"override_policy_documents": null, "source_policy_documents": null, "version": null,
        "statement": blocks.iter().map(|block| block.0.clone()).collect::<Vec<Value>>()});
    let unknown = json!({"id": true, "json": true,
        "statement": blocks.iter().map(|block| block.1.clone()).collect::<Vec<Value>>()});
    let expressions =
        json!({"statement": blocks.iter().map(|block| block.2.clone()).collect::<Vec<Value>>()});
    let managed = [
        ("aws_iam_role", "app", json!({"name": "app", "path": "/"})),
        ("aws_kms_key", "k", json!({})),
        ("aws_kms_key", "other", json!({})),
        (
            "aws_kms_key",
            "there",
            json!({"arn": THERE, "key_id": "1234abcd-12ab-34cd-56ef-1234567890ab"}),
        ),
        ("aws_s3_bucket", "b", json!({"bucket": "team"})),
        ("aws_iam_role_policy", "p", json!({"name": "p"})),
    ];
    let expressions_of = |kind: &str| match kind {
        "aws_iam_role_policy" => {
            json!({"role": refs(&["aws_iam_role.app.id"]), "policy": {"references": [format!("{DATA}.json"), DATA]}})
        }
        _ => json!({}),
    };
    let mut resources: Vec<Value> = Vec::new();
    let mut own: Vec<Value> = Vec::new();
    for (kind, name, values) in managed {
        resources.push(resource(kind, name, Value::Null, values));
        own.push(configured(kind, name, expressions_of(kind)));
    }
    let kind = "aws_iam_policy_document";
    resources.push(
        json!({"address": DATA, "mode": "data", "type": kind, "name": "d", "values": values}),
    );
    own.push(json!({"mode": "data", "type": kind, "name": "d", "expressions": expressions}));
    let change =
        json!({"actions": ["read"], "before": null, "after": values, "after_unknown": unknown});
    let of_policy = json!({"actions": ["create"], "after": {}, "after_unknown": {"policy": true, "role": true}});
    let mut plan = super::plan(&resources, &own);
    plan["resource_changes"] = json!([
        {"address": DATA, "mode": "data", "type": kind, "change": change},
        {"address": "aws_iam_role_policy.p", "mode": "managed", "type": "aws_iam_role_policy", "change": of_policy},
    ]);
    plan
}

/// The statements of the role's policy with what they hang on, or what the whole hangs on.
fn told(plan: &Value) -> Result<Vec<(Value, Vec<String>)>, Vec<String>> {
    let (snapshot, _) = load(plan);
    let open = snapshot.undetermined.get(&Layer::Identity);
    if let Some(names) = open.and_then(|owners| owners.get(ROLE)) {
        return Err(names.iter().cloned().collect());
    }
    let mut principals = snapshot.principals.iter();
    let role = principals.find(|one| one.arn.as_str() == ROLE).unwrap();
    let [policy] = &role.policies.value().unwrap()[..] else {
        panic!("one policy");
    };
    let statements = policy_json(policy)["Statement"].as_array().unwrap().clone();
    let open = policy.statements.iter().map(|one| one.open.clone());
    let open = open.map(|names| names.map_or_else(Vec::new, Vec::from));
    Ok(statements.into_iter().zip(open).collect())
}

/// The resources of each statement, and whether it is open.
#[track_caller]
fn assert_resources(blocks: &[Block], expected: &[(Value, bool)]) {
    let told = told(&plan_of(blocks)).unwrap();
    let found = told
        .into_iter()
        .map(|(said, open)| (said["Resource"].clone(), !open.is_empty()));
    assert_eq!(found.collect::<Vec<_>>(), expected);
}

#[test]
fn an_arn_that_is_not_known_is_that_of_the_one_resource_it_refers_to() {
    let key = "aws_kms_key.k.arn";
    assert_resources(&[about(&[], 1, &[key])], &[(json!(KEY), false)]);
    assert_resources(
        &[about(&["arn:aws:s3:::x/*"], 1, &[key])],
        &[(json!(["arn:aws:s3:::x/*", KEY]), false)],
    );
    let two = [key, "aws_kms_key.other.arn"];
    assert_resources(&[about(&[], 2, &two)], &[(json!([KEY, OTHER]), false)]);
    // The ARN of a key that is there stands among what is known; account and Region are parts of texts that are known.
    let with_known = [
        key,
        "aws_kms_key.there.arn",
        "data.aws_caller_identity.current.account_id",
    ];
    assert_resources(
        &[about(&[THERE], 1, &with_known)],
        &[(json!([THERE, KEY]), false)],
    );
    // The same reference twice is one key.
    assert_resources(&[about(&[], 1, &[key, key])], &[(json!(KEY), false)]);
}

#[test]
fn what_references_do_not_tell_is_open() {
    let anything = |known: &[&str], unknown, names: &[&str]| {
        let (all, open) = (json!("*"), true);
        let certain = known.first().map(|one| (json!(one), false));
        let expected: Vec<_> = certain.into_iter().chain([(all, open)]).collect();
        assert_resources(&[about(known, unknown, names)], &expected);
    };
    let key = "aws_kms_key.k.arn";
    // Another reference may be a condition, or anything else.
    anything(&[], 1, &[key, "local.x"]);
    anything(&[], 1, &[key, "var.x"]);
    anything(&["arn:aws:s3:::x/*"], 1, &[key, "local.x"]);
    // Nothing says what is taken of it.
    anything(&[], 1, &["aws_kms_key.k.key_id"]);
    anything(&[], 1, &["aws_kms_key.k"]);
    // No such thing, and nothing at all.
    anything(&[], 1, &["aws_kms_key.elsewhere.arn"]);
    anything(&[], 1, &[]);
    // As many as nobody knows.
    let unknown = with(
        about(&[], 0, &[key]),
        json!({"resources": null}),
        json!({"resources": true}),
        json!({}),
    );
    assert_resources(&[unknown], &[(json!("*"), true)]);
}

#[test]
fn what_may_stand_behind_an_arn_is_open() {
    let bucket = "aws_s3_bucket.b.arn";
    let begun = json!("arn:aws:s3:::team*");
    assert_resources(&[about(&[], 1, &[bucket])], &[(begun.clone(), true)]);
    assert_resources(
        &[about(&[], 2, &[bucket, bucket])],
        &[(begun.clone(), true)],
    );
    // More or fewer items than references: one may be made of several, several of one.
    let key = "aws_kms_key.k.arn";
    assert_resources(
        &[about(&[], 2, &[key])],
        &[(json!(format!("{KEY}*")), true)],
    );
    let both = [format!("{KEY}*"), format!("{OTHER}*")];
    let two = [key, "aws_kms_key.other.arn"];
    assert_resources(&[about(&[], 1, &two)], &[(json!(both), true)]);
    assert_resources(
        &[about(&[THERE], 2, &[key, bucket])],
        &[
            (json!(THERE), false),
            (json!([THERE, format!("{KEY}*"), begun]), true),
        ],
    );
}

#[test]
fn the_other_statements_are_known() {
    let other = with(
        about(&["*"], 0, &[]),
        json!({"sid": null, "actions": ["s3:GetObject"]}),
        json!({}),
        json!({}),
    );
    let told = told(&plan_of(&[about(&[], 1, &["aws_s3_bucket.b.arn"]), other])).unwrap();
    assert_eq!(told[0].1, [format!("{DATA}.statement[0].resources")]);
    assert_eq!(
        told[1],
        (
            json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}),
            vec![]
        )
    );
}

#[test]
fn negated_elements_say_at_most_that_what_is_known_is_left_out() {
    let negated = |known: &[&str], unknown: usize| {
        let mut told = vec![false; known.len()];
        told.extend(vec![true; unknown]);
        let block = about(&[], 0, &[]);
        let planned = json!({"effect": "Deny", "resources": null, "not_resources": known});
        let expressions = json!({"not_resources": refs(&["aws_kms_key.k.arn"])});
        with(
            block,
            planned,
            json!({"not_resources": told, "resources": []}),
            expressions,
        )
    };
    let found = told(&plan_of(&[negated(&[], 1)])).unwrap();
    let name = vec![format!("{DATA}.statement[0].not_resources")];
    let wide = json!({"Sid": "S", "Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"});
    assert_eq!(found, [(wide, name.clone())]);
    let found = told(&plan_of(&[negated(&["arn:aws:s3:::x"], 1)])).unwrap();
    assert_eq!(found[0].0["NotResource"], "arn:aws:s3:::x");
    assert_eq!((found.len(), &found[0].1), (1, &name));
    let found = told(&plan_of(&[negated(&["arn:aws:s3:::x"], 0)])).unwrap();
    assert_eq!(found[0].1, [""; 0]);
}

#[test]
fn actions_and_effects_that_are_not_known_are_any() {
    let block = about(&["*"], 0, &[]);
    let actions = json!({"actions": ["kms:Decrypt"]});
    let some = with(
        block.clone(),
        actions,
        json!({"actions": [false, true]}),
        json!({}),
    );
    let found = told(&plan_of(&[some])).unwrap();
    assert_eq!(found[0].0["Action"], "kms:Decrypt");
    assert_eq!(found[0].1, [""; 0]);
    assert_eq!(found[1].0["Action"], "*");
    assert_eq!(found[1].1, [format!("{DATA}.statement[0].actions")]);
    let effect = with(block, json!({}), json!({"effect": true}), json!({}));
    let found = told(&plan_of(&[effect])).unwrap();
    let effects: Vec<&Value> = found.iter().map(|(said, _)| &said["Effect"]).collect();
    assert_eq!(effects, ["Allow", "Deny"]);
    assert!(found.iter().all(|(_, open)| !open.is_empty()));
}

#[test]
fn a_condition_that_is_not_known_may_ask_for_anything() {
    let tested = |values: &[(&str, Value, Value)]| {
        let planned: Vec<Value> = values
            .iter()
            .map(
                |(key, known, _)| json!({"test": "StringEquals", "variable": key, "values": known}),
            )
            .collect();
        let unknown: Vec<Value> = values
            .iter()
            .map(|(_, _, told)| json!({"values": told}))
            .collect();
        let block = about(&["*"], 0, &[]);
        let more = (
            json!({"condition": planned}),
            json!({"condition": unknown}),
            json!({}),
        );
        told(&plan_of(&[with(block, more.0, more.1, more.2)])).unwrap()
    };
    let known = ("aws:userid", json!(["a"]), json!([false]));
    let found = tested(std::slice::from_ref(&known));
    assert_eq!(
        found[0].0["Condition"],
        json!({"StringEquals": {"aws:userid": "a"}})
    );
    assert_eq!(found[0].1, [""; 0]);
    let unknown = ("aws:username", json!([null]), json!([true]));
    let found = tested(&[known.clone(), unknown]);
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0].0["Condition"],
        json!({"StringEquals": {"aws:userid": "a"}})
    );
    assert_eq!(found[0].1, [format!("{DATA}.statement[0].condition")]);
    // Values for one key are one list, and more of them let more in.
    let more = ("AWS:UserID", json!([null]), json!([true]));
    let found = tested(&[known, more]);
    assert_eq!(found[0].0["Condition"], Value::Null);
    assert!(!found[0].1.is_empty());
}

#[test]
fn variables_are_spelled_as_policies_spell_them() {
    let found = about(&["arn:aws:s3:::x/&{aws:username}/*"], 0, &[]);
    assert_resources(
        &[found],
        &[(json!("arn:aws:s3:::x/${aws:username}/*"), false)],
    );
}

#[test]
fn nothing_is_said_of_documents_that_are_joined_or_not_told() {
    let fine = || plan_of(&[about(&[], 1, &["aws_kms_key.k.arn"])]);
    assert!(told(&fine()).is_ok());
    let without = |change: &dyn Fn(&mut Value), name: &str| {
        let mut plan = fine();
        change(&mut plan);
        let names = told(&plan).unwrap_err();
        let expected = ["aws_iam_role_policy.p", name];
        let expected = expected.iter().filter(|name| !name.is_empty());
        assert!(names.iter().eq(expected), "{names:?}");
    };
    for name in [
        "source_policy_documents",
        "override_policy_documents",
        "override_json",
    ] {
        let full = format!("{DATA}.{name}");
        let known =
            |plan: &mut Value| plan["resource_changes"][0]["change"]["after"][name] = json!(["{}"]);
        without(&known, &full);
        let unknown = |plan: &mut Value| {
            plan["resource_changes"][0]["change"]["after_unknown"][name] = json!(true);
        };
        without(&unknown, &full);
    }
    // How many statements there are is not known: `dynamic` blocks over what is not known.
    let dynamic = |plan: &mut Value| {
        let change = &mut plan["resource_changes"][0]["change"];
        change["after_unknown"]["statement"] = json!(true);
        change["after"].as_object_mut().unwrap().remove("statement");
    };
    without(&dynamic, &format!("{DATA}.statement"));
    let version = |plan: &mut Value| {
        plan["resource_changes"][0]["change"]["after_unknown"]["version"] = json!(true);
    };
    without(&version, &format!("{DATA}.version"));
    // A plan that was cut down.
    without(&|plan| plan["resource_changes"][0] = json!({}), "");
    // An expression of two documents, or of one and something else.
    for other in [
        "data.aws_iam_policy_document.e.json",
        "var.x",
        "aws_kms_key.k.arn",
    ] {
        let more = |plan: &mut Value| {
            let own = &mut plan["configuration"]["root_module"]["resources"][5]["expressions"];
            let references = own["policy"]["references"].as_array_mut().unwrap();
            references.push(json!(other));
        };
        without(&more, "");
    }
    // What is no policy: no actions, no resources.
    let no_policy = |plan: &mut Value| {
        plan["resource_changes"][0]["change"]["after"]["statement"][0]["actions"] = json!([]);
    };
    without(&no_policy, &format!("{DATA}.statement[0]"));
}

/// Which expression belongs to which statement is told where there are as many of them; `dynamic` blocks have none.
#[test]
fn dynamic_statements_have_no_references() {
    let key = || about(&[], 1, &["aws_kms_key.k.arn"]);
    let other = with(key(), json!({"sid": null}), json!({}), json!({}));
    let mut plan = plan_of(&[key(), other]);
    let data = &mut plan["configuration"]["root_module"]["resources"][6];
    let blocks = data["expressions"]["statement"].as_array_mut().unwrap();
    blocks.pop();
    let found = told(&plan).unwrap();
    assert!(
        found
            .iter()
            .all(|(said, open)| said["Resource"] == "*" && open.len() == 1),
        "{found:?}"
    );
}

#[test]
fn keys_of_modules_are_found_through_variables_and_outputs() {
    let mut plan = plan_of(&[about(&[], 1, &["module.kms.arn"])]);
    let key = json!({"address": "module.kms.aws_kms_key.this", "mode": "managed", "type": "aws_kms_key", "name": "this", "values": {}});
    plan["planned_values"]["root_module"]["child_modules"] =
        json!([{"address": "module.kms", "resources": [key]}]);
    let mut output = |expression: Value| {
        plan["configuration"]["root_module"]["module_calls"] = json!({"kms": {"module": {
            "outputs": {"arn": {"expression": expression}},
            "resources": [configured("aws_kms_key", "this", json!({}))],
        }}});
        let found = told(&plan).unwrap();
        (found[0].0["Resource"].clone(), found[0].1.is_empty())
    };
    let this = "arn:aws:kms:us-west-2:111122223333:key/module.kms.aws_kms_key.this";
    assert_eq!(output(refs(&["aws_kms_key.this.arn"])), (json!(this), true));
    // Another attribute, or one of several.
    assert_eq!(
        output(refs(&["aws_kms_key.this.key_id"])),
        (json!("*"), false)
    );
    let several = refs(&["aws_kms_key.this.arn", "var.external"]);
    assert_eq!(output(several), (json!("*"), false));
}

/// Each instance has the key of the same instance, if the index says so; which attribute is taken, nothing shows then.
#[test]
fn instances_by_count_and_for_each() {
    let mut plan = plan_of(&[about(&[], 1, &[])]);
    let key = |index: Value| resource("aws_kms_key", "many", index, json!({}));
    let resources = plan["planned_values"]["root_module"]["resources"]
        .as_array_mut()
        .unwrap();
    resources.extend([key(json!(0)), key(json!(1))]);
    let mut told_by = |references: Value| {
        let own = plan["configuration"]["root_module"]["resources"]
            .as_array_mut()
            .unwrap();
        own.push(configured("aws_kms_key", "many", json!({})));
        own[6]["expressions"]["statement"][0]["resources"] = json!({"references": references});
        let found = told(&plan).unwrap();
        (found[0].0["Resource"].clone(), found[0].1.is_empty())
    };
    let first = "arn:aws:kms:us-west-2:111122223333:key/aws_kms_key.many[0]";
    let by_index = json!([
        "aws_kms_key.many[0].arn",
        "aws_kms_key.many[0]",
        "aws_kms_key.many"
    ]);
    assert_eq!(told_by(by_index), (json!(first), true));
    assert_eq!(told_by(json!(["aws_kms_key.many"])), (json!("*"), false));
    assert_eq!(
        told_by(json!(["aws_kms_key.many", "each.key"])),
        (json!("*"), false)
    );
}
