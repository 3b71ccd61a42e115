//! Texts, tables, elements of the request, and tests.

use super::*;

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
    if let Some(caller) = &mut blocks.world.job.caller {
        caller.partition = None;
    }
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
}

#[test]
fn a_table_leads_from_a_text_to_itself() {
    let mut blocks = Blocks::new(json!({"L": [{"B": "arn:x"}, {"B": "y"}, {"B": "z"}]}));
    let table = json!({"match": {"of": {"field": "L.B"}, "cases": [["arn:*", "{item}"], ["z", "last"], ["*", "arn:{region}/{item}"]]}});
    assert_eq!(blocks.value(table), ["arn:x", "arn:us-west-2/y", "last"]);
}

#[test]
fn the_names_of_a_map_are_a_value() {
    let mut blocks = Blocks::new(json!({
        "M": {"b": {"Keys": []}, "a": 1, "": 2},
        "L": [{"N": {"X": "1"}, "K": {"one": 1}}, {"K": {"two": null, "one": 2}}],
    }));
    assert_eq!(blocks.value(json!({"names": "M"})), ["b", "a"]);
    let each = json!({"elements": {"of": "L", "take": {"names": "./K"}}});
    assert_eq!(blocks.value(each), ["one", "two"]);
    assert_eq!(blocks.value(json!({"names": "L.K"})), ["one", "two"]);
    blocks.world.job.request.clear();
    assert_eq!(blocks.value(json!({"names": "M"})), [""; 0]);
}

#[test]
fn members_are_there_though_they_are_empty() {
    let request = json!({
        "A": "", "R": null, "M": {}, "L": [{"B": "x", "On": false}, {"N": {"Y": []}}]
    });
    let blocks = Blocks::new(request);
    let has = |path: &str| blocks.holds(json!({"has": path}));
    for path in ["A", "M", "L", "L.B", "L.On", "L[].N", "L.N.Y"] {
        assert!(has(path), "{path}");
    }
    for path in ["R", "L.N.X"] {
        assert!(!has(path), "{path}");
    }
}

#[test]
fn the_same_texts_are_more_than_some_in_common() {
    let mut blocks = Blocks::new(json!({"L": [{"B": "x"}, {"B": "y"}]}));
    blocks.names["many"] = json!({"field": "L.B"});
    blocks.names["none"] = json!([]);
    let same = |left: Value, right: Value| blocks.holds(json!({"same": [left, right]}));
    assert!(same(json!("{many}"), json!(["y", "x"])));
    assert!(!same(json!("{many}"), json!("x")));
    assert!(!same(json!("x"), json!("{many}")));
    assert!(!same(json!("{none}"), json!("{none}")));
}

#[test]
fn texts_are_joined_to_one() {
    let mut blocks = Blocks::new(json!({"L": [{"B": "x"}, {"B": "y"}, {"B": "x"}]}));
    let join = |of: Value| json!({"join": {"of": of, "with": ", "}});
    assert_eq!(blocks.value(join(json!({"field": "L[].B"}))), ["x, y"]);
    assert_eq!(blocks.value(join(json!("x"))), ["x"]);
    assert_eq!(blocks.value(join(json!({"field": "R"}))), [""; 0]);
}

#[test]
fn elements_are_taken_one_by_one() {
    let mut blocks = Blocks::new(json!({
        "A": "a",
        "L": [
            {"B": "x", "On": true, "N": {"X": "1"}},
            {"B": "y", "On": false, "N": {"X": "2", "Y": ["3", "4"]}},
            {"On": true},
            null,
        ],
        "M": {"k": "v"},
    }));
    let taken =
        |when: Value, take: Value| json!({"elements": {"of": "L", "when": when, "take": take}});
    let is_on = json!({"equals": [{"field": "./On"}, "true"]});
    assert_eq!(
        blocks.value(taken(is_on.clone(), json!({"field": "./B"}))),
        ["x"]
    );
    let has_list = json!({"has": "./N.Y"});
    assert_eq!(
        blocks.value(taken(has_list, json!([{"field": "./N.Y"}, {"field": "A"}]))),
        ["3", "4", "a"]
    );
    let without = json!({"all": [is_on, {"not": {"has": "./B"}}]});
    assert_eq!(
        blocks.value(taken(without, json!("{region}"))),
        ["us-west-2"]
    );
    let all = json!({"elements": {"of": "L", "take": {"first": [{"field": "./N.X"}, "none"]}}});
    assert_eq!(blocks.value(all), ["1", "2", "none"]);
    let nowhere = json!({"elements": {"of": "L.N.Y", "take": "{region}"}});
    assert_eq!(
        blocks.value(nowhere),
        ["us-west-2"],
        "lists on the way are walked through"
    );
    let object = json!({"elements": {"of": "M", "take": "there"}});
    assert_eq!(blocks.value(object.clone()), ["there"], "an object is one");
    blocks.world.job.request.clear();
    assert_eq!(blocks.value(object), [""; 0]);
}
