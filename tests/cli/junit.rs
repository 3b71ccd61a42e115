//! The structure of JUnit XML, from the public descriptions of the format: which elements stand where, which attributes they have
//! and must have, and that counts are true.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// An element: its name, its parent, attributes that it must have, attributes that it may have.
struct Shape {
    name: &'static str,
    parents: &'static [&'static str],
    required: &'static [&'static str],
    optional: &'static [&'static str],
}

const SHAPES: [Shape; 6] = [
    Shape {
        name: "testsuites",
        parents: &[""],
        required: &[],
        optional: &[
            "name",
            "time",
            "tests",
            "failures",
            "errors",
            "disabled",
            "skipped",
            "timestamp",
            "uuid",
        ],
    },
    Shape {
        name: "testsuite",
        parents: &["", "testsuites"],
        required: &["name", "tests", "failures", "errors"],
        optional: &[
            "time",
            "disabled",
            "skipped",
            "timestamp",
            "hostname",
            "id",
            "package",
        ],
    },
    Shape {
        name: "testcase",
        parents: &["testsuite"],
        required: &["name"],
        optional: &["classname", "time", "assertions", "status", "timestamp"],
    },
    Shape {
        name: "failure",
        parents: &["testcase"],
        required: &[],
        optional: &["type", "message"],
    },
    Shape {
        name: "error",
        parents: &["testcase"],
        required: &[],
        optional: &["type", "message"],
    },
    Shape {
        name: "system-out",
        parents: &["testsuite", "testcase"],
        required: &[],
        optional: &[],
    },
];

/// What suites say of themselves, and what is in them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) tests: usize,
    pub(crate) failures: usize,
    pub(crate) errors: usize,
}

/// What is wrong with a text as JUnit XML; what it holds, if nothing is.
pub(crate) fn check(text: &str) -> Result<Counts, String> {
    let mut reader = Reader::from_str(text);
    let mut path: Vec<String> = Vec::new();
    let (mut said, mut there) = (Counts::default(), Counts::default());
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) => {
                element(&start, &path, &mut said, &mut there)?;
                path.push(name_of(&start));
            }
            Event::Empty(start) => element(&start, &path, &mut said, &mut there)?,
            Event::End(_) => {
                path.pop();
            }
            Event::Text(text) if path.is_empty() && !text.iter().all(u8::is_ascii_whitespace) => {
                return Err("text outside elements".to_owned());
            }
            Event::Eof => break,
            _ => {}
        }
    }
    if !path.is_empty() {
        return Err(format!("{path:?} is not closed"));
    }
    if said != there {
        return Err(format!("it says {said:?} and holds {there:?}"));
    }
    Ok(there)
}

fn name_of(start: &BytesStart<'_>) -> String {
    String::from_utf8_lossy(start.name().as_ref()).into_owned()
}

fn element(
    start: &BytesStart<'_>,
    path: &[String],
    said: &mut Counts,
    there: &mut Counts,
) -> Result<(), String> {
    let name = name_of(start);
    let shape = SHAPES.iter().find(|shape| shape.name == name);
    let shape = shape.ok_or_else(|| format!("no element is called {name}"))?;
    let parent = path.last().map_or("", String::as_str);
    if !shape.parents.contains(&parent) {
        return Err(format!("{name} stands in `{parent}`"));
    }
    let mut seen = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let key = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
        let known = shape.required.iter().chain(shape.optional);
        if !known.into_iter().any(|known| *known == key) {
            return Err(format!("{name} has the attribute {key}"));
        }
        let value = String::from_utf8_lossy(&attribute.value).into_owned();
        let number = || {
            value
                .parse::<usize>()
                .map_err(|_| format!("{key} is {value}"))
        };
        match (name.as_str(), key.as_str()) {
            ("testsuite", "tests") => said.tests += number()?,
            ("testsuite", "failures") => said.failures += number()?,
            ("testsuite", "errors") => said.errors += number()?,
            (_, "time") => {
                value
                    .parse::<f64>()
                    .map_err(|_| format!("{key} is {value}"))?;
            }
            _ => {}
        }
        seen.push(key);
    }
    if let Some(missing) = shape
        .required
        .iter()
        .find(|one| !seen.iter().any(|key| key == *one))
    {
        return Err(format!("{name} lacks {missing}"));
    }
    match name.as_str() {
        "testcase" => there.tests += 1,
        "failure" => there.failures += 1,
        "error" => there.errors += 1,
        _ => {}
    }
    Ok(())
}

#[test]
fn what_is_no_junit_is_noticed() {
    let good = r#"<testsuites><testsuite name="a" tests="1" failures="1" errors="0"><testcase name="b"><failure type="c">d</failure></testcase></testsuite></testsuites>"#;
    let counts = Counts {
        tests: 1,
        failures: 1,
        errors: 0,
    };
    assert_eq!(check(good), Ok(counts));
    for (old, new) in [
        ("tests=\"1\"", "tests=\"2\""),
        ("tests=\"1\" ", ""),
        ("type=", "kind="),
        ("<testcase name=\"b\">", "<testcase>"),
        ("failure", "warning"),
        ("</testsuites>", ""),
    ] {
        assert!(check(&good.replace(old, new)).is_err(), "{new}");
    }
}
