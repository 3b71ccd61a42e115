//! Which format a file has, by its content alone. Rule: UI-31.
//!
//! One row per format. A format that describes accounts comes with the function that reads it into a [`Part`]; a new
//! source format is a module with such a function and a row here.

use preclear_model::{Diagnostic, Node};

use crate::aws_cli;
use crate::cloudformation;
use crate::loader::{Loader, Origin};
use crate::part::Part;
use crate::request::opening;
use crate::sketch::Home;
use crate::snapshot_file;
use crate::terraform;

/// A file format.
#[derive(Debug)]
pub(crate) struct Format {
    /// What files of it are called in messages, with the article.
    pub(crate) name: &'static str,
    /// How such a file is used.
    usage: &'static str,
    recognises: fn(&Node) -> bool,
    pub(crate) role: Role,
}

/// What a file of some format is to a snapshot.
#[derive(Debug)]
pub(crate) enum Role {
    /// It describes accounts, whatever other files say.
    Part(fn(&mut Loader<'_>, &Node, &Origin) -> Option<Part>),
    /// It says something of accounts that is put together with what others of its kind say.
    Output(aws_cli::Reader),
    /// It declares what is to be; where that will be, other files may have to say.
    Declaration(fn(&mut Loader<'_>, &Node, &Origin, &Home) -> Option<Part>),
    /// A policy document: part of a snapshot only where something refers to it.
    Policy,
    /// Something else that preclear reads, on other occasions.
    Other,
}

impl Format {
    /// The row of a command of the AWS CLI.
    pub(crate) const fn output(
        name: &'static str,
        recognises: fn(&Node) -> bool,
        read: aws_cli::Reader,
    ) -> Self {
        Self {
            name,
            usage: "`--snapshot FILE`",
            recognises,
            role: Role::Output(read),
        }
    }
}

/// The formats of preclear; those of other tools stand with their readers.
static FORMATS: [Format; 8] = [
    Format {
        name: "a test file",
        usage: "`preclear test FILE`",
        recognises: |node| has(node, "preclear") && (has(node, "tests") || has(node, "expect")),
        role: Role::Other,
    },
    Format {
        name: "a snapshot file",
        usage: "`--snapshot FILE`",
        recognises: |node| has(node, "preclear"),
        role: Role::Part(|loader, node, origin| snapshot_file::read(loader, node, origin, false)),
    },
    Format {
        name: "a Terraform plan or state (`terraform show -json`)",
        usage: "`--snapshot FILE`",
        recognises: terraform::is_output,
        role: Role::Declaration(terraform::read),
    },
    Format {
        name: "a Terraform state with nothing in it",
        usage: "`terraform show -json` where there is a plan or state",
        recognises: terraform::is_empty_output,
        role: Role::Other,
    },
    Format {
        name: "a template of CloudFormation",
        usage: "`--snapshot FILE`",
        recognises: cloudformation::is_template,
        role: Role::Declaration(cloudformation::read),
    },
    Format {
        name: "a job file",
        usage: "`--job FILE`",
        recognises: is_job_file,
        role: Role::Other,
    },
    Format {
        name: "a job template",
        usage: "`--template FILE`",
        recognises: is_template,
        role: Role::Other,
    },
    Format {
        name: "a request file",
        usage: "`--request FILE`",
        recognises: |node| {
            first(node).is_some_and(|request| {
                has(request, "principal") && (has(request, "action") || has(request, "operation"))
            })
        },
        role: Role::Other,
    },
];

/// What looks like a policy document and is nothing else.
static POLICY: Format = Format {
    name: "a policy document",
    usage: "`--identity-policy FILE`, `--key-policy FILE` or the like, or attach it in a snapshot file",
    recognises: is_policy,
    role: Role::Policy,
};

/// The format of a document; `None` if no row recognises it. Of two that do, the first counts.
pub(crate) fn recognise(node: &Node) -> Option<&'static Format> {
    let mut formats = FORMATS.iter().chain(aws_cli::formats()).chain([&POLICY]);
    formats.find(|format| (format.recognises)(node))
}

/// A file that is used as what it is not. One list of unknown members would hide that.
pub(crate) fn wrong_kind(node: &Node, origin: &Origin, wanted: &str) -> Option<Diagnostic> {
    let format = recognise(node).filter(|format| format.name != wanted)?;
    let file = origin.path.display();
    // `preclear test` has no such flag.
    let usage = match (wanted, format.usage) {
        ("a test file", "`--snapshot FILE`") => {
            "a test file that names it: `snapshot: {file: FILE}`, beside `tests`"
        }
        (_, usage) => usage,
    };
    let usage = usage.replace("FILE", &file.to_string());
    Some(
        Diagnostic::error(
            "WRONG_KIND_OF_FILE",
            format!("`{file}` is {}, not {wanted}", format.name),
        )
        .rule("UI-31")
        .at(origin.source.place(opening(node)))
        .help(format!("use {usage}")),
    )
}

/// True for the output of a command of the AWS CLI.
pub(crate) fn is_cli_output(node: &Node) -> bool {
    matches!(
        recognise(node),
        Some(Format {
            role: Role::Output(_),
            ..
        })
    )
}

/// True if members of a snapshot file are there, whether or not the one that marks it is.
pub(crate) fn describes_accounts(node: &Node) -> bool {
    const LISTS: [&str; 5] = ["principals", "keys", "resources", "vpc_endpoints", "groups"];
    let members = node.members();
    members.iter().any(|member| match member.name.as_str() {
        "organization" | "layers_open" | "layers_empty" | "layers_not_loaded" => true,
        "complete" => has(node, "preclear"),
        name => LISTS.contains(&name) && member.value.as_sequence().is_some(),
    })
}

fn has(node: &Node, name: &str) -> bool {
    node.get(name).is_some()
}

/// The first item of a list, or what stands in place of a list.
fn first(node: &Node) -> Option<&Node> {
    match node.as_sequence() {
        Some(items) => items.first(),
        None => Some(node),
    }
}

/// True for a job, or a list of them.
pub(crate) fn is_job_file(node: &Node) -> bool {
    first(node)
        .is_some_and(|job| has(job, "operation") && (has(job, "caller") || has(job, "request")))
}

/// True for a template of jobs, also where a member is still missing.
fn is_template(node: &Node) -> bool {
    let is_list = |name| {
        node.get(name)
            .is_some_and(|member| member.as_sequence().is_some())
    };
    is_list("operations") && (is_list("requirements") || has(node, "service"))
}

/// A document, one in `{name, arn, document}`, or one in a string.
fn is_policy(node: &Node) -> bool {
    let is_document = |node: &Node| has(node, "Statement");
    let is_string = |node: &Node| {
        node.as_text().is_some_and(|text| {
            let start = text.trim_start();
            (start.starts_with('{') && start.contains("Statement")) || start.starts_with("%7B")
        })
    };
    is_document(node)
        || is_string(node)
        || node
            .get("document")
            .is_some_and(|inner| is_document(inner) || is_string(inner))
}
