//! Diagnostics: every code stands in a table and in the documentation with an example that earns it; every diagnostic
//! that comes out has a code, a rule, a remedy and, if it is about a text, a place.

#[cfg(test)]
#[path = "diagnostics/answers.rs"]
mod answers;
#[cfg(test)]
#[path = "diagnostics/ask.rs"]
mod ask;
#[cfg(test)]
#[path = "diagnostics/complete.rs"]
mod complete;
#[cfg(test)]
#[path = "diagnostics/examples.rs"]
mod examples;
#[cfg(test)]
#[path = "diagnostics/page.rs"]
mod page;
#[cfg(test)]
#[path = "diagnostics/rules.rs"]
mod rules;
#[cfg(test)]
#[path = "diagnostics/seen.rs"]
mod seen;
#[cfg(test)]
#[path = "diagnostics/sources.rs"]
mod sources;

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use preclear_tests::tables::{Group, groups};
    use preclear_tests::{here, root};

    use crate::complete::{is_rule, lacks};
    use crate::examples::Outcome;
    use crate::seen::Seen;
    use crate::{ask, examples, page};

    /// Lists what diagnostics lack, once for each code and lack.
    fn assert_complete(all: impl IntoIterator<Item = (String, Seen)>) {
        let mut incomplete: BTreeMap<String, String> = BTreeMap::new();
        for (origin, seen) in all {
            for lack in lacks(&seen) {
                incomplete
                    .entry(format!("{}: {lack}", seen.code))
                    .or_insert_with(|| format!("{origin}: {}", seen.message));
            }
        }
        assert!(incomplete.is_empty(), "{incomplete:#?}");
    }

    #[test]
    fn codes_are_unique_and_their_rules_are_documented() {
        let mut known = BTreeSet::new();
        for code in groups().iter().flat_map(Group::codes) {
            assert!(
                known.insert(code.name),
                "{} stands in two tables",
                code.name
            );
            assert!(is_rule(code.rule), "{}: {}", code.name, code.rule);
            let page = page::page_of(code.rule);
            assert!(
                page.is_some(),
                "{}: no page states {}",
                code.name,
                code.rule
            );
            for text in [code.meaning, code.remedy] {
                assert!(
                    !text.is_empty() && !text.ends_with('.'),
                    "{}: {text}",
                    code.name
                );
            }
        }
        assert!(known.len() > 200);
    }

    #[test]
    fn every_code_has_an_example_that_earns_it() {
        let examples = examples::all();
        let codes = groups().iter().flat_map(Group::codes).collect::<Vec<_>>();
        let mut wrong = Vec::new();
        for code in &codes {
            match examples.get(code.name) {
                None => wrong.push(format!("{}: no example", code.name)),
                Some(example) => {
                    let outcome = example.run();
                    if !outcome.has(code.name) {
                        wrong.push(format!("{}: {outcome:?}", code.name));
                    }
                }
            }
        }
        for name in examples.keys() {
            if !codes.iter().any(|code| code.name == name) {
                wrong.push(format!("{name}: no such code"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn the_diagnostics_of_the_examples_are_complete() {
        let examples = examples::all();
        let all = examples.values().flat_map(|example| {
            let seen = match example.run() {
                Outcome::Seen(seen) => seen,
                Outcome::Printed(_) => Vec::new(),
            };
            seen.into_iter().map(|seen| (example.code.clone(), seen))
        });
        assert_complete(all);
    }

    /// Cases whose snapshot, requests and jobs are accepted, refused, or warned of: thousands of documents.
    #[test]
    fn the_diagnostics_of_the_cases_are_complete() {
        let paths = ask::yaml_files(&here().join("cases"));
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let all: Vec<(String, Seen)> = std::thread::scope(|scope| {
            let shares = paths.chunks(paths.len().div_ceil(threads).max(1));
            let share = |paths: &[std::path::PathBuf]| {
                let seen = paths.iter().flat_map(|path| {
                    let name = path.display().to_string();
                    let seen = ask::test(path, &ask::Disk).into_iter();
                    seen.map(move |seen| (name.clone(), seen))
                });
                seen.collect::<Vec<_>>()
            };
            let running: Vec<_> = shares
                .map(|paths| scope.spawn(move || share(paths)))
                .collect();
            let done = running.into_iter().flat_map(|one| one.join().unwrap());
            done.collect()
        });
        assert!(all.len() > 500, "only {} diagnostics came out", all.len());
        assert_complete(all);
    }

    /// `UPDATE_EXPECT=1 cargo test --test diagnostics` writes the page anew: read the difference.
    #[test]
    fn the_documentation_is_that_of_the_tables() {
        let path = root().join("docs/diagnostics.md");
        let text = page::text(&examples::all());
        if std::env::var_os("UPDATE_EXPECT").is_some_and(|value| value == "1") {
            std::fs::write(&path, &text).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        let first = written
            .lines()
            .zip(text.lines())
            .position(|(written, text)| written != text);
        assert!(
            written == text,
            "docs/diagnostics.md differs from line {:?}; UPDATE_EXPECT=1 cargo test --test diagnostics writes it",
            first.map(|line| line + 1)
        );
    }
}
