//! The book, which is `docs/` and the README: its commands run and print what stands below them, files that it shows are those
//! files, its links lead somewhere, and the reference of the command line is that of the program.
//!
//! `UPDATE_EXPECT=1 cargo test -p preclear-tests --test book` writes outputs, files and the reference anew: read the difference.

#![cfg(unix)]

#[cfg(test)]
#[path = "book/commands.rs"]
mod commands;
#[cfg(test)]
#[path = "book/console.rs"]
mod console;
#[cfg(test)]
#[allow(dead_code, reason = "its `main` is that of the example")]
#[path = "../examples/library/src/main.rs"]
mod library;
#[cfg(test)]
#[path = "book/links.rs"]
mod links;
#[cfg(test)]
#[path = "book/pages.rs"]
mod pages;
#[cfg(test)]
#[path = "book/reference.rs"]
mod reference;
#[cfg(test)]
#[path = "book/world.rs"]
mod world;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use preclear_tests::root;

    use crate::console::steps;
    use crate::pages::{Block, File, Page};
    use crate::world::World;
    use crate::{commands, links, reference};

    /// Pages whose commands another test runs, in the worlds that the pages themselves make, and which.
    const RUN_ELSEWHERE: [(&str, &str); 3] = [
        ("docs/diagnostics.md", "tests/diagnostics.rs"),
        ("docs/jobs.md", "tests/jobs.rs"),
        ("docs/kms.md", "tests/cli/pages.rs"),
    ];

    fn updates() -> bool {
        std::env::var_os("UPDATE_EXPECT").is_some_and(|value| value == "1")
    }

    /// The pages whose commands are run here.
    fn own_pages() -> Vec<Page> {
        let elsewhere = RUN_ELSEWHERE.map(|(page, _)| page);
        let pages = Page::all().into_iter();
        pages
            .filter(|page| !elsewhere.contains(&page.name.as_str()))
            .collect()
    }

    /// How a page differs from what it should be. With `UPDATE_EXPECT` it is written, and does not.
    fn difference(page: &Page, text: &str) -> Option<String> {
        if page.text == text {
            return None;
        }
        if updates() {
            page.write(text);
            return None;
        }
        let mut both = page.text.lines().zip(text.lines());
        let differs = both.position(|(written, now)| written != now);
        let line = differs.unwrap_or_else(|| page.text.lines().count().min(text.lines().count()));
        Some(format!(
            "{}:{} should say\n{}\nIf that is right: UPDATE_EXPECT=1 cargo test -p preclear-tests --test book",
            page.name,
            line + 1,
            text.lines().nth(line).unwrap_or("(nothing)")
        ))
    }

    /// What a `console` block should say: its commands, what they print, and how they end.
    fn console(block: &Block, folder: &Path) -> Result<Option<Vec<String>>, String> {
        let steps = steps(&block.lines);
        if steps.is_empty() {
            return Err("a block without commands".to_owned());
        }
        let mut lines = Vec::new();
        for step in &steps {
            lines.extend(commands::run(step, folder)?);
        }
        Ok(Some(lines))
    }

    /// What a block that shows a file should say; nothing else if it is a part of it.
    fn content(block: &Block, file: &File) -> Result<Option<Vec<String>>, String> {
        let (File::Whole(path) | File::Part(path)) = file;
        let text = fs::read_to_string(root().join(path));
        let text = text.map_err(|error| format!("{path}: {error}"))?;
        match file {
            File::Whole(_) => Ok(Some(text.lines().map(str::to_owned).collect())),
            File::Part(_) if text.contains(&block.lines.join("\n")) => Ok(None),
            File::Part(_) => Err(format!("{path} has no such part")),
        }
    }

    /// A block below a line such as `` `examples/a.json`: `` shows that file, one below `` From `examples/a.rs`: `` a part of it.
    #[test]
    fn commands_run_and_print_what_stands_below_them_and_files_are_those_that_they_say() {
        let (mut commands, mut files) = (0, 0);
        let mut faults = Vec::new();
        for page in own_pages() {
            let world = World::of(&page.name);
            let text = page.rewritten(|block| {
                let lines = if block.language == "console" {
                    commands += 1;
                    console(block, world.folder(block.heading()))
                } else {
                    let file = block.file()?;
                    files += 1;
                    content(block, &file)
                };
                lines.unwrap_or_else(|why| {
                    faults.push(format!("{}: {why}", block.place(&page)));
                    None
                })
            });
            faults.extend(difference(&page, &text));
        }
        assert!(faults.is_empty(), "{}", faults.join("\n\n"));
        assert!(commands > 50, "only {commands} blocks of commands");
        assert!(files > 12, "only {files} files are shown");
    }

    #[test]
    fn commands_of_workflows_run() {
        let mut count = 0;
        for page in own_pages() {
            let world = World::of(&format!("{}-workflows", page.name));
            for block in page.blocks() {
                let lines = block.lines.iter().map(|line| line.trim_start());
                let lines =
                    lines.filter_map(|line| line.trim_start_matches("- ").strip_prefix("run: "));
                for command in lines {
                    let steps = steps(&[command.to_owned()]);
                    let done = commands::run(&steps[0], world.folder(block.heading()));
                    done.unwrap_or_else(|why| panic!("{}: {why}", block.place(&page)));
                    count += 1;
                }
            }
        }
        assert!(count >= 3, "only {count} commands were found");
    }

    /// Blocks of `sh` or `bash` would go unseen.
    #[test]
    fn commands_stand_in_console_blocks() {
        for page in own_pages() {
            for block in page.blocks() {
                let language = block.language.as_str();
                assert!(
                    !["sh", "bash", "shell", "zsh"].contains(&language),
                    "{}: write `console`",
                    block.place(&page)
                );
                let is_command = |line: &String| line.starts_with("$ preclear ");
                assert!(
                    language == "console" || !block.lines.iter().any(is_command),
                    "{}: a command outside of `console`",
                    block.place(&page)
                );
            }
        }
        for (page, test) in RUN_ELSEWHERE {
            let test_text = fs::read_to_string(root().join(test)).unwrap();
            assert!(test_text.contains(page), "{test} does not run {page}");
        }
    }

    #[test]
    fn what_is_no_command_of_the_program_is_noticed() {
        let world = World::of("slips");
        let run = |lines: &[&str]| {
            let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            let steps = steps(&lines);
            assert_eq!(steps.len(), 1, "{steps:?}");
            commands::run(&steps[0], world.folder(""))
        };
        for wrong in [
            &["preclear simulate --snapshto examples/account"][..],
            &["preclear lint no-such-folder"],
            &["preclear --version", "# exit code 1"],
            &["$ preclear --version", "# exit code 1"],
            &["no-such-program"],
            &["scripts/collect.sh --no-such-flag world"],
            &["cargo xtask no-such-chore"],
            &["cargo xtask soak --no-such-flag 3"],
            &["cargo test -p no-such-package"],
            &["cargo test --test no_such_test"],
            &["cargo install --path no/such/folder"],
        ] {
            let done = run(wrong);
            let is_right = matches!(&done, Ok(lines) if lines.as_slice() == wrong);
            assert!(!is_right, "{wrong:?}");
        }
        let version = format!("preclear {}", env!("CARGO_PKG_VERSION"));
        let right = ["$ preclear --version \\", "", version.as_str()];
        assert_eq!(run(&right).unwrap(), right);
        let right = ["preclear lint no-such-folder", "# exit code 2"];
        assert_eq!(run(&right).unwrap(), right);
        let right = ["scripts/collect.sh --regions us-west-2 world"];
        assert_eq!(run(&right).unwrap(), right);
    }

    #[test]
    fn guides_show_no_files_that_do_not_exist() {
        let files = ["json", "jsonl", "yaml", "toml", "rust"];
        for page in own_pages()
            .iter()
            .filter(|page| page.name.starts_with("docs/guides/"))
        {
            let is_file = |block: &&Block| files.contains(&block.language.as_str());
            for block in page.blocks().iter().filter(is_file) {
                assert!(
                    block.file().is_some(),
                    "{}: of which file?",
                    block.place(page)
                );
            }
        }
    }

    /// `tests/book/own` stands for the user's folder in the README; its snapshot is the one that the README shows.
    #[test]
    fn the_snapshot_of_the_readme_is_the_one_that_its_commands_load() {
        let readme = Page::read("README.md");
        let own = fs::read_to_string(root().join("tests/book/own/snapshot.yaml")).unwrap();
        assert!(readme.text.contains(&own));
    }

    #[test]
    fn the_reference_of_the_command_line_is_the_help_of_the_program() {
        let path = "docs/reference/command-line.md";
        if updates() && !root().join(path).exists() {
            fs::write(root().join(path), "").unwrap();
        }
        assert_eq!(difference(&Page::read(path), &reference::text()), None);
    }

    /// Also the usage lines of commands.md, and `preclear …` within sentences.
    #[test]
    fn flags_that_the_book_names_exist() {
        let mut count = 0;
        let mut wrong = BTreeSet::new();
        for page in Page::all() {
            for (command, flag) in reference::named_flags(&page) {
                count += 1;
                if !reference::flags(&command).contains(&flag) {
                    wrong.insert(format!("{}: preclear {command} has no {flag}", page.name));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert!(count > 80, "only {count} flags were found");
    }

    #[test]
    fn every_page_stands_in_the_summary_once() {
        let summary = Page::read("docs/SUMMARY.md");
        let mut named = links::targets(&summary);
        let mut there: Vec<String> = Page::all()
            .into_iter()
            .map(|page| page.name)
            .filter(|name| name.starts_with("docs/") && name != "docs/SUMMARY.md")
            .collect();
        named.sort();
        there.sort();
        assert_eq!(named, there);
    }

    #[test]
    fn every_link_leads_somewhere() {
        let mut count = 0;
        let mut wrong = Vec::new();
        for page in Page::all() {
            for link in links::links(&page) {
                count += 1;
                if let Some(why) = links::fault(&page, &link) {
                    wrong.push(format!(
                        "{}:{}: {}: {why}",
                        page.name, link.line, link.target
                    ));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(count > 500, "only {count} links were found");
    }

    #[test]
    fn links_that_lead_nowhere_are_noticed() {
        let page = |text: &str| Page {
            name: "docs/guides/job.md".to_owned(),
            text: text.to_owned(),
        };
        for (text, is_right) in [
            ("[a](../jobs.md)", true),
            ("[a](../jobs.md#requirements-and-verdicts)", true),
            ("[`a`](#b-c)\n\n## B, `c`", true),
            ("[a](https://example.com/no/such)", true),
            ("see [a]\n\n[a]: ../jobs.md", true),
            ("`[a](no-such.md)`\n\n```text\n[a](no-such.md)\n```", true),
            ("[a](jobs.md)", false),
            ("[a](../jobs.md#no-such-heading)", false),
            ("[a](#no-such-heading)", false),
            ("[a]: no-such.md", false),
            ("[a](../rules)", false),
            ("[a](../../README.md)", false),
        ] {
            let page = page(text);
            let links = links::links(&page);
            let is_sound = links.iter().all(|link| links::fault(&page, link).is_none());
            assert_eq!(is_sound, is_right, "{text}");
        }
    }
}
