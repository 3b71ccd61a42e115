use super::*;
use proptest::prelude::*;

fn source(text: &str) -> Arc<Source> {
    Arc::new(Source::new("t.json", text))
}

fn refused(text: &str) -> Diagnostic {
    let found = read(&source(text)).unwrap_err();
    assert_eq!(found.len(), 1, "{text}: {found}");
    found.into_iter().next().unwrap()
}

/// All texts of a tree's elements, as they stand in the source.
fn raw_texts(source: &Source, node: &Node, out: &mut Vec<String>) {
    out.push(source.slice(node.span).to_owned());
    for item in node.items() {
        raw_texts(source, item, out);
    }
    for member in node.members() {
        out.push(source.slice(member.name_span).to_owned());
        raw_texts(source, &member.value, out);
    }
}

#[test]
fn every_element_knows_its_place() {
    let text =
        " {\"a\" : [ 1 , -2.50e+3,\ttrue ], \"b\\n\"\r\n:{ } , \"é\":[ [ ], null,\"x\\u0041\" ] } ";
    let source = source(text);
    let tree = read(&source).unwrap();
    let mut raw = Vec::new();
    raw_texts(&source, &tree, &mut raw);
    assert_eq!(
        raw,
        [
            text.trim(),
            "\"a\"",
            "[ 1 , -2.50e+3,\ttrue ]",
            "1",
            "-2.50e+3",
            "true",
            "\"b\\n\"",
            "{ }",
            "\"é\"",
            "[ [ ], null,\"x\\u0041\" ]",
            "[ ]",
            "null",
            "\"x\\u0041\""
        ]
    );
    assert_eq!(
        tree.get("a").unwrap().items()[1].as_number_text(),
        Some("-2.50e+3")
    );
    assert_eq!(tree.get("b\n").unwrap().members().len(), 0);
    assert_eq!(tree.get("é").unwrap().items()[2].as_text(), Some("xA"));
}

#[test]
fn scalars_at_the_top_are_documents_too() {
    assert_eq!(read(&source(" \"a\" ")).unwrap().as_text(), Some("a"));
    assert_eq!(read(&source("-0")).unwrap().as_number_text(), Some("-0"));
    assert!(read(&source("null")).unwrap().is_null());
    assert_eq!(read(&source("false")).unwrap().as_bool(), Some(false));
}

#[test]
fn numbers_of_any_size_keep_their_text() {
    let text = "[1e999, 123456789012345678901234567890, 0.1000000000000000000001]";
    let tree = read(&source(text)).unwrap();
    let numbers: Vec<_> = tree
        .items()
        .iter()
        .map(|n| n.as_number_text().unwrap())
        .collect();
    assert_eq!(
        numbers,
        [
            "1e999",
            "123456789012345678901234567890",
            "0.1000000000000000000001"
        ]
    );
}

#[test]
fn duplicates_are_all_reported_with_both_places() {
    let text = r#"{"a": {"x": 1, "\u0078": 2}, "b": [{"y": 1, "z": 0, "y": 2, "y": 3}], "a": 0}"#;
    let found = read(&source(text)).unwrap_err();
    let places: Vec<_> = found
        .iter()
        .map(|d| {
            assert_eq!((d.code, d.rule), ("DUPLICATE_MEMBER", Some("IAM-GRAM-3")));
            let at = |place: &crate::Place| place.locate().position.column;
            (at(&d.related[0].0), at(d.place.as_ref().unwrap()))
        })
        .collect();
    assert_eq!(places, [(8, 16), (37, 53), (53, 61), (2, 71)]);
}

#[test]
fn duplicates_in_front_of_a_defect_are_reported_with_it() {
    let found = read(&source(r#"{"o": {"a":1,"a":2}, "b": nope}"#)).unwrap_err();
    assert_eq!(
        found.iter().map(|d| d.code).collect::<Vec<_>>(),
        ["DUPLICATE_MEMBER", "INVALID_JSON"]
    );
}

#[test]
fn equal_names_in_different_objects_and_of_different_case_are_no_duplicates() {
    assert!(read(&source(r#"[{"a":1},{"a":{"a":1},"A":2}]"#)).is_ok());
}

#[test]
fn what_json_does_not_have_is_refused_with_a_remedy() {
    for (text, position, help) in [
        ("{ // note\n}", "1:3", "comment"),
        ("[1, # note\n2]", "1:5", "comment"),
        ("{\"a\": 1,\n}", "2:1", "comma"),
        ("[1,2,]", "1:6", "comma"),
        ("{'a': 1}", "1:2", "double quotes"),
        ("{\"a\": 'b'}", "1:7", "double quotes"),
        ("{a: 1}", "1:2", "double quotes"),
        ("[NaN]", "1:2", "numbers"),
        ("{\"a\": True}", "1:7", "numbers"),
        ("[01]", "1:3", "leading zeros"),
        ("[+1]", "1:2", "numbers"),
        ("{\"a\" 1}", "1:6", "colon"),
        ("{\"a\": 1 \"b\": 2}", "1:9", "comma"),
        ("{\"a\": 1", "1:8", "too early"),
        ("[\"a", "1:4", "too early"),
        ("{} {}", "1:4", "one document"),
        ("[\"a\nb\"]", "1:4", "line breaks"),
        ("[\"\\x41\"]", "1:4", "escape"),
        ("[\"ab\\ud800\"]", "1:11", "pair"),
    ] {
        let error = refused(text);
        let code = if error.message.contains("trailing comma") {
            "JSON_TRAILING_COMMA"
        } else {
            "INVALID_JSON"
        };
        assert_eq!(
            (error.code, error.rule),
            (code, Some("IAM-GRAM-1")),
            "{text}"
        );
        let located = error.place.as_ref().unwrap().locate();
        assert_eq!(
            located.position.to_string(),
            position,
            "{text}: {}",
            error.message
        );
        assert!(
            error.help.as_ref().unwrap().contains(help),
            "{text}: {error} {:?}",
            error.help
        );
        assert!(!error.message.contains("line"), "{}", error.message);
    }
}

#[test]
fn trailing_commas_have_a_code_of_their_own() {
    for text in ["[1,]", "{\"a\": 1,}", "{\"a\": [1, ]}"] {
        assert_eq!(refused(text).code, "JSON_TRAILING_COMMA", "{text}");
    }
    assert_eq!(refused("[,]").code, "INVALID_JSON");
}

#[test]
fn nothing_is_not_a_document() {
    assert_eq!(refused("").code, "EMPTY_INPUT");
    assert_eq!(refused(" \n\t").code, "EMPTY_INPUT");
}

#[test]
fn nesting_is_bounded() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(read(&source(&nested(crate::node::DEPTH_MAX))).is_ok());
    let error = refused(&nested(crate::node::DEPTH_MAX + 1));
    assert_eq!(error.code, "NESTED_TOO_DEEPLY");
    assert_eq!(error.place.unwrap().locate().position.column, 101);
    assert_eq!(refused(&"[".repeat(100_000)).code, "NESTED_TOO_DEEPLY");
    assert_eq!(
        refused(&"{\"a\":".repeat(100_000)).code,
        "NESTED_TOO_DEEPLY"
    );
}

#[test]
fn size_is_bounded() {
    let limits = Limits {
        bytes: 4,
        ..Limits::FILE
    };
    assert!(read_within(&source("[ 1]"), &limits).is_ok());
    let found = read_within(&source("[ 12]"), &limits).unwrap_err();
    assert_eq!(found.0[0].code, "INPUT_TOO_LARGE");
}

proptest! {
    #[test]
    fn json_is_what_serde_json_says(text in r#"[\[\]{}:,"\\ \n0-9eu.+truefalsn-]{0,24}"#) {
        let source = source(&text);
        match (read(&source), serde_json::from_str::<serde_json::Value>(&text)) {
            (Ok(node), Ok(value)) => prop_assert_eq!(node.to_json(), value),
            // Numbers out of range, which keep their text here; duplicates, and nothing.
            (Ok(_), Err(error)) => prop_assert!(error.to_string().contains("number out of range")),
            (Err(found), Ok(_)) => prop_assert!(found.mentions("DUPLICATE_MEMBER")),
            (Err(_), Err(_)) => {}
        }
    }

    #[test]
    fn written_values_are_read_back_with_their_places(value in tree()) {
        let text = serde_json::to_string_pretty(&value).unwrap();
        let source = source(&text);
        let node = read(&source).unwrap();
        prop_assert_eq!(node.to_json(), value);
        check_places(&source, &node)?;
    }

    #[test]
    fn no_bytes_fail(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        if let Ok(source) = Source::from_bytes("f", bytes) {
            let _ = read(&Arc::new(source));
        }
    }
}

/// Each element, read from the text at its place alone, is that element.
fn check_places(source: &Source, node: &Node) -> Result<(), TestCaseError> {
    let alone: serde_json::Value = serde_json::from_str(source.slice(node.span)).unwrap();
    prop_assert_eq!(alone, node.to_json());
    for item in node.items() {
        check_places(source, item)?;
    }
    for member in node.members() {
        let name: String = serde_json::from_str(source.slice(member.name_span)).unwrap();
        prop_assert_eq!(&name, &member.name);
        check_places(source, &member.value)?;
    }
    Ok(())
}

fn tree() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(".{0,4}", inner, 0..4)
                .prop_map(|map| map.into_iter().collect()),
        ]
    })
}
