//! Texts of the job templates in `data/jobs`. What a template means is the simulator's to say.

/// The build script lists the folder, so a new template is a new file.
static TEMPLATES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/jobs.rs"));

/// File name and JSON of every template, by file name.
#[must_use]
pub fn templates() -> &'static [(&'static str, &'static str)] {
    TEMPLATES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_and_list_agree() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/data/jobs");
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.expect("entry").path();
            if path
                .extension()
                .is_some_and(|extension| extension == "json")
            {
                let text = std::fs::read_to_string(&path).expect("text");
                let name = path
                    .file_name()
                    .expect("name")
                    .to_string_lossy()
                    .into_owned();
                files.push((name, text));
            }
        }
        files.sort();
        let listed: Vec<(String, String)> = templates()
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect();
        assert_eq!(listed, files);
    }
}
