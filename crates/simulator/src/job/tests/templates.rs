//! Templates: those of the catalogue fit together, and others are refused with file and place.

use std::sync::Arc;

use preclear_catalog::catalog;
use preclear_model::{Diagnostics, Source};

use crate::job::JobTemplates;
use crate::job::template::library::Loaded;
use crate::job::template::read;

#[test]
fn every_template_of_the_catalogue_can_be_used() {
    for (file, text) in preclear_catalog::jobs::templates() {
        let errors = load(file, text).err();
        assert!(errors.is_none(), "{}", errors.unwrap_or_default());
    }
    let shipped = JobTemplates::default();
    assert_eq!(
        shipped.loaded().count(),
        preclear_catalog::jobs::templates().len()
    );
}

fn load(file: &str, text: &str) -> Result<Loaded, Diagnostics> {
    read::template(&Arc::new(Source::new(file, text)))
}

/// Operations of an API whose action has another name.
const API_NAMES: [(&str, &str); 5] = [
    ("sns:PublishBatch", "Publish"),
    ("sqs:SendMessageBatch", "SendMessage"),
    ("lambda:Invoke", "InvokeFunction"),
    (
        "s3:PutBucketAnalyticsConfiguration",
        "PutAnalyticsConfiguration",
    ),
    (
        "s3:PutBucketInventoryConfiguration",
        "PutInventoryConfiguration",
    ),
];

#[test]
fn operations_are_unique_and_exist() {
    let shipped = JobTemplates::default();
    let known = shipped.list();
    let mut operations: Vec<&str> = known.iter().map(|template| template.operation).collect();
    let count = operations.len();
    operations.dedup();
    assert_eq!(operations.len(), count);
    let is_known = |operation: &&&str| {
        let Some((service, name)) = operation.split_once(':') else {
            return operation.starts_with("T-");
        };
        let mut otherwise = API_NAMES.iter();
        let name = otherwise
            .find(|(called, _)| called == *operation)
            .map_or(name, |(_, action)| action);
        catalog().action(service, name).is_some()
    };
    let unknown: Vec<&&str> = operations
        .iter()
        .filter(|operation| !is_known(operation))
        .collect();
    assert!(
        unknown.is_empty(),
        "enter the actions of these in API_NAMES: {unknown:?}"
    );
    assert!(operations.contains(&"personalize:CreateDatasetGroup"));
}

#[test]
fn an_operation_is_found_by_name_or_by_the_id_of_its_only_template() {
    let shipped = JobTemplates::default();
    let by_name = shipped.find("SageMaker:createlabelingjob").unwrap();
    let by_id = shipped.find("sagemaker-labeling-job").unwrap();
    assert_eq!(by_name.operation.operation, by_id.operation.operation);
    assert!(
        shipped.find("personalize").is_none(),
        "an id that stands for several operations"
    );
}

/// A template with one row; `let` and `row` are put into it.
fn template(names: &str, row: &str) -> String {
    format!(
        r#"{{"id": "t", "service": "x.amazonaws.com", "sources": [],
            "operations": [{{"operation": "x:Op", "title": "t", "fields": {{"Name*": "text"}}}}],
            "let": {{{names}}},
            "key_uses": {{"keys": {{"read": {{"objects": []}}}}}},
            "requirements": [{{"id": "R", "phase": "run", "basis": "M", "why": "w", {row}}}]}}"#
    )
}

const ROW: &str =
    r#""parts": [{"allow": {"as": "caller", "actions": ["s3:GetObject"], "on": "*"}}]"#;

fn errors(names: &str, row: &str) -> String {
    let errors = load("t.json", &template(names, row)).expect_err("a template that cannot be used");
    errors.to_string()
}

#[test]
fn a_small_template_fits() {
    let text = template(
        r#""a": {"field": "Name"}, "b": "x-{a}", "c": ["{b}", "{a}"]"#,
        ROW,
    );
    let loaded = load("t.json", &text).unwrap();
    let plan = loaded.find("x:Op").unwrap().plan;
    let order: Vec<&str> = plan.names.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(order, ["a", "b", "c"]);
}

#[test]
fn what_depends_on_the_item_is_for_parts_with_items_alone() {
    let names = r#""a": "x-{item}", "b": "{a}""#;
    let row = |more: &str| {
        format!(
            r#""parts": [{{"allow": {{"as": "caller", "actions": ["x:Y"], "on": "{{b}}"{more}}}}}]"#
        )
    };
    let each = row(r#", "for_each": ["1", "2"]"#);
    let loaded = load("t.json", &template(names, &each)).unwrap();
    let plan = loaded.find("x:Op").unwrap().plan;
    assert!(plan.names.is_empty() && plan.of_item.len() == 2);
    let found = errors(names, &row(""));
    assert!(found.contains("`b`"), "{found}");
}

#[test]
fn names_must_be_defined_once_and_without_a_circle() {
    assert_eq!(
        errors(r#""a": "{b}""#, ROW),
        "t.json:3:26: error[INVALID_TEMPLATE] `a` uses what is not defined: `b` (JOB-2)"
    );
    let circle = errors(
        r#""a": "{b}", "b": {"if": {"when": {"given": "a"}, "then": "x"}}"#,
        ROW,
    );
    assert!(
        circle.contains("t.json:3:26: error[INVALID_TEMPLATE] `a` is part of a circle through `b`"),
        "{circle}"
    );
    assert!(errors(r#""region": "x""#, ROW).contains("`region` is always there"));
    assert!(errors(r#""keys": "x""#, ROW).contains("`keys` is also a value"));
    assert!(
        errors(r#""a": {"field": "Nmae"}"#, ROW)
            .contains("t.json:3:36: error[INVALID_TEMPLATE] the request has no field `Nmae`")
    );
}

#[test]
fn rows_must_be_whole() {
    let row = |part: &str| format!(r#""parts": [{part}]"#);
    for (row, message) in [
        (
            row(r#"{"allow": {"as": "caller", "actions": ["a:b"], "on": "{nobody}"}}"#),
            "`nobody` is not defined",
        ),
        (
            row(r#"{"allow": {"as": "caller", "actions": ["a:b"]}}"#),
            "either `on` or `on_keys`",
        ),
        (
            row(r#"{"allow": {"as": "caller", "actions": ["a:b"], "on_keys": "locks"}}"#),
            "`locks` names no key uses",
        ),
        (
            row(r#"{"allow": {"as": "caller", "actions": ["a:b"], "on": "{item}"}}"#),
            "`item` is not defined",
        ),
        (
            row(r#"{"pass_role": {"as": {"role": "{role}"}, "role": "x"}}"#),
            "`role` is not defined",
        ),
        (
            row(r#"{"allow": {"as": "someone", "actions": ["a:b"], "on": "*"}}"#),
            "`someone` is not known here",
        ),
        (row(r#"{"permit": {}}"#), "`permit` is not known here"),
        (
            r#""hints": []"#.to_owned(),
            "either `parts` or `alternatives`",
        ),
        (
            r#""parts": [], "when": {"given": "x"}"#.to_owned(),
            "`x` is not defined",
        ),
        (
            format!(r#"{ROW}, "hints": [{{"text": "x", "code": "no_such_code"}}]"#),
            "`no_such_code` is no reason code",
        ),
        (
            format!(r#"{ROW}, "extra": 1"#),
            "there is no member `extra` here",
        ),
    ] {
        let found = errors("", &row);
        assert!(found.contains(message), "{found}\nshould say {message}");
        assert!(found.starts_with("t.json:5:"), "{found}");
    }
    assert!(load("t.json", &template("", ROW).replace(r#""M""#, r#""X""#)).is_err());
    assert!(load("t.json", &template("", ROW).replace(r#""run""#, r#""ran""#)).is_err());
    assert!(load("t.json", "{").is_err());
}

#[test]
fn profiles_have_a_default_among_them() {
    let with = |members: &str| template("", ROW).replacen("{", &format!("{{{members},"), 1);
    assert!(
        load(
            "t.json",
            &with(r#""profiles": ["a", "b"], "default_profile": "b""#)
        )
        .is_ok()
    );
    for wrong in [
        r#""profiles": ["a"]"#,
        r#""profiles": ["a"], "default_profile": "c""#,
    ] {
        assert!(load("t.json", &with(wrong)).is_err(), "{wrong}");
    }
}

/// A template whose request has a list and an object.
fn with_list(names: &str, row: &str) -> String {
    template(names, row).replace(
        r#""Name*": "text""#,
        r#""Name*": "text", "L": [{"B": "text", "M": "map"}], "Tags": [{"Key": "text"}], "Map": "map""#,
    )
}

#[test]
fn paths_lead_to_fields_of_the_request_or_of_an_element() {
    for names in [
        r#""a": {"elements": {"of": "L", "when": {"has": "./B"}, "take": {"field": "./B"}}}"#,
        r#""a": {"elements": {"of": "L[]", "take": [{"field": "Name"}, "{region}"]}}"#,
        r#""a": {"if": {"when": {"has": "L[].B"}, "then": {"join": {"of": "x", "with": ","}}}}"#,
        r#""a": {"names": "Map"}"#,
        r#""a": {"elements": {"of": "L", "take": {"names": "./M"}}}"#,
        r#""a": {"match": {"of": {"names": "Map"}, "cases": [["*", "{item} in {region}"]]}}"#,
    ] {
        let found = load("t.json", &with_list(names, ROW)).err();
        assert!(found.is_none(), "{}", found.unwrap_or_default());
    }
    for (names, message) in [
        (
            r#""a": {"field": "./B"}"#,
            "t.json:3:36: error[INVALID_TEMPLATE] `./B` is read within an element, and this is outside of `elements`",
        ),
        (
            r#""a": {"if": {"when": {"not": {"has": "./B"}}, "then": "x"}}"#,
            "t.json:3:58: error[INVALID_TEMPLATE] `./B` is read within",
        ),
        (
            r#""a": {"elements": {"of": "L", "take": {"field": "./C"}}}"#,
            "the elements have no field `C`",
        ),
        (
            r#""a": {"elements": {"of": "L", "when": {"has": "./C"}, "take": "x"}}"#,
            "the elements have no field `C`",
        ),
        (
            r#""a": {"elements": {"of": "K", "take": {"field": "./C"}}}"#,
            "the request has no field `K`",
        ),
        (
            r#""a": {"elements": {"of": "L", "take": {"elements": {"of": "L", "take": "x"}}}}"#,
            "`elements` cannot stand within `elements`",
        ),
        (
            r#""a": {"if": {"when": {"has": "Nmae"}, "then": "x"}}"#,
            "the request has no field `Nmae`",
        ),
        (
            r#""a": {"names": "Maps"}"#,
            "t.json:3:36: error[INVALID_TEMPLATE] the request has no field `Maps`",
        ),
        (
            r#""a": {"names": "Tags"}"#,
            "t.json:3:36: error[INVALID_TEMPLATE] `Tags` is no map",
        ),
        (
            r#""a": {"names": "Name"}"#,
            "t.json:3:36: error[INVALID_TEMPLATE] `Name` is no map",
        ),
        (
            r#""a": {"names": "./M"}"#,
            "`./M` is read within an element, and this is outside of `elements`",
        ),
        (
            r#""a": {"elements": {"of": "L", "take": {"names": "./B"}}}"#,
            "`./B` is no map",
        ),
        (
            r#""a": {"elements": {"of": "L", "take": {"names": "./C"}}}"#,
            "the elements have no field `C`",
        ),
        (
            r#""a": {"match": {"of": "x", "cases": [["*", "{it}"]]}}"#,
            "`it`",
        ),
        (
            r#""a": {"rewrite": {"of": "x", "from": "a:{b}", "to": "{b}{c}"}}"#,
            "t.json:3:73: error[INVALID_TEMPLATE] `c` is no part of `from`",
        ),
        (
            r#""a": {"attribute": {"of": "x", "member": "colour"}}"#,
            "`colour` is not known here",
        ),
    ] {
        let found = load("t.json", &with_list(names, ROW)).expect_err(message);
        let found = found.to_string();
        assert!(found.contains(message), "{found}\nshould say {message}");
        assert!(found.starts_with("t.json:3:"), "{found}");
    }
}

#[test]
fn tags_and_services_on_the_way_fit_the_request() {
    let row = |part: &str| {
        let part = format!(r#"{{"allow": {{"actions": ["a:b"], "on": "*", {part}}}}}"#);
        format!(r#""parts": [{part}]"#)
    };
    for right in [
        r#""as": "caller", "tags": {"field": "Map", "map": true}"#,
        r#""as": {"principal": "{region}"}, "via": ["{region}", "s3"]"#,
    ] {
        let found = load("t.json", &with_list("", &row(right))).err();
        assert!(found.is_none(), "{}", found.unwrap_or_default());
    }
    for (part, message) in [
        (
            r#""as": "caller", "tags": {"field": "Tags", "key": "Key", "value": "Value"}"#,
            "`Tags` has no member `Value`",
        ),
        (
            r#""as": "caller", "tags": {"field": "Tags", "map": true}"#,
            "`Tags` is no object",
        ),
        (
            r#""as": "caller", "tags": {"field": "Map"}"#,
            "either `key` and `value`, or `map`",
        ),
        (
            r#""as": "caller", "tags": {"field": "Label", "map": true}"#,
            "no operation has the field `Label`",
        ),
        (
            r#""as": "caller", "via": ["{storage}"]"#,
            "`storage` is not defined",
        ),
        (
            r#""as": "service", "via": ["s3"]"#,
            "a service that acts as itself calls directly",
        ),
        (
            r#""as": {"principal": "{nobody}"}"#,
            "`nobody` is not defined",
        ),
        (
            r#""as": "caller", "encryption_context": {"k": "{nobody}"}"#,
            "`nobody` is not defined",
        ),
    ] {
        let found = load("t.json", &with_list("", &row(part))).expect_err(message);
        let found = found.to_string();
        assert!(found.contains(message), "{found}\nshould say {message}");
        assert!(found.starts_with("t.json:5:"), "{found}");
    }
}

#[test]
fn named_keys_are_made_of_defined_names() {
    let with = |key_use: &str| template("", ROW).replace(r#"{"read": {"objects": []}}"#, key_use);
    assert!(load("t.json", &with(r#"{"named": {"key": "x"}}"#)).is_ok());
    for wrong in [
        r#"{"named": {"key": "{x}"}}"#,
        r#"{"named": {"key": "x", "context": {"a": "{x}"}}}"#,
        r#"{"named": {"key": {"field": "x"}}}"#,
        r#"{"named": {"context": {}}}"#,
    ] {
        let found = load("t.json", &with(wrong)).expect_err(wrong).to_string();
        assert!(found.starts_with("t.json:4:"), "{found}");
    }
}

#[test]
fn names_outside_of_the_template_are_checked() {
    let one = |action: &str| ROW.replace("s3:GetObject", action);
    let fits = template("", &one("s3:Get*"));
    assert!(load("t.json", &fits).is_ok());
    let first = |text: &str| {
        let found = load("t.json", text).expect_err(text);
        let error = &found.0[0];
        let place = error.place.as_ref().unwrap().locate().position;
        (
            (place.line, place.column),
            error.message.clone(),
            error.help.clone().unwrap_or_default(),
        )
    };
    let mut wrong = Vec::new();
    for (text, place, message, help) in [
        (
            template("", &one("s3:GetObjct")),
            (5, 133),
            "`s3:GetObjct` is no action that is known",
            "did you mean `s3:GetObject`?",
        ),
        (
            template("", &one("GetObject")),
            (5, 133),
            "`GetObject` is no action",
            "`service:Action`",
        ),
        (
            template("", &one("s3:Gat*")),
            (5, 133),
            "`s3:Gat*` is no action that is known",
            "",
        ),
        (
            fits.replace("x.amazonaws.com", "s3"),
            (1, 24),
            "`s3` is no service principal",
            "write `s3.amazonaws.com`",
        ),
        (
            fits.replace("x.amazonaws.com", "s4.amazonaws.com"),
            (1, 24),
            "`s4.amazonaws.com` is no service principal that is known",
            "did you mean `s3.amazonaws.com`?",
        ),
        (
            fits.replace(
                r#""as": "caller""#,
                r#""as": {"other_service": "lamda.amazonaws.com"}"#,
            ),
            (5, 105),
            "`lamda.amazonaws.com` is no service principal that is known",
            "did you mean `lambda.amazonaws.com`?",
        ),
        (
            template("", &one("kns:Decrypt")),
            (5, 133),
            "`kns:Decrypt` is no action that is known",
            "did you mean `kms:Decrypt`?",
        ),
        (
            fits.replace(r#""on": "*""#, r#""on": []"#),
            (5, 145),
            "an empty list of `on` asks about nothing",
            "",
        ),
        (
            template(r#""a": {"field": "Nam"}"#, ROW),
            (3, 36),
            "the request has no field `Nam`",
            "did you mean `Name`?",
        ),
        (
            template(r#""abc": {"field": "Name"}, "b": "{abd}""#, ROW),
            (3, 52),
            "`b` uses what is not defined: `abd`",
            "did you mean `abc`?",
        ),
        (
            fits.replace("\"x:Op\"", "\"Op\""),
            (2, 42),
            "`Op` is no operation",
            "`service:Operation`",
        ),
        (
            fits.replace(r#""on": "*""#, r#""on": "*", "via": ["atena"]"#),
            (5, 164),
            "`atena` names no service",
            "did you mean `athena`?",
        ),
        (
            fits.replace(r#""Name*": "text""#, r#""Name*": "txt""#),
            (2, 84),
            "`txt` is no type of a field",
            "did you mean `text`? there are: text, name, arn",
        ),
        (
            fits.replace("\"sources\"", "\"source\""),
            (1, 43),
            "there is no member `source` here",
            "did you mean `sources`? there are: id, service",
        ),
        (
            template(r#""a": {"fild": "Name"}"#, ROW),
            (3, 27),
            "`fild` is not known here",
            "did you mean `field`?",
        ),
        (
            template(r#""a": {"field": "Name", "key": "x"}"#, ROW),
            (3, 44),
            "`key` is one member too many",
            "",
        ),
        (
            fits.replace("\"sources\": []", "\"sources\": \"x\""),
            (1, 54),
            "here stands the text `x`; it must be a list",
            "",
        ),
    ] {
        let found = first(&text);
        if found.0 != place || !found.1.contains(message) || !found.2.contains(help) {
            wrong.push((place, message, found));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let start = fits.find(r#""requirements""#).unwrap();
    let without_rows = format!("{}\"requirements\": []}}", &fits[..start]);
    assert!(first(&without_rows).1.contains("one row or more"));
}

#[test]
fn two_given_templates_for_one_operation_are_refused_and_yaml_is_read() {
    let source = |name: &str, text: &str| Arc::new(Source::new(name, text));
    let yaml = "\
id: t
service: sns.amazonaws.com
sources: []
operations: [{operation: 'sns:Publish', title: t, fields: {TopicArn*: arn}}]
requirements:
  - id: R
    phase: run
    basis: M
    why: w
    parts: [{allow: {as: caller, actions: sns:Publish, on: {field: TopicArn}}}]
";
    let one = JobTemplates::default()
        .with(&source("a.yaml", yaml))
        .unwrap();
    assert_eq!(one.find("sns:Publish").unwrap().template.id, "t");
    let errors = one.with(&source("b.yaml", yaml)).unwrap_err();
    let error = &errors.0[0];
    assert_eq!(
        error.message,
        "`sns:Publish` is described by `a.yaml` as well"
    );
    assert_eq!(
        error.place.as_ref().unwrap().locate().to_string(),
        "b.yaml:4:26"
    );
}

#[test]
fn principals_that_are_no_prefixes_of_actions_are_taken() {
    for host in [
        "macie",
        "inspector",
        "spot",
        "spotfleet",
        "edgelambda",
        "ecs-tasks",
        "vpc-flow-logs",
        "delivery.logs",
        "monitoring.rds",
        "cloudwatch",
        "opsworks-cm",
        "lexv2",
        "directoryservice",
        "elbv2",
        "ops.apigateway",
        "waf",
        "custom-service",
    ] {
        let text = template("", ROW).replace("x.amazonaws.com", &format!("{host}.amazonaws.com"));
        let errors = load("t.json", &text).err();
        assert!(errors.is_none(), "{}", errors.unwrap_or_default());
    }
}
