//! The examples of the documentation: read from their file, run, and shown.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use preclear_inputs::files::MemoryFiles;
use preclear_model::{Node, Source, yaml};
use preclear_tests::here;

use crate::ask;
use crate::seen::Seen;

/// A snapshot that says nothing.
const EMPTY: &str = "preclear: 1\ncomplete: true\n";

/// The shortest input that earns a code.
#[derive(Debug, Default)]
pub(crate) struct Example {
    pub(crate) code: String,
    /// Kind of document of `statement` or `policy`.
    of: String,
    statement: Option<String>,
    policy: Option<String>,
    snapshot: Option<String>,
    request: Option<String>,
    job: Option<String>,
    test: Option<String>,
    command: Option<String>,
    /// What cannot be shown.
    made: Option<String>,
    files: BTreeMap<String, String>,
}

/// All examples, by code.
pub(crate) fn all() -> BTreeMap<String, Example> {
    let path = here().join("diagnostics/examples.yaml");
    let text = std::fs::read_to_string(path).unwrap();
    let source = Arc::new(Source::new("examples.yaml", text));
    let tree = yaml::read(&source).unwrap_or_else(|errors| panic!("{errors}"));
    let examples = tree.members().iter().map(|member| {
        let example = example(&member.name, &member.value);
        (member.name.clone(), example)
    });
    examples.collect()
}

fn example(code: &str, node: &Node) -> Example {
    let text = |node: &Node| node.as_text().unwrap_or_default().to_owned();
    let mut example = Example {
        code: code.to_owned(),
        ..Example::default()
    };
    for member in node.members() {
        let value = text(&member.value);
        match member.name.as_str() {
            "of" => example.of = value,
            "statement" => example.statement = Some(value),
            "policy" => example.policy = Some(value),
            "snapshot" => example.snapshot = Some(value),
            "request" => example.request = Some(value),
            "job" => example.job = Some(value),
            "test" => example.test = Some(value),
            "command" => example.command = Some(value),
            "made" => example.made = Some(value),
            "files" => {
                let files = member.value.members().iter();
                example.files = files
                    .map(|file| (file.name.clone(), text(&file.value)))
                    .collect();
            }
            other => panic!("{code} has the member `{other}`"),
        }
    }
    example
}

/// What an example brings to light: diagnostics, or the text of a command.
#[derive(Debug)]
pub(crate) enum Outcome {
    Seen(Vec<Seen>),
    Printed(String),
}

impl Outcome {
    /// Whether the code came out.
    pub(crate) fn has(&self, code: &str) -> bool {
        match self {
            Self::Seen(seen) => seen.iter().any(|one| one.code == code),
            Self::Printed(text) => {
                text.contains(&format!("[{code}]")) || text.contains(&format!("  {code}: "))
            }
        }
    }
}

impl Example {
    /// Runs it.
    pub(crate) fn run(&self) -> Outcome {
        if self.made.is_some() {
            return Outcome::Seen(made(&self.code));
        }
        if let Some(command) = &self.command {
            return Outcome::Printed(self.run_program(command));
        }
        if let Some(text) = &self.statement {
            let text = format!("{{\"Version\": \"2012-10-17\", \"Statement\": {text}}}");
            return Outcome::Seen(self.lint(&text));
        }
        if let Some(text) = &self.policy {
            return Outcome::Seen(self.lint(text));
        }
        let mut files = MemoryFiles::default();
        for (name, text) in &self.files {
            files.insert(name, text.as_bytes());
        }
        let mut add = |name: &'static str, text: Option<&str>| {
            text.map(|text| {
                files.insert(name, text.as_bytes());
                Path::new(name)
            })
        };
        let request = add("request.yaml", self.request.as_deref());
        let job = add("job.yaml", self.job.as_deref());
        let test = add("test.yaml", self.test.as_deref());
        add("s.yaml", Some(self.snapshot.as_deref().unwrap_or(EMPTY)));
        Outcome::Seen(match test {
            Some(path) => ask::test(path, &files),
            None => ask::snapshot_with(Path::new("s.yaml"), request, job, &files),
        })
    }

    fn lint(&self, text: &str) -> Vec<Seen> {
        let source = Arc::new(Source::new("p.json", text));
        ask::lint(&source, &self.of, false)
    }

    /// Runs the program in a folder with the files.
    fn run_program(&self, command: &str) -> String {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(&self.code);
        let _ = std::fs::remove_dir_all(&folder);
        for (name, text) in &self.files {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let ran = std::process::Command::new(env!("CARGO_BIN_EXE_preclear-under-test"))
            .args(command.split_whitespace())
            .current_dir(&folder)
            .env_clear()
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        text(&ran.stdout) + &text(&ran.stderr)
    }

    /// It, as Markdown.
    pub(crate) fn shown(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        if let Some(made) = &self.made {
            return format!("{}\n", made.trim());
        }
        for (name, text) in &self.files {
            parts.push(block(&format!("`{name}`:"), text));
        }
        let kind = kind_in_words(&self.of);
        let mut add = |label: &str, text: Option<&String>| {
            if let Some(text) = text {
                parts.push(block(label, text));
            }
        };
        let is_asked = self.request.is_some() || self.job.is_some();
        add(
            if is_asked {
                "With this snapshot:"
            } else {
                "A snapshot file:"
            },
            self.snapshot.as_ref(),
        );
        add(&format!("A statement of {kind}:"), self.statement.as_ref());
        add(&format!("{}:", capital(kind)), self.policy.as_ref());
        add("A request:", self.request.as_ref());
        add("A job file:", self.job.as_ref());
        add("A test file:", self.test.as_ref());
        if let Some(command) = &self.command {
            let lines = command_lines(command);
            parts.push(format!("```console\npreclear {lines}\n```\n"));
        }
        parts.join("\n")
    }
}

/// A command over several lines, each with whole flags.
fn command_lines(command: &str) -> String {
    const WIDTH: usize = 100;
    let mut lines = String::new();
    let mut length = "preclear ".len();
    for (index, part) in command.trim().split(" --").enumerate() {
        let part = part.trim();
        if index == 0 {
            lines.push_str(part);
        } else if length + part.len() + 3 > WIDTH {
            lines.push_str(&format!(" \\\n  --{part}"));
            length = 0;
        } else {
            lines.push_str(&format!(" --{part}"));
        }
        length += part.len() + 3;
    }
    lines
}

fn kind_in_words(kind: &str) -> &'static str {
    match kind {
        "identity" => "an identity policy",
        "boundary" => "a permissions boundary",
        "session" => "a session policy",
        "key" => "a key policy",
        "resource" => "a resource-based policy",
        "trust" => "a trust policy",
        "scp" => "an SCP",
        "rcp" => "an RCP",
        "vpce" => "a VPC endpoint policy",
        _ => "a policy",
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}

fn block(label: &str, text: &str) -> String {
    let is_json = text.trim_start().starts_with(['{', '"']) && !text.contains("{principal:");
    let language = if is_json { "json" } else { "yaml" };
    format!("{label}\n\n```{language}\n{}\n```\n", text.trim_end())
}

/// What cannot be written down.
fn made(code: &str) -> Vec<Seen> {
    let statement = |sid: &str| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Sid": "{sid}", "Effect": "Allow",
                "Principal": {{"AWS": "111122223333"}}, "Action": "sts:AssumeRole"}}}}"#
        )
    };
    let snapshot = |bytes: &[u8]| {
        let mut files = MemoryFiles::default();
        files.insert("s.yaml", bytes);
        ask::snapshot_with(Path::new("s.yaml"), None, None, &files)
    };
    let trust = |policy: &str| {
        format!(
            "preclear: 1\nprincipals: [{{arn: 'arn:aws:iam::111122223333:role/app', trust: {policy}}}]"
        )
    };
    let lint = |text: String| ask::lint(&Arc::new(Source::new("p.json", text)), "trust", false);
    match code {
        "BYTE_ORDER_MARK" => lint(format!("\u{feff}{}", statement("A"))),
        "POLICY_EXCEEDS_QUOTA" => lint(statement(&"a".repeat(2_048))),
        "POLICY_TOO_LARGE" => snapshot(trust(&statement(&"a".repeat(1 << 20))).as_bytes()),
        "INPUT_TOO_LARGE" => {
            let policy = format!("'{}'", statement(&"a".repeat(1 << 20)));
            snapshot(trust(&policy).as_bytes())
        }
        "NESTED_TOO_DEEPLY" => snapshot("[".repeat(101).as_bytes()),
        "NOT_UTF8" => snapshot(b"preclear: 1\naccount: \xff"),
        _ => panic!("nobody makes {code}"),
    }
}
