//! Places in S3.

use super::*;
use crate::job::s3::Location;

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
