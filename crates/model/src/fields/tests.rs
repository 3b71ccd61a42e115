use super::*;

/// Runs `take` on the object that a text holds; gives its result and the codes found, in order.
fn take<T>(text: &str, take: impl FnOnce(&mut Fields<'_, '_>) -> T) -> (T, Vec<String>) {
    let source = Arc::new(Source::new("t", text));
    let tree = crate::node::read(&source).unwrap();
    let mut found = Diagnostics::new();
    let mut fields = Fields::of(&tree, &source, "a thing", &mut found).unwrap();
    let result = take(&mut fields);
    fields.finish();
    let codes = found.iter().map(|d| {
        let text = d.place.as_ref().unwrap().text();
        format!("{} {}", d.code, text)
    });
    (result, codes.collect())
}

#[test]
fn members_are_taken_by_type() {
    let text = r#"{"t": "x", "b": false, "n": 7, "l": ["a", "b"], "m": {"k": "v"}, "c": "red", "o": {"i": "j"}}"#;
    let ((), found) = take(text, |fields| {
        assert_eq!(fields.text("t"), Some("x"));
        assert_eq!(fields.boolean("b"), Some(false));
        assert_eq!(fields.whole_number("n"), Some(7));
        assert_eq!(
            fields
                .texts("l")
                .iter()
                .map(|(text, _)| *text)
                .collect::<Vec<_>>(),
            ["a", "b"]
        );
        assert_eq!(fields.text_map("m"), [("k", "v")]);
        assert_eq!(fields.choice("c", &[("red", 1), ("blue", 2)]), Some(1));
        let mut inner = fields.object("o", "an inner thing").unwrap();
        assert_eq!(inner.required_text("i"), Some("j"));
    });
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn null_is_left_out_except_where_asked_for() {
    let ((), found) = take(r#"{"a": null, "l": null, "z": null}"#, |fields| {
        assert_eq!(
            (
                fields.text("a"),
                fields.boolean("a"),
                fields.list("l").len()
            ),
            (None, None, 0)
        );
        assert!(fields.has("a") && fields.node("z").is_some_and(Node::is_null) && !fields.has("y"));
        assert!(fields.value("z").is_none());
    });
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn everything_wrong_is_reported_at_once() {
    let text = r#"{"t": 1, "b": "true", "n": -1, "l": "a", "m": [], "c": "rde", "o": 5, "s": ["x", 2], "x": 0}"#;
    let ((), found) = take(text, |fields| {
        assert_eq!(fields.text("t"), None);
        assert_eq!(fields.boolean("b"), None);
        assert_eq!(fields.whole_number("n"), None);
        assert!(fields.list("l").is_empty());
        assert!(fields.entries("m").is_empty());
        assert_eq!(fields.choice("c", &[("red", 1)]), None);
        assert!(fields.object("o", "an inner thing").is_none());
        assert_eq!(fields.texts("s").len(), 1);
        assert!(fields.required("missing").is_none());
    });
    assert_eq!(
        found,
        [
            "WRONG_TYPE 1",
            "WRONG_TYPE \"true\"",
            "WRONG_TYPE -1",
            "WRONG_TYPE \"a\"",
            "WRONG_TYPE []",
            "UNKNOWN_VALUE \"rde\"",
            "WRONG_TYPE 5",
            "WRONG_TYPE 2",
            "MISSING_MEMBER {",
            "UNKNOWN_MEMBER \"x\""
        ]
    );
}

#[test]
fn unquoted_yaml_is_text_where_text_is_wanted() {
    let ((), found) = take(
        "account: 012345678901\nflag: true\nempty: ''\nboth: x",
        |fields| {
            assert_eq!(fields.text("account"), Some("012345678901"));
            assert_eq!(fields.text("flag"), Some("true"));
            assert_eq!(fields.boolean("flag"), Some(true));
            assert_eq!(fields.required_text("empty"), None);
            assert_eq!(fields.text_or_texts("both").len(), 1);
        },
    );
    assert_eq!(found, ["EMPTY_MEMBER ''"]);
}

#[test]
fn left_over_members_are_reported_unless_they_are_taken_as_others() {
    let (names, found) = take(r#"{"a": 1, "b": 2}"#, |fields| {
        fields.node("a");
        fields
            .others()
            .iter()
            .map(|member| member.name.clone())
            .collect::<Vec<_>>()
    });
    assert_eq!((names, found.len()), (vec!["b".to_owned()], 0));
    let ((), found) = take(r#"{"a": 1, "b": 2}"#, |fields| {
        fields.node("b");
    });
    assert_eq!(found, ["UNKNOWN_MEMBER \"a\""]);
}

#[test]
fn anything_but_an_object_is_reported() {
    let source = Arc::new(Source::new("t", "[1]"));
    let tree = crate::node::read(&source).unwrap();
    let mut found = Diagnostics::new();
    assert!(Fields::of(&tree, &source, "a key", &mut found).is_none());
    assert_eq!(
        found.to_string(),
        "t:1:1: error[WRONG_TYPE] a key must be an object, not a list (UI-33)"
    );
}
