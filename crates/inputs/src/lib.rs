//! Reads what users have on disk into snapshots, requests, jobs and test files; knows no file system.
