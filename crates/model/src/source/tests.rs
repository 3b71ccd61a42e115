use super::*;
use proptest::prelude::*;

/// The outer text at the place of `needle` in the embedded text.
fn outer_text(inner: &Arc<Source>, needle: &str) -> String {
    let start = inner.text.find(needle).unwrap();
    inner
        .place(Span::new(start, start + needle.len()))
        .outermost()
        .text()
        .to_owned()
}

/// Embeds what a whole outer text, taken as one string, says.
fn embed(raw: &str, text: &str) -> Arc<Source> {
    let file = Arc::new(Source::new("f", raw));
    Arc::new(Source::embedded(&file, Span::new(0, raw.len()), text))
}

#[test]
fn positions_count_lines_and_characters_from_one() {
    let source = Source::new("f", "ab\r\né€x\n");
    let at = |offset| source.position(offset).to_string();
    assert_eq!(at(0), "1:1");
    assert_eq!(at(3), "1:4");
    assert_eq!(at(4), "2:1");
    assert_eq!(at(5), "2:1", "inside a character");
    assert_eq!(at(6), "2:2");
    assert_eq!(at(9), "2:3");
    assert_eq!(at(11), "3:1");
    assert_eq!(at(u32::MAX), "3:1");
    assert_eq!(Source::new("f", "").position(7).to_string(), "1:1");
}

#[test]
fn a_byte_order_mark_is_taken_off_and_noted() {
    let source = Source::new("f", "\u{feff}{}");
    assert_eq!(
        (source.text.as_str(), source.had_byte_order_mark),
        ("{}", true)
    );
    assert!(!Source::new("f", "{}").had_byte_order_mark);
}

#[test]
fn a_place_ends_behind_a_character() {
    let source = Arc::new(Source::new("f", "ӥ: 1"));
    let behind = source.place(Span::new(7, 8));
    assert_eq!((behind.span, behind.text()), (Span::new(5, 5), ""));
    let ends = [(1, "ӥ"), (2, "ӥ"), (3, "ӥ:"), (99, "ӥ: 1")];
    for (end, text) in ends {
        let place = source.place(Span::new(0, end));
        assert_eq!(source.slice(place.span), text, "{end}");
    }
}

#[test]
fn the_first_byte_that_is_not_utf8_is_named() {
    let refused = |bytes: &[u8]| {
        let found = Source::from_bytes("f.json", bytes.to_vec()).unwrap_err();
        found.into_iter().next().unwrap()
    };
    let error = refused(b"{\n \"a\": \"\xff\"}");
    assert_eq!(error.code, "NOT_UTF8");
    assert_eq!(error.place.unwrap().locate().to_string(), "f.json:2:8");
    assert!(
        error.message.contains("byte 9 is `0xff`"),
        "{}",
        error.message
    );
    let marked = refused(b"\xef\xbb\xbf{\"a\xd3\xc5\xa4\"}");
    assert!(marked.message.contains("byte 6 is `0xd3`"));
    let place = marked.place.unwrap();
    assert_eq!(place.locate().to_string(), "f.json:1:4");
    assert_eq!(place.source.slice(place.span), "\u{fffd}");
    let utf16 = refused(&[0xff, 0xfe, b'{', 0]);
    assert!(utf16.help.unwrap().contains("UTF-16"));
    assert_eq!(
        Source::from_bytes("f", "é".as_bytes().to_vec())
            .unwrap()
            .text,
        "é"
    );
}

#[test]
fn json_escapes_are_mapped_exactly() {
    let raw = r#""{\"a\":\n\u00e9\ud83d\ude00x}""#;
    let inner = embed(raw, "{\"a\":\né😀x}");
    assert_eq!(outer_text(&inner, "{"), "{");
    assert_eq!(outer_text(&inner, "\"a\""), "\\\"a\\\"");
    assert_eq!(outer_text(&inner, "é"), "\\u00e9");
    assert_eq!(outer_text(&inner, "😀"), "\\ud83d\\ude00");
    assert_eq!(outer_text(&inner, "x}"), "x}");
}

#[test]
fn yaml_scalars_on_one_line_are_mapped_exactly() {
    let single = embed("'it''s {x}'", "it's {x}");
    assert_eq!(outer_text(&single, "{x}"), "{x}");
    assert_eq!(outer_text(&single, "'"), "''");
    let double = embed(r#""\x41\U0001F600 {x}""#, "A😀 {x}");
    assert_eq!(outer_text(&double, "{x}"), "{x}");
    let plain = embed("a{x}", "a{x}");
    assert_eq!(outer_text(&plain, "{x}"), "{x}");
}

#[test]
fn literal_blocks_are_mapped_line_by_line() {
    let raw = "|-\n    {\n\n      \"x\": 1\r\n    }\n";
    let inner = embed(raw, "{\n\n  \"x\": 1\n}");
    assert_eq!(outer_text(&inner, "\"x\": 1"), "\"x\": 1");
    assert_eq!(
        inner.place(Span::new(5, 8)).locate().to_string(),
        "f:4:7 (3:3 of the text in it)"
    );
    assert_eq!(outer_text(&inner, "}"), "}");
}

#[test]
fn folded_scalars_are_placed_at_their_start() {
    let folded = embed(">\n  a\n  b\n", "a b\n");
    assert_eq!(
        folded.place(Span::new(2, 3)).locate().to_string(),
        "f:1:1 (1:3 of the text in it)"
    );
    let quoted = embed("\"a\n  b\"", "a b");
    assert_eq!(
        quoted.place(Span::new(2, 3)).outermost().text(),
        "\"a\n  b\""
    );
}

#[test]
fn percent_encoded_texts_are_mapped_through_all_layers() {
    let file = Arc::new(Source::new("f.json", "[\"%7B%22\\u00e9%22%3A1%7D\"]"));
    let string = Arc::new(Source::embedded(
        &file,
        Span::new(1, 25),
        "%7B%22é%22%3A1%7D",
    ));
    let document = Arc::new(Source::percent_decoded(&string).unwrap());
    assert_eq!(document.text, "{\"é\":1}");
    assert_eq!(outer_text(&document, "é"), "\\u00e9");
    assert_eq!(outer_text(&document, "1"), "1");
    assert_eq!(outer_text(&document, "}"), "%7D");
    assert_eq!(document.name, "f.json");
}

#[test]
fn percent_sequences_that_are_none_stand_for_themselves() {
    let raw = Arc::new(Source::new("f", "100%&%zz%4"));
    assert_eq!(Source::percent_decoded(&raw).unwrap().text, "100%&%zz%4");
    let bad = Arc::new(Source::new("f", "a%41%ff"));
    assert_eq!(Source::percent_decoded(&bad).unwrap_err(), 4);
}

proptest! {
    #[test]
    fn every_character_of_a_json_string_is_found(text in "\u{feff}?.{0,30}") {
        let raw = serde_json::to_string(&text).unwrap();
        let inner = embed(&raw, &text);
        // Without a byte order mark in front.
        for (start, c) in inner.text.char_indices() {
            let place = inner.place(Span::new(start, start + c.len_utf8())).outermost();
            let said: String = serde_json::from_str(&format!("\"{}\"", place.text())).unwrap();
            prop_assert_eq!(said, c.to_string());
        }
    }

    #[test]
    fn no_offset_and_no_span_fails(text in ".{0,20}", start in 0usize..40, end in 0usize..40, raw in ".{0,20}") {
        let inner = embed(&raw, &text);
        let place = inner.place(Span::new(start, end));
        let _ = (place.text().len(), place.locate(), place.outermost().text().len());
    }
}

/// Columns far within a line are counted from what is known of the text in front of them.
#[test]
fn columns_of_very_long_lines_count_characters() {
    let line = "aé\u{20ac}😀".repeat(5000);
    let text = format!("{line}\n{line}");
    let source = Source::new("a.json", text.as_str());
    for (index, (offset, _)) in line.char_indices().enumerate().step_by(977) {
        for (line_number, start) in [(1, 0), (2, line.len() + 1)] {
            let offset = u32::try_from(start + offset).unwrap();
            let position = source.position(offset);
            let column = u32::try_from(index + 1).unwrap();
            assert_eq!((position.line, position.column), (line_number, column));
        }
    }
    let end = source.position(u32::MAX);
    assert_eq!((end.line, end.column), (2, 20_001));
}
