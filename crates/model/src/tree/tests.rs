use super::*;
use crate::json::read_in_full;
use crate::node::{Limits, read};
use proptest::prelude::*;

fn source(text: &str) -> Arc<Source> {
    Arc::new(Source::new("t.json", text))
}

/// What the one pass makes of a text.
fn scanned(text: &str) -> Option<Node> {
    let source = source(text);
    scan(&source, &Limits::FILE).map(|tree| tree.root().to_node())
}

/// True where a name is written with an escape, which the one pass leaves to the full reader.
fn escapes_a_name(node: &Node, source: &Source) -> bool {
    node.items().iter().any(|item| escapes_a_name(item, source))
        || node.members().iter().any(|member| {
            source.slice(member.name_span).contains('\\') || escapes_a_name(&member.value, source)
        })
}

/// The one pass gives what the full reader gives, or nothing where that refuses.
fn check_against_full_reader(text: &str) -> Result<(), TestCaseError> {
    let source = source(text);
    let full = read_in_full(&source, &Limits::FILE);
    match (scanned(text), full) {
        (Some(node), Ok(full)) => prop_assert_eq!(node, full, "{}", text),
        (Some(_), Err(found)) => prop_assert!(false, "{text}: read although {found}"),
        (None, Ok(full)) => {
            let is_left = escapes_a_name(&full, &source) || text.trim().is_empty();
            prop_assert!(is_left, "{text}: not read");
        }
        (None, Err(_)) => {}
    }
    Ok(())
}

#[test]
fn elements_know_what_they_are_and_where() {
    let text = r#" {"a": [1.0, "x", "\u0041", null, true], "b" : {}} "#;
    let source = source(text);
    let tree = scan(&source, &Limits::FILE).unwrap();
    let root = tree.root();
    assert_eq!(source.slice(root.span()), text.trim());
    let names: Vec<_> = root
        .entries()
        .map(|entry| (entry.name, source.slice(entry.name_span())))
        .collect();
    assert_eq!(names, [("a", "\"a\""), ("b", "\"b\"")]);
    let list = root.get("a").unwrap();
    assert_eq!(
        source.slice(list.span()),
        r#"[1.0, "x", "\u0041", null, true]"#
    );
    let texts: Vec<_> = list.items().map(Element::as_text).collect();
    assert_eq!(texts, [None, Some("x"), Some("A"), None, None]);
    let kinds: Vec<_> = list.items().map(Element::kind_name).collect();
    assert_eq!(
        kinds,
        ["a number", "a string", "a string", "null", "a boolean"]
    );
    let kept: Vec<_> = list.items().map(Element::to_text).collect();
    assert_eq!(kept, ["1.0", "x", "A", "", "true"]);
    assert!(root.get("b").unwrap().is_empty() && !list.is_empty());
    assert_eq!(root.one_or_many().count(), 0);
    assert_eq!(list.items().nth(1).unwrap().one_or_many().count(), 1);
}

#[test]
fn what_is_out_of_the_ordinary_is_left_to_the_full_reader() {
    for text in [
        "",
        " ",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "{\"a\":1 \"b\":2}",
        "{a:1}",
        "[\"a\nb\"]",
        "[\"\\x\"]",
        "[\"\\ud800\"]",
        "[\"a",
        "[\"a\\\"]",
        "[01]",
        "[1.]",
        "[-]",
        "[+1]",
        "nul",
        "nullx",
        "[truefalse]",
        "{} {}",
        "[1]]",
        "\u{a0}1",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,\"i\":9,\"a\":0}",
        "{\"\\u0061\":1}",
    ] {
        assert_eq!(scanned(text), None, "{text}");
    }
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(scanned(&deep(Limits::FILE.depth)).is_some());
    assert_eq!(scanned(&deep(Limits::FILE.depth + 1)), None);
    assert_eq!(scanned(&"{\"a\":".repeat(100_000)), None);
}

#[test]
fn large_objects_keep_their_members_apart() {
    let members: Vec<_> = (0..300).map(|n| format!("\"{n}\":{{\"0\":0}}")).collect();
    let text = format!("{{{}}}", members.join(","));
    assert_eq!(scanned(&text).unwrap().members().len(), 300);
    assert_eq!(scanned(&text.replace("\"299\"", "\"17\"")), None);
}

#[test]
fn yaml_and_escapes_keep_what_they_say() {
    let text = "a: 'x''y'\nb: [on, 012, \"\\x41\", ~, 'z']\n? c\n: |\n  l1\n  l2\n";
    let source = Arc::new(Source::new("t.yaml", text));
    let node = read(&source).unwrap();
    assert_eq!(Tree::of(&node, &source).root().to_node(), node);
}

proptest! {
    #[test]
    fn one_pass_reads_json_as_the_full_reader_does(text in r#"[\[\]{}:,"\\ \n0-2eu.+truefalsn-]{0,24}"#) {
        check_against_full_reader(&text)?;
    }

    #[test]
    fn one_pass_reads_what_is_nearly_json_as_the_full_reader_does(
        text in json(),
        at in any::<prop::sample::Index>(),
        other in prop::sample::select(vec!["", "\"", "\\", ",", ":", "}", "]", "{", "[", "0", "é", "\n", "\u{1}", " ", "\\u00e9", "\\ud83d\\ude00", "\"a\":", "1e9"]),
        replaces in any::<bool>(),
    ) {
        check_against_full_reader(&text)?;
        let places: Vec<usize> = text.char_indices().map(|(offset, _)| offset).collect();
        let start = *at.get(&places);
        let end = if replaces { start + text[start..].chars().next().map_or(0, char::len_utf8) } else { start };
        let mut text = text;
        text.replace_range(start..end, other);
        check_against_full_reader(&text)?;
    }

    #[test]
    fn nodes_are_the_same_behind_a_tree(text in json()) {
        let source = source(&text);
        let node = read_in_full(&source, &Limits::FILE).unwrap();
        prop_assert_eq!(Tree::of(&node, &source).root().to_node(), node);
    }
}

/// JSON texts with all kinds of values, white space and escapes; no object has two members of a name.
fn json() -> impl Strategy<Value = String> {
    let string = prop::collection::vec(
        prop::sample::select(vec![
            "a",
            "bcdefgh",
            "é",
            "日",
            "\\n",
            "\\\"",
            "\\\\",
            "\\u0041",
            "\\ud83d\\ude00",
            " ",
            "/",
            "*",
            ",",
            ":",
            "}",
        ]),
        0..6,
    )
    .prop_map(|parts| format!("\"{}\"", parts.concat()));
    let number = prop::sample::select(vec![
        "0",
        "-0",
        "1.0",
        "1",
        "12e3",
        "1E-9",
        "1e999",
        "123456789012345678901",
    ]);
    let leaf = prop_oneof![
        3 => string,
        1 => number.prop_map(str::to_owned),
        1 => prop::sample::select(vec!["true", "false", "null"]).prop_map(str::to_owned),
    ];
    let space = || prop::sample::select(vec!["", "", " ", "\n        ", "\t", "\r\n", "         "]);
    leaf.prop_recursive(4, 40, 12, move |inner| {
        let spaced = (space(), inner, space())
            .prop_map(|(before, value, behind)| format!("{before}{value}{behind}"));
        let list = prop::collection::vec(spaced.clone(), 0..12)
            .prop_map(|items| format!("[{}]", items.join(",")));
        let members = prop::collection::vec((space(), spaced, any::<bool>()), 0..12);
        let object = members.prop_map(|members| {
            let member = |(index, (space, value, long)): (usize, (&str, String, bool))| {
                let name = if long { "longer than a word" } else { "" };
                format!("{space}\"{name}{index}\"{space}:{value}")
            };
            let members: Vec<_> = members.into_iter().enumerate().map(member).collect();
            format!("{{{}}}", members.join(","))
        });
        prop_oneof![list, object]
    })
}
