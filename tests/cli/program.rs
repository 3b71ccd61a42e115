//! Runs the built program as users do.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A caller, an action and a resource for tests in which they do not matter.
pub(crate) const QUESTION: [&str; 6] = [
    "--principal",
    "arn:aws:iam::111122223333:user/ana",
    "--action",
    "kms:Decrypt",
    "--resource",
    "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
];

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    /// Exit code; a process that was killed, as by a stack overflow, has none.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// The exit code is this one, and nothing panicked.
    #[track_caller]
    pub(crate) fn ended_with(self, code: i32) -> Self {
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// Standard error says all of this.
    #[track_caller]
    pub(crate) fn says(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(
                says(&self.stderr, part),
                "`{part}` is not in:\n{}",
                self.stderr
            );
        }
        self
    }

    /// The results hold all of this.
    #[track_caller]
    pub(crate) fn prints(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(
                says(&self.stdout, part),
                "`{part}` is not in:\n{}",
                self.stdout
            );
        }
        self
    }
}

/// Whether a text holds a part, as it is or with line breaks for spaces.
pub(crate) fn says(text: &str, part: &str) -> bool {
    let flowing = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.contains(part) || flowing(text).contains(&flowing(part))
}

/// Runs the program in a folder, in an empty environment.
pub(crate) fn run_in(folder: &Path, args: &[&str], stdin: &[u8]) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_preclear-under-test"))
        .args(args)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let bytes = stdin.to_vec();
    // A program that does not read all of it closes the pipe; that is its right.
    let writer = std::thread::spawn(move || drop(input.write_all(&bytes)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let stderr = text(output.stderr);
    crate::rendered::assert_complete(&stderr);
    Ran {
        code: output.status.code(),
        stdout: text(output.stdout),
        stderr,
    }
}

/// A folder of one test's own, with files in it.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn with(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        run_in(&self.0, args, b"")
    }

    /// `simulate` with these flags and [`QUESTION`].
    pub(crate) fn ask(&self, args: &[&str]) -> Ran {
        self.run(&[&["simulate"], args, &QUESTION].concat())
    }
}
