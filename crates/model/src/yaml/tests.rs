use super::*;
use proptest::prelude::*;

fn source(text: &str) -> Arc<Source> {
    Arc::new(Source::new("t.yaml", text))
}

fn tree(text: &str) -> Node {
    read(&source(text)).unwrap_or_else(|found| panic!("{text}: {found}"))
}

fn refused(text: &str) -> Diagnostic {
    let found = read(&source(text)).unwrap_err();
    assert_eq!(found.len(), 1, "{text}: {found}");
    found.into_iter().next().unwrap()
}

fn at(diagnostic: &Diagnostic) -> String {
    diagnostic
        .place
        .as_ref()
        .unwrap()
        .locate()
        .position
        .to_string()
}

#[test]
fn scalars_keep_their_source_text() {
    let tree =
        tree("a: 012345678901\nb: 1.50\nc: TRUE\nd: ~\ne: 2012-10-17\nf: \"1\"\ng: !!str 7\nh:\n");
    let text = |name| tree.get(name).unwrap().as_text();
    assert_eq!(text("a"), Some("012345678901"));
    assert_eq!(text("b"), Some("1.50"));
    assert_eq!(tree.get("b").unwrap().as_number_text(), Some("1.50"));
    assert_eq!(
        (text("c"), tree.get("c").unwrap().as_bool()),
        (Some("TRUE"), Some(true))
    );
    assert!(tree.get("d").unwrap().is_null() && tree.get("h").unwrap().is_null());
    assert_eq!(text("e"), Some("2012-10-17"));
    for quoted in ["f", "g"] {
        let scalar = tree.get(quoted).unwrap().as_scalar().unwrap();
        assert_eq!(
            (scalar.kind, scalar.plain),
            (ScalarKind::Text, false),
            "{quoted}"
        );
    }
    assert_eq!(text("g"), Some("7"));
}

#[test]
fn comments_behind_anchors_are_no_content() {
    for text in [
        "&x #\r\né",
        "&x # one\n\n  # two\n !!str #\n é",
        "!!str # 'no'\né",
    ] {
        let source = source(text);
        let node = read(&source).unwrap();
        assert_eq!(source.slice(node.span), "é", "{text:?}");
    }
}

#[test]
fn places_are_those_of_the_content() {
    let text = "é: &anchor !!str  \"ü\"\nlist:\n  - 1\n  - {x: [ y, ü ], z: 'it''s'}\n\n# end\nlast: |\n  ab\n  c\n";
    let source = source(text);
    let tree = read(&source).unwrap();
    let raw = |node: &Node| source.slice(node.span).to_owned();
    assert_eq!(source.slice(tree.members()[0].name_span), "é");
    assert_eq!(raw(&tree.members()[0].value), "\"ü\"");
    let list = tree.get("list").unwrap();
    assert_eq!(raw(list), "- 1\n  - {x: [ y, ü ], z: 'it''s'}");
    assert_eq!(raw(&list.items()[1]), "{x: [ y, ü ], z: 'it''s'}");
    assert_eq!(raw(list.items()[1].get("x").unwrap()), "[ y, ü ]");
    assert_eq!(raw(list.items()[1].get("z").unwrap()), "'it''s'");
    assert_eq!(raw(tree.get("last").unwrap()), "|\n  ab\n  c");
    assert!(raw(&tree).starts_with("é: &anchor"));
}

#[test]
fn block_scalars_start_at_their_header() {
    assert_eq!(
        tree("a: |\n  !x &y\n").get("a").unwrap().span,
        Span::new(3, 12)
    );
    let text = "a: !!str |2-  # x | y\n\n   {\nb: >\n  x\n  y\n\nc: |\nd: 1\n";
    let source = source(text);
    let tree = read(&source).unwrap();
    let raw = |name| source.slice(tree.get(name).unwrap().span).to_owned();
    assert_eq!(
        (raw("a").as_str(), tree.get("a").unwrap().as_text()),
        ("|2-  # x | y\n\n   {", Some("\n {"))
    );
    assert_eq!(
        (raw("b").as_str(), tree.get("b").unwrap().as_text()),
        (">\n  x\n  y", Some("x y\n"))
    );
    assert_eq!(tree.get("c").unwrap().as_text(), Some(""));
}

#[test]
fn places_in_a_document_in_a_block_are_exact() {
    let source = source("p:\n  # a policy\n  policy: |\n    {\n      \"x\": 1\n    }\n");
    let tree = read(&source).unwrap();
    let policy = tree.get("p").unwrap().get("policy").unwrap();
    let inner = Arc::new(Source::embedded(
        &source,
        policy.span,
        policy.as_text().unwrap(),
    ));
    let document = crate::json::read(&inner).unwrap();
    let place = inner.place(document.get("x").unwrap().span);
    assert_eq!((place.text(), place.outermost().text()), ("1", "1"));
    assert_eq!(
        place.locate().to_string(),
        "t.yaml:5:12 (2:8 of the text in it)"
    );
}

#[test]
fn aliases_repeat_their_node() {
    let tree = tree("a: &x {k: [1]}\nb: *x\nc: &name n\n*name : d\n");
    assert_eq!(
        tree.get("b").unwrap().to_json(),
        tree.get("a").unwrap().to_json()
    );
    assert_eq!(tree.get("n").unwrap().as_text(), Some("d"));
}

#[test]
fn aliases_inside_their_node_are_refused() {
    let error = refused("a: &x\n  b: *x\n");
    assert_eq!(
        (error.code, at(&error).as_str()),
        ("YAML_RECURSIVE_ALIAS", "2:6")
    );
    assert_eq!(refused("a: *nowhere").code, "INVALID_YAML");
}

#[test]
fn a_billion_laughs_end_in_an_error() {
    let mut text = String::from("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for level in 1..10 {
        let items = vec![format!("*a{}", level - 1); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{items}]\n"));
    }
    assert_eq!(refused(&text).code, "YAML_TOO_MANY_ALIASES");
    let long = format!(
        "a: &a \"{}\"\nb: [{}]",
        "x".repeat(1 << 20),
        vec!["*a"; 1000].join(",")
    );
    assert_eq!(refused(&long).code, "YAML_TOO_MANY_ALIASES");
}

#[test]
fn aliases_count_for_the_depth() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let text = |outer: usize| {
        format!(
            "a: &a {}\nb: {}*a{}",
            nested(60),
            "[".repeat(outer),
            "]".repeat(outer)
        )
    };
    assert!(read(&source(&text(39))).is_ok());
    assert_eq!(refused(&text(40)).code, "NESTED_TOO_DEEPLY");
}

#[test]
fn duplicates_are_all_reported() {
    let found = read(&source("a: 1\nb: {x: 1, 'x': 2}\na: 3\n")).unwrap_err();
    let all: Vec<_> = found.iter().map(|d| (d.code, at(d))).collect();
    assert_eq!(
        all,
        [
            ("DUPLICATE_MEMBER", "2:11".to_owned()),
            ("DUPLICATE_MEMBER", "3:1".to_owned())
        ]
    );
}

#[test]
fn one_document_only() {
    assert!(read(&source("---\na: 1\n...\n")).is_ok());
    assert!(read(&source("%YAML 1.2\n---\na: 1\n")).is_ok());
    let error = refused("a: 1\n---\nb: 2\n");
    assert_eq!(
        (error.code, at(&error).as_str()),
        ("SEVERAL_DOCUMENTS", "2:1")
    );
    for nothing in ["", "  \n", "# only a comment\n"] {
        assert_eq!(refused(nothing).code, "EMPTY_INPUT", "{nothing:?}");
    }
}

#[test]
fn tags_and_merge_keys_are_refused() {
    let found = read(&source(
        "a: !Sub \"x\"\nb: !!int 3\nc: !foo [1]\nd: !!map {e: 1}\n<<: {g: 1}\n",
    ))
    .unwrap_err();
    let codes: Vec<_> = found.iter().map(|d| d.code).collect();
    assert_eq!(
        codes,
        ["YAML_TAG", "YAML_TAG", "YAML_TAG", "YAML_MERGE_KEY"]
    );
    assert!(found.0[0].help.as_ref().unwrap().contains("CloudFormation"));
    assert!(found.0[1].help.as_ref().unwrap().contains("!!str"));
    assert_eq!(tree("'<<': 1").get("<<").unwrap().as_text(), Some("1"));
    assert_eq!(tree("a: ! 12").get("a").unwrap().as_number_text(), None);
}

#[test]
fn names_are_scalars() {
    assert_eq!(refused("{[a]: b}").code, "INVALID_YAML");
    assert_eq!(refused("? {a: b}\n: c\n").code, "INVALID_YAML");
    assert_eq!(tree("1: x").members()[0].name, "1");
    assert_eq!(tree("null: x").members()[0].name, "null");
    assert_eq!(
        tree("[a: b, c]").items()[0].get("a").unwrap().as_text(),
        Some("b")
    );
}

#[test]
fn what_is_not_yaml_has_a_place() {
    let error = refused("a: 1\nb: [1, 2\n");
    assert_eq!((error.code, error.place.is_some()), ("INVALID_YAML", true));
    assert_eq!(at(&refused("a: \"é\nb: 'x\n")).split(':').count(), 2);
}

/// UI-4: what is wrong shows where the next name stands, and began where nothing closed the bracket.
#[test]
fn an_open_bracket_is_named_where_it_stands() {
    let help = |text: &str| refused(text).help.unwrap();
    for text in [
        "a: 1\nb: [x\nc: y\n",
        "a: 1\nb: {x: y\nc: z\n",
        "a: 1\nb: [x\n",
    ] {
        let bracket = if text.contains('{') { '{' } else { '[' };
        let wanted = format!("the `{bracket}` at line 2, column 4 is not closed in front of it");
        assert_eq!(help(text), wanted, "{text}");
    }
    assert!(help("a: {x: y: z}\n").starts_with("check indentation"));
    assert!(help("a: b\n c: d\n").starts_with("check indentation"));
}

#[test]
fn nesting_is_bounded() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(read(&source(&nested(crate::node::DEPTH_MAX))).is_ok());
    assert_eq!(
        refused(&nested(crate::node::DEPTH_MAX + 1)).code,
        "NESTED_TOO_DEEPLY"
    );
    for opening in ["[", "{a: ", "- "] {
        let error = refused(&opening.repeat(100_000));
        assert_eq!(error.code, "NESTED_TOO_DEEPLY", "{opening}: {error}");
    }
}

/// Texts that look like YAML.
fn yamlish() -> impl Strategy<Value = String> {
    const PIECES: [&str; 36] = [
        "- ", "a", "b: ", ": ", "\n", "\n  ", "\n    ", "[", "]", "{", "}", ", ", "&x ", "*x",
        "!!str ", "! ", "? ", "|\n", ">-\n", "\"", "'", "\\", "#", " #", "---\n", "...\n", "%",
        "é", "\t", "\r\n", "\u{feff}", "~", "<<: ", "1", "true", "\0",
    ];
    proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..24)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn no_text_fails_and_every_place_is_inside(text in yamlish()) {
        let source = source(&text);
        if let Ok(node) = read(&source) {
            check_places(&source, &node)?;
        }
    }

    #[test]
    fn json_is_read_as_yaml_reads_it(text in "[\\[\\]{}:, \"a-c0-9\n-]{0,16}") {
        let source = source(&text);
        if let (Ok(json), Ok(yaml)) = (crate::json::read(&source), read(&source)) {
            prop_assert_eq!(json.to_json(), yaml.to_json());
        }
    }
}

fn check_places(source: &Source, node: &Node) -> Result<(), TestCaseError> {
    let raw = source
        .text
        .get(node.span.start as usize..node.span.end as usize);
    prop_assert!(raw.is_some(), "{:?}", node.span);
    if let Some(scalar) = node.as_scalar()
        && scalar.plain
        && !scalar.text.contains(['\n', ' '])
    {
        prop_assert_eq!(raw.unwrap_or_default(), &scalar.text);
    }
    for item in node.items() {
        check_places(source, item)?;
    }
    for member in node.members() {
        check_places(source, &member.value)?;
    }
    Ok(())
}
