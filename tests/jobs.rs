//! Jobs: the pages on them are those of the templates, its example is a template that works, and its commands run.

#[cfg(test)]
#[path = "jobs/conditions.rs"]
mod conditions;
#[cfg(test)]
#[path = "jobs/example.rs"]
mod example;
#[cfg(test)]
#[path = "jobs/markdown.rs"]
mod markdown;
#[cfg(test)]
#[path = "jobs/members.rs"]
mod members;
#[cfg(test)]
#[path = "jobs/names.rs"]
mod names;
#[cfg(test)]
#[path = "jobs/page.rs"]
mod page;
#[cfg(test)]
#[path = "jobs/rows.rs"]
mod rows;
#[cfg(test)]
#[path = "jobs/section.rs"]
mod section;
#[cfg(test)]
#[path = "jobs/words.rs"]
mod words;

#[cfg(test)]
mod tests {
    use preclear_tests::{here, root};

    use crate::names::Names;
    use crate::words::Words;
    use crate::{example, page};

    fn introduction() -> String {
        std::fs::read_to_string(here().join("jobs/introduction.md")).unwrap()
    }

    /// `UPDATE_EXPECT=1 cargo test -p preclear-tests --test jobs` writes docs/jobs.md and docs/jobs anew: read the difference.
    #[test]
    fn the_pages_are_those_of_the_templates() {
        let docs = root().join("docs");
        let introduction = introduction();
        let folder = example::folder(&example::blocks(&introduction), "jobs-page");
        let pages = page::pages(&example::played(&introduction, &folder), &page::templates());
        if std::env::var_os("UPDATE_EXPECT").is_some_and(|value| value == "1") {
            let _ = std::fs::remove_dir_all(docs.join("jobs"));
            std::fs::create_dir_all(docs.join("jobs")).unwrap();
            for page in &pages {
                std::fs::write(docs.join(&page.name), &page.text).unwrap();
            }
        }
        for page in &pages {
            let written = std::fs::read_to_string(docs.join(&page.name)).unwrap_or_default();
            let mut both = written.lines().zip(page.text.lines());
            let first = both.position(|(written, text)| written != text);
            assert!(
                written == page.text,
                "docs/{} differs from line {:?}; UPDATE_EXPECT=1 cargo test -p preclear-tests --test jobs writes it",
                page.name,
                first.map(|line| line + 1)
            );
        }
        let written = std::fs::read_dir(docs.join("jobs")).unwrap().count();
        assert_eq!(
            written + 1,
            pages.len(),
            "docs/jobs has pages of no service"
        );
    }

    #[test]
    fn the_steps_of_the_example_are_its_template() {
        let blocks = example::blocks(&introduction());
        let whole = example::file(&blocks, "uploads.json").unwrap();
        let whole: serde_json::Value = serde_json::from_str(&whole).unwrap();
        assert_eq!(example::steps(&blocks), whole);
    }

    #[test]
    fn the_template_of_the_example_passes_its_test() {
        let blocks = example::blocks(&introduction());
        let folder = example::folder(&blocks, "jobs-example");
        let ran = example::run(
            "preclear test --template uploads.json uploads.test.yaml",
            &folder,
        );
        assert_eq!(ran.code, Some(0), "{}", ran.printed);
        // A template that asks for less fails it.
        let whole = example::file(&blocks, "uploads.json").unwrap();
        let weaker = whole.replace(
            r#""kms:GenerateDataKey", "kms:Decrypt""#,
            r#""kms:GenerateDataKey""#,
        );
        assert_ne!(weaker, whole);
        std::fs::write(folder.join("uploads.json"), weaker).unwrap();
        let ran = example::run(
            "preclear test --template uploads.json uploads.test.yaml",
            &folder,
        );
        assert_eq!(ran.code, Some(1), "{}", ran.printed);
    }

    /// Those whose results it shows are run where it is written.
    #[test]
    fn the_commands_of_the_page_run() {
        let blocks = example::blocks(&introduction());
        let folder = example::folder(&blocks, "jobs-commands");
        let commands = example::silent_commands(&blocks);
        assert!(commands.len() >= 3, "{commands:?}");
        for command in commands {
            example::assert_ran(&command, &example::run(&command, &folder));
        }
    }

    const SMALL: &str = r#"{
        "id": "small", "service": "s3.amazonaws.com",
        "operations": [
            {"operation": "s3:One", "fields": {}, "let": {"role": {"field": "Role"}, "mark": "true"}},
            {"operation": "s3:Two", "fields": {}, "let": {"role": {"field": "Other.Role"}}}
        ],
        "let": {
            "mark": [],
            "out": {"field": "Out.Uri"},
            "key": {"key": {"field": "KeyId"}},
            "bucket": "arn:{partition}:s3:::{name}", "name": {"field": "Bucket"},
            "lost": {"if": {"when": {"listed": "{bucket}"}, "then": [], "else": "true"}}
        },
        "key_uses": {"keys": {"write": {"objects": {"s3_below": "{out}"}, "key": "{key}"}}}
    }"#;

    #[test]
    fn values_are_said_in_words() {
        let template: serde_json::Value = serde_json::from_str(SMALL).unwrap();
        let words = Words {
            names: Names::new(&template),
        };
        for (value, said) in [
            (r#""{out}""#, "`Out.Uri`"),
            (r#""{key}""#, "the key `KeyId`"),
            (r#""{role}""#, "`{role}`"),
            (r#""{bucket}/*""#, "`arn:aws:s3:::{Bucket}/*`"),
            (r#"{"s3_bucket": "{out}"}"#, "the bucket of `Out.Uri`"),
            (r#"{"first": ["{out}", "x"]}"#, "`Out.Uri`, else `x`"),
            (
                r#"{"if": {"when": {"given": "key"}, "then": "a"}}"#,
                "`a` if `KeyId` is given",
            ),
            (
                r#"{"elements": {"of": "L", "when": {"has": "./A"}, "take": {"field": "./B"}}}"#,
                "`L[].B` where the request has `L[].A`",
            ),
            (r#""{keys}""#, "`{keys}`"),
        ] {
            let value: serde_json::Value = serde_json::from_str(value).unwrap();
            assert_eq!(words.value(&value), said);
        }
    }

    #[test]
    fn conditions_are_said_in_words() {
        let template: serde_json::Value = serde_json::from_str(SMALL).unwrap();
        let words = Words {
            names: Names::new(&template),
        };
        for (condition, holds, fails) in [
            (
                r#"{"given": "mark"}"#,
                "the operation is `One`",
                "the operation is not `One`",
            ),
            (
                r#"{"given": "role"}"#,
                "there is `{role}`",
                "there is no `{role}`",
            ),
            (
                r#"{"given": "keys"}"#,
                "there are `{keys}`",
                "there are no `{keys}`",
            ),
            (
                r#"{"given": "lost"}"#,
                "the snapshot does not list `arn:aws:s3:::{Bucket}`",
                "the snapshot lists `arn:aws:s3:::{Bucket}`",
            ),
            (
                r#"{"all": [{"given": "key"}, {"not": {"any": [{"given": "out"}, {"has": "X"}]}}]}"#,
                "`KeyId` is given and `Out.Uri` is not given and the request lacks `X`",
                "`KeyId` is not given or `Out.Uri` is given or the request has `X`",
            ),
            (
                r#"{"any": [{"given": "key"}, {"all": [{"given": "out"}, {"has": "X"}]}]}"#,
                "`KeyId` is given or (`Out.Uri` is given and the request has `X`)",
                "`KeyId` is not given and (`Out.Uri` is not given or the request lacks `X`)",
            ),
        ] {
            let condition: serde_json::Value = serde_json::from_str(condition).unwrap();
            assert_eq!(words.condition(&condition, true), holds);
            assert_eq!(words.condition(&condition, false), fails);
        }
    }
}
