//! What a `console` block says.
//!
//! A block with a line that starts with `$ ` shows commands, and below each what it prints: standard output, then standard
//! error. In any other block each line is a command, and what it prints is not shown. `# exit code 1` below a command says how it
//! ends. A line that ends with `\` or `|` goes on in the next.

const CODE: &str = "# exit code ";

/// One command of a block.
#[derive(Debug, Clone, Default)]
pub(crate) struct Step {
    /// Its lines as they are written.
    pub(crate) written: Vec<String>,
    /// The command, for a shell.
    pub(crate) command: String,
    /// True: what it prints is shown.
    pub(crate) is_shown: bool,
    /// The exit code that is said.
    pub(crate) code: Option<i32>,
}

/// The line that says an exit code.
pub(crate) fn code_line(code: i32) -> String {
    format!("{CODE}{code}")
}

/// The commands of a block; what they print is left out, since it is made anew.
pub(crate) fn steps(lines: &[String]) -> Vec<Step> {
    let is_shown = lines.iter().any(|line| line.starts_with("$ "));
    let mut steps: Vec<Step> = Vec::new();
    let mut goes_on = false;
    for line in lines {
        if goes_on {
            let Some(step) = steps.last_mut() else { break };
            add(step, line, line);
            goes_on = is_continued(line);
        } else if let Some(code) = line.strip_prefix(CODE) {
            if let Some(step) = steps.last_mut() {
                step.code = code.trim().parse().ok();
            }
        } else {
            let command = match line.strip_prefix("$ ") {
                Some(command) => command,
                None if is_shown || line.is_empty() || line.starts_with('#') => continue,
                None => line,
            };
            let mut step = Step {
                is_shown,
                ..Step::default()
            };
            add(&mut step, line, command);
            steps.push(step);
            goes_on = is_continued(line);
        }
    }
    steps
}

fn add(step: &mut Step, line: &str, command: &str) {
    step.written.push(line.to_owned());
    step.command.push_str(command);
    step.command.push('\n');
}

fn is_continued(line: &str) -> bool {
    line.ends_with(['\\', '|'])
}
