//! Nothing panics, and nothing is lost, whatever the request holds.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::labeling;
use super::world::*;
use crate::job::JobTemplates;
use crate::job::report::JobVerdict;
use crate::job::request::Interface;
use crate::job::template::shape::{Format, Shape};

/// Any JSON, with texts that look like what jobs name.
fn any_json() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "[a-z{}*?:/ é]{0,12}",
        Just("s3://b/p".to_owned()),
        Just("s3://exports/*/{region}?".to_owned()),
        Just("arn:aws:iam::111122223333:role/service-role/example-role".to_owned()),
        Just("alias/aws/s3".to_owned()),
        Just("arn:aws:kms:us-west-2:111122223333:key/1".to_owned()),
        Just("arn:::::".to_owned()),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text.prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[A-Za-z*]{0,6}", inner), 0..4)
                .prop_map(|members| Value::Object(Map::from_iter(members))),
        ]
    })
}

/// A request that has some members of a shape, most of them of the right kind.
fn of_shape(shape: &Shape) -> BoxedStrategy<Value> {
    match shape {
        Shape::Text(Format::S3Uri) => prop_oneof![
            Just(json!("s3://team-sagemaker-in/a/b")),
            Just(json!("s3://x"))
        ]
        .boxed(),
        Shape::Text(Format::SessionPolicy) => Just(json!(
            r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#
        ))
        .boxed(),
        Shape::Text(Format::Account) => Just(json!("444455556666")).boxed(),
        Shape::Text(Format::RoleArn) => Just(json!(
            "arn:aws:iam::111122223333:role/service-role/example-role"
        ))
        .boxed(),
        Shape::Text(Format::Key | Format::KeyArn | Format::KeyIdOrArn) => {
            prop_oneof![Just(json!(KEY_ONE)), Just(json!(KEY_TWO))].boxed()
        }
        Shape::Text(Format::Arn) => prop_oneof![
            Just(json!(
                "arn:aws:personalize:us-west-2:111122223333:dataset/g/ITEMS"
            )),
            Just(json!("arn:aws:lambda:us-west-2:111122223333:function:f")),
            Just(json!("arn:aws:sns:us-west-2:111122223333:t*")),
        ]
        .boxed(),
        Shape::Text(Format::Name) => prop_oneof![
            Just(json!("orders")),
            Just(json!(
                "arn:aws:dynamodb:us-west-2:111122223333:table/orders"
            )),
        ]
        .boxed(),
        Shape::Text(Format::Any) => "[a-z*?{}]{1,8}".prop_map(Value::from).boxed(),
        Shape::Number => any::<u16>().prop_map(Value::from).boxed(),
        Shape::Boolean => any::<bool>().prop_map(Value::from).boxed(),
        Shape::Map => Just(json!({})).boxed(),
        Shape::List(element) => prop::collection::vec(of_shape(element), 0..3)
            .prop_map(Value::from)
            .boxed(),
        Shape::Members(members) => {
            let members: Vec<BoxedStrategy<Option<(String, Value)>>> = members
                .iter()
                .map(|member| {
                    let name = member.name.clone();
                    let value =
                        of_shape(&member.shape).prop_map(move |value| (name.clone(), value));
                    if member.is_required {
                        value.prop_map(Some).boxed()
                    } else {
                        prop::option::of(value).boxed()
                    }
                })
                .collect();
            members
                .prop_map(|members| Value::Object(Map::from_iter(members.into_iter().flatten())))
                .boxed()
        }
    }
}

fn world(operation: &str, request: Value) -> World {
    let mut world = labeling::with_volume_key(labeling::statement_alone());
    world.job.operation = operation.to_owned();
    if let Value::Object(request) = request {
        world.job.request = request;
    }
    world
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_json_gets_an_answer(request in any_json(), data in prop::collection::vec("(s3://)?[a-z*/]{0,8}", 0..3)) {
        for template in JobTemplates::default().list() {
            let mut world = world(template.operation, request.clone());
            world.job.data = data.clone();
            let report = world.simulate();
            prop_assert_eq!(report.verdict == JobVerdict::Invalid, !report.errors.is_empty());
            prop_assert_eq!(report.verdict == JobVerdict::Invalid, report.requirements.is_empty());
        }
    }

    #[test]
    fn every_row_is_listed_for_valid_requests(
        requests in JobTemplates::default().loaded().flat_map(|loaded| &loaded.template.operations).map(|operation| {
            let name = operation.operation.clone();
            of_shape(&operation.fields).prop_map(move |request| (name.clone(), request))
        }).collect::<Vec<_>>(),
        console: bool,
        lifetime: bool,
    ) {
        for (operation, request) in requests {
            let mut world = world(&operation, request);
            world.job.interface = if console { Interface::Console } else { Interface::Api };
            world.job.lifetime = lifetime;
            let report = world.simulate();
            if report.verdict == JobVerdict::Invalid {
                continue;
            }
            let shipped = JobTemplates::default();
            let template = shipped.find(&operation).unwrap().template;
            prop_assert_eq!(report.requirements.len(), template.requirements.len());
            for requirement in &report.requirements {
                let is_idle = requirement.result.name() == "not_applicable";
                let asks_nothing = requirement.parts.is_empty() && requirement.missing.is_none();
                prop_assert_eq!(asks_nothing, is_idle);
                for part in &requirement.parts {
                    prop_assert!(part.action.contains(':') && !part.action.contains('*'), "{}", part.action);
                    let (service, name) = part.action.split_once(':').unwrap();
                    prop_assert!(preclear_catalog::catalog().action(service, name).is_some(), "{} is an action", part.action);
                    prop_assert!(part.resource == "*" || part.resource.starts_with("arn:"), "{}", part.resource);
                }
            }
        }
    }

    /// The rows do not depend on what the policies say, only their results do.
    #[test]
    fn allowing_more_never_worsens_the_verdict(with_key: bool, name in "[a-z]{1,8}") {
        let mut world = if with_key { labeling::with_volume_key(labeling::statement_alone()) } else { labeling::base() };
        world.set("LabelingJobName", json!(name));
        let before = world.simulate();
        world.attach(labeling::ROLE, identity("everything", json!([allow(json!("*"))])));
        let after = world.simulate();
        prop_assert!(after.verdict >= before.verdict);
        for (before, after) in before.requirements.iter().zip(&after.requirements) {
            prop_assert_eq!(before.parts.len(), after.parts.len());
        }
    }
}
