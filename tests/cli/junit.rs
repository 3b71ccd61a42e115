//! JUnit XML, held against the schema of the xUnit plugin of Jenkins, and its counts against what is there.

use std::collections::BTreeMap;

use preclear_tests::here;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use uppsala::XsdValidator;

/// How many elements there are of each name.
pub(crate) type Counts = BTreeMap<String, usize>;

/// What is wrong with a text as JUnit XML; what it holds, if nothing is.
pub(crate) fn check(text: &str) -> Result<Counts, String> {
    against_the_schema(text)?;
    counted(text)
}

fn against_the_schema(text: &str) -> Result<(), String> {
    let schema = std::fs::read_to_string(here().join("schemas/junit-10.xsd")).unwrap();
    let schema = uppsala::parse(&schema).unwrap();
    let validator = XsdValidator::from_schema(&schema).unwrap();
    let document = uppsala::parse(text).map_err(|error| error.to_string())?;
    let errors = validator.validate(&document);
    if errors.is_empty() {
        return Ok(());
    }
    let errors: Vec<String> = errors.into_iter().map(|error| error.message).collect();
    Err(errors.join("\n"))
}

/// Counts elements; the schema does not see that what suites say of themselves is true.
fn counted(text: &str) -> Result<Counts, String> {
    let mut reader = Reader::from_str(text);
    let (mut there, mut said) = (Counts::new(), Counts::new());
    let mut whole = Counts::new();
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) | Event::Empty(start) => {
                let name = String::from_utf8_lossy(start.name().as_ref()).into_owned();
                match name.as_str() {
                    "testsuites" => add(&start, &mut whole)?,
                    "testsuite" => add(&start, &mut said)?,
                    _ => {}
                }
                *there.entry(name).or_default() += 1;
            }
            Event::Eof => break,
            _ => {}
        }
    }
    for (element, attribute) in [
        ("testcase", "tests"),
        ("failure", "failures"),
        ("error", "errors"),
    ] {
        let count = |counts: &Counts, name: &str| counts.get(name).copied().unwrap_or_default();
        let all = [
            count(&there, element),
            count(&said, attribute),
            count(&whole, attribute),
        ];
        if all != [all[0]; 3] {
            return Err(format!(
                "{attribute}: there are, suites say, all say {all:?}"
            ));
        }
    }
    Ok(there)
}

/// Adds what an element says in numbers.
fn add(start: &BytesStart<'_>, counts: &mut Counts) -> Result<(), String> {
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let key = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
        if let Ok(number) = String::from_utf8_lossy(&attribute.value).parse::<usize>() {
            *counts.entry(key).or_default() += number;
        }
    }
    Ok(())
}

#[test]
fn what_is_no_junit_is_noticed() {
    let good = r#"<testsuites name="x" tests="1" failures="1" errors="0"><testsuite name="a" tests="1" failures="1" errors="0"><testcase name="b"><failure type="c">d</failure></testcase></testsuite></testsuites>"#;
    let counts = check(good).unwrap();
    assert_eq!((counts["testcase"], counts["failure"]), (1, 1));
    for (old, new) in [
        ("tests=\"1\"", "tests=\"2\""),
        (" tests=\"1\"", ""),
        ("type=", "kind="),
        ("<testcase name=\"b\">", "<testcase>"),
        ("failure", "warning"),
        ("</testsuites>", ""),
        ("<testsuites ", "<testsuites skipped=\"0\" "),
        ("name=\"a\"", "name=\"a\" time=\"soon\""),
        ("d</failure>", "\u{1}</failure>"),
        ("<testsuites ", "<suites "),
    ] {
        assert!(check(&good.replace(old, new)).is_err(), "{new}");
    }
}
