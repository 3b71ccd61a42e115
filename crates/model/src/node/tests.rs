use super::*;

fn source(name: &str, text: &str) -> Arc<Source> {
    Arc::new(Source::new(name, text))
}

#[test]
fn the_first_character_decides_between_json_and_yaml() {
    assert_eq!(
        read(&source("f", " \n{\"a\": 1}"))
            .unwrap()
            .get("a")
            .unwrap()
            .as_text(),
        None,
        "a JSON number"
    );
    assert_eq!(
        read(&source("f", "a: 1"))
            .unwrap()
            .get("a")
            .unwrap()
            .as_text(),
        Some("1"),
        "a YAML scalar"
    );
    assert_eq!(read(&source("f", "- x")).unwrap().items().len(), 1);
}

#[test]
fn broken_json_is_yaml_only_where_the_name_says_so() {
    assert_eq!(
        read(&source("f.YAML", "{a: 1}")).unwrap().members()[0].name,
        "a"
    );
    assert_eq!(
        read(&source("f.yml", "\"a\": 1")).unwrap().members()[0].name,
        "a"
    );
    assert_eq!(read(&source("f.yml", "[a, b,]")).unwrap().items().len(), 2);
    for name in ["f.json", "f", "-"] {
        assert!(
            read(&source(name, "{a: 1}"))
                .unwrap_err()
                .mentions("INVALID_JSON"),
            "{name}"
        );
    }
    assert!(
        read(&source("f.yaml", "{\"a\": 1, \"a\": 2}"))
            .unwrap_err()
            .mentions("DUPLICATE_MEMBER")
    );
    assert!(
        read(&source("f.yaml", "{\"a\": "))
            .unwrap_err()
            .mentions("INVALID_YAML")
    );
    assert!(
        read(&source("f.json", ""))
            .unwrap_err()
            .mentions("EMPTY_INPUT")
    );
}

#[test]
fn a_file_of_json_is_never_yaml() {
    let found = read(&source("f.JSON", "# note\n{}")).unwrap_err();
    assert!(found.mentions("INVALID_JSON"), "{found}");
    assert!(read(&source("f.json", "a: 1")).is_err());
}

#[test]
fn a_percent_encoded_text_is_one_string() {
    let source = source("f", "\n%7B%22a%22%3A1%7D\n");
    let node = read(&source).unwrap();
    assert_eq!(node.as_text(), Some("%7B%22a%22%3A1%7D"));
    assert_eq!(source.slice(node.span), "%7B%22a%22%3A1%7D");
}

#[test]
fn limits_hold_for_every_notation() {
    let limits = Limits {
        bytes: 5,
        ..Limits::FILE
    };
    for text in ["[1234]", "a: 123", "%7B%7D"] {
        assert!(
            read_within(&source("f", text), &limits)
                .unwrap_err()
                .mentions("INPUT_TOO_LARGE"),
            "{text}"
        );
    }
    assert!(read_within(&source("f", "[123]"), &limits).is_ok());
}

#[test]
fn access_says_what_a_node_is() {
    let node = read(&source(
        "f",
        r#"{"t":"x","n":1,"b":true,"z":null,"l":[1],"o":{"p":1},"e":""}"#,
    ))
    .unwrap();
    let get = |name: &str| node.get(name).unwrap();
    assert_eq!(get("t").as_text(), Some("x"));
    assert_eq!(
        (get("n").as_text(), get("n").as_number_text()),
        (None, Some("1"))
    );
    assert_eq!((get("b").as_text(), get("b").as_bool()), (None, Some(true)));
    assert_eq!(
        (
            get("l").items().len(),
            get("o").members().len(),
            get("t").items().len()
        ),
        (1, 1, 0)
    );
    assert!(
        get("z").is_null() && get("z").is_empty() && get("e").is_empty() && !get("l").is_empty()
    );
    let kinds: Vec<_> = node
        .members()
        .iter()
        .map(|member| member.value.kind_name())
        .collect();
    assert_eq!(
        kinds,
        [
            "a string",
            "a number",
            "a boolean",
            "null",
            "a list",
            "an object",
            "a string"
        ]
    );
    assert!(node.get("T").is_none());
}

#[test]
fn trees_become_json_values() {
    let yaml = read(&source(
        "f",
        "a: [1, 1.5, 0123, 1e999, .inf, 0x1f, yes, TRUE, ~, '1']\nb: {c: d}",
    ))
    .unwrap();
    let expected = serde_json::json!({
        "a": [1, 1.5, "0123", "1e999", ".inf", "0x1f", "yes", true, null, "1"], "b": {"c": "d"}
    });
    assert_eq!(yaml.to_json(), expected);
}
