//! One wrong letter, in every name that the program knows: it says what was meant. Rule: UI-33, UI-4

use std::collections::BTreeSet;
use std::ffi::OsString;

use preclear::ExitCode;
use serde_json::{Map, Value, json};

use crate::flags::{commands, flags};
use crate::program::{Folder, run_in};

/// The word with one letter left out, two in the wrong order, one twice, one wrong: at its start, in its middle, at its end.
fn typos(word: &str) -> BTreeSet<String> {
    let letters: Vec<char> = word.chars().collect();
    let last = letters.len() - 1;
    let mut found = BTreeSet::new();
    for at in [0, letters.len() / 2, last] {
        let mut add = |change: &dyn Fn(&mut Vec<char>)| {
            let mut typo = letters.clone();
            change(&mut typo);
            found.insert(typo.into_iter().collect::<String>());
        };
        add(&|typo| {
            typo.remove(at);
        });
        add(&|typo| typo.insert(at, typo[at]));
        add(&|typo| typo[at] = 'q');
        add(&|typo| typo.swap(at, (at + 1).min(last)));
    }
    // Fewer letters than three can mean anything, and a dash in front makes another flag of it.
    found.retain(|typo| typo.len() > 2 && typo != word && !typo.starts_with(['-', '_']));
    found
}

/// True if one letter makes one word of the other.
fn is_near(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let same = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let behind = |a: &[char], b: &[char], from_a: usize, from_b: usize| {
        a.get(same + from_a..).unwrap_or_default() == b.get(same + from_b..).unwrap_or_default()
    };
    let is_swapped = a.len() == b.len()
        && a.get(same) == b.get(same + 1)
        && a.get(same + 1) == b.get(same)
        && behind(&a, &b, 2, 2);
    behind(&a, &b, 1, 1) && a.len() == b.len()
        || behind(&a, &b, 1, 0) && a.len() == b.len() + 1
        || behind(&a, &b, 0, 1) && a.len() + 1 == b.len()
        || is_swapped
}

/// Runs in this process: there are thousands of typos.
fn run(args: &[&str]) -> preclear_tests::Ran {
    let all = ["preclear"].iter().chain(args);
    let all: Vec<OsString> = all.map(OsString::from).collect();
    preclear_tests::run(&all)
}

/// What is said of a command line that cannot be used.
fn said(args: &[&str]) -> String {
    let ran = run(args);
    assert_eq!(ran.code, ExitCode::Unusable, "{args:?}: {}", ran.stdout);
    ran.stderr
}

/// Asks with typos of all names. What is said names what was meant, or another name that is as near.
#[track_caller]
fn are_answered(names: &BTreeSet<String>, ask: impl Fn(&str) -> String) {
    let mut wrong = Vec::new();
    for name in names {
        for typo in typos(name) {
            if names.contains(&typo) {
                continue;
            }
            let said = ask(&typo);
            let mut meant = names
                .iter()
                .filter(|other| *other == name || is_near(&typo, other));
            if !meant.any(|name| says_near_name(&said, name)) {
                wrong.push(format!("{name} as {typo}: {said}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Whether a name is proposed, in the words of flags and in those of files.
fn says_near_name(said: &str, name: &str) -> bool {
    [
        format!("exists: '{name}'"),
        format!("exists: '--{name}'"),
        format!("'{name}'\n\nUsage"),
        format!("did you mean `{name}`"),
    ]
    .iter()
    .any(|words| said.contains(words))
}

#[test]
fn nearness_is_one_letter() {
    for typo in typos("format") {
        assert!(
            is_near(&typo, "format") && is_near("format", &typo),
            "{typo}"
        );
    }
    assert!(!is_near("format", "former") && !is_near("a", "abc") && !is_near("ab", "cd"));
}

#[test]
fn commands_are_proposed() {
    are_answered(&commands().into_iter().collect(), |typo| said(&[typo]));
    are_answered(&commands().into_iter().collect(), |typo| {
        said(&["man", typo])
    });
}

#[test]
fn flags_are_proposed() {
    for command in commands() {
        // Whether the flag takes a value does not matter yet.
        let bare = |flag: &String| flag.trim_start_matches('-').to_owned();
        let names: BTreeSet<String> = flags(&command).iter().map(bare).collect();
        are_answered(&names, |typo| said(&[&command, &format!("--{typo}")]));
    }
}

/// Words that a flag or argument takes, from what is said of one that it does not take.
fn words(args: &[&str]) -> BTreeSet<String> {
    let said = said(args);
    let Some((_, list)) = said.split_once("[possible values: ") else {
        return BTreeSet::new();
    };
    let list = list.split(']').next().unwrap();
    list.split(", ").map(str::to_owned).collect()
}

#[test]
fn words_of_flags_are_proposed() {
    let mut count = 0;
    for command in commands() {
        let help = run(&[&command, "--help"]).stdout;
        // A flag with the lines below it.
        for flag in help.split("\n      --").skip(1) {
            let about = flag.split("\n\n\n").next().unwrap();
            if !about.contains("ossible values:") {
                continue;
            }
            let flag = format!("--{}", flag.split(' ').next().unwrap());
            count += 1;
            let given = |word: &str| said(&[&command, &format!("{flag}={word}")]);
            are_answered(&words(&[&command, &format!("{flag}=???")]), given);
        }
    }
    // `--format` of six commands, `--ambiguity` of four, `--interface`, `--only`, `--type`.
    assert_eq!(count, 13);
    for command in ["completions", "schema"] {
        let words = words(&[command, "???"]);
        assert!(words.len() > 3, "{command}");
        are_answered(&words, |typo| said(&[command, typo]));
    }
}

/// Each way from a schema's start to a named member: an object that holds it alone, with the name left open.
struct Walk<'s> {
    root: &'s Value,
    found: Vec<(Vec<Step>, String)>,
}

#[derive(Clone)]
enum Step {
    Member(String),
    Item,
}

impl Walk<'_> {
    fn walk(&mut self, schema: &Value, way: &[Step], seen: &[&str]) {
        if let Some(reference) = schema["$ref"].as_str() {
            if seen.contains(&reference) {
                return;
            }
            let pointer = reference.trim_start_matches('#');
            let there = self.root.pointer(pointer).unwrap().clone();
            return self.walk(&there, way, &[seen, &[reference]].concat());
        }
        for one in schema["anyOf"].as_array().into_iter().flatten() {
            self.walk(one, way, seen);
        }
        if schema["items"].is_object() {
            self.walk(&schema["items"], &[way, &[Step::Item]].concat(), seen);
        }
        let is_closed = schema["additionalProperties"] == json!(false);
        for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
            if is_closed {
                self.found.push((way.to_vec(), name.clone()));
            }
            let way = [way, &[Step::Member(name.clone())]].concat();
            self.walk(schema, &way, seen);
        }
    }
}

/// The document that holds one member at the end of a way.
fn document(way: &[Step], name: &str) -> Value {
    let last = json!({name: "x"});
    way.iter().rev().fold(last, |inner, step| match step {
        Step::Member(name) => json!({name.as_str(): inner}),
        Step::Item => json!([inner]),
    })
}

/// With members that say what it is, and that must be there beside the named one.
fn completed(format: &str, name: &str, document: Value) -> Value {
    let needed = match format {
        "snapshot" => json!({"preclear": 1}),
        "test" => json!({"preclear": 1, "tests": [{}]}),
        "request" => json!({"principal": "anonymous", "action": "s3:GetObject"}),
        _ => json!({"operation": "s3:PutObject", "caller": "anonymous", "request": {}}),
    };
    match document {
        Value::Array(items) => items
            .into_iter()
            .map(|item| completed(format, name, item))
            .collect(),
        Value::Object(members) => {
            let mut whole: Map<String, Value> = needed.as_object().unwrap().clone();
            whole.extend(members);
            let tests = whole.get_mut("tests").and_then(Value::as_array_mut);
            for test in tests.into_iter().flatten().filter_map(Value::as_object_mut) {
                let asks = ["job", "who_can", "lint", "request"];
                let asked = asks.iter().find(|name| test.contains_key(**name));
                let expect = match asked {
                    Some(&"job") => json!("ALLOWED"),
                    Some(&"who_can") => json!({"exactly": []}),
                    Some(&"lint") => json!({"findings": []}),
                    Some(_) => json!("allow"),
                    None => {
                        let asked = match name {
                            "requirements" | "requirements_exactly" | "fixed" => "job",
                            "exactly" => "who_can",
                            "findings" | "findings_exactly" => "lint",
                            _ => "request",
                        };
                        test.insert(asked.to_owned(), json!({}));
                        json!("allow")
                    }
                };
                test.entry("expect").or_insert(expect);
            }
            Value::Object(whole)
        }
        other => other,
    }
}

#[test]
fn members_of_files_are_proposed() {
    let folder = Folder::new("typos").with("s.json", "{\"preclear\": 1}");
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (snapshot, file) = (path("s.json"), path("typo.json"));
    let mut wrong = Vec::new();
    let mut count = 0;
    for (format, args) in [
        ("snapshot", vec!["snapshot", &file]),
        (
            "request",
            vec!["simulate", "--snapshot", &snapshot, "--request", &file],
        ),
        (
            "job",
            vec!["simulate", "--snapshot", &snapshot, "--job", &file],
        ),
        ("test", vec!["test", &file]),
    ] {
        let schema = run_in(folder.path(), &["schema", format], b"").stdout;
        let schema: Value = serde_json::from_str(&schema).unwrap();
        let mut walk = Walk {
            root: &schema,
            found: Vec::new(),
        };
        walk.walk(&schema, &[], &[]);
        assert!(walk.found.len() > 10, "{format}");
        for (way, name) in &walk.found {
            // One of each kind; flags have them all.
            let Some(typo) = typos(name).into_iter().next_back() else {
                continue;
            };
            // The schema has one form of what an organization holds, and one of what stands in place of a file.
            let is_of_root = matches!(way.last(), Some(Step::Member(last)) if last == "root");
            if name == "file" || (is_of_root && name == "parent") {
                continue;
            }
            count += 1;
            let document = completed(format, name, document(way, &typo));
            std::fs::write(&file, document.to_string()).unwrap();
            let ran = run(&args);
            // A test whose question cannot be asked fails.
            let code = match format {
                "test" if ran.stdout.contains("1 failed") => ExitCode::Failure,
                _ => ExitCode::Unusable,
            };
            let said = format!("{}{}", ran.stdout, ran.stderr);
            if ran.code != code || !said.contains(&format!("did you mean `{name}`")) {
                wrong.push(format!("{format} {name} {document}: {said}"));
            }
        }
    }
    assert!(count > 150, "{count}");
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}
