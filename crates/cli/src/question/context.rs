//! Condition keys from flags and files.

use std::collections::BTreeMap;
use std::path::Path;

use preclear_inputs::{Files, Options, request};
use preclear_simulator::ContextValue;

use crate::args::Pair;
use crate::failure::Failure;

/// `--context`: a flag given again for the same key adds a value; case does not count. Flags win over the file.
pub(super) fn add(context: &mut BTreeMap<String, ContextValue>, pairs: &[Pair]) {
    let mut values: Vec<(&str, Vec<String>)> = Vec::new();
    for pair in pairs {
        match values
            .iter_mut()
            .find(|(name, _)| name.eq_ignore_ascii_case(&pair.name))
        {
            Some((_, values)) => values.push(pair.value.clone()),
            None => values.push((&pair.name, vec![pair.value.clone()])),
        }
    }
    context.retain(|key, _| {
        !values
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case(key))
    });
    for (name, mut values) in values {
        let value = match values.pop() {
            Some(one) if values.is_empty() => ContextValue::One(one),
            last => {
                values.extend(last);
                ContextValue::Many(values)
            }
        };
        context.insert(name.to_owned(), value);
    }
}

/// The file of `--context-file`: an object of keys with values or lists of values.
pub(super) fn read(
    path: &Path,
    files: &dyn Files,
) -> Result<BTreeMap<String, ContextValue>, Failure> {
    let loaded = request::read_context(path, files, &Options::default())?;
    Ok(loaded.value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use preclear_inputs::files::MemoryFiles;

    fn pairs(texts: &[&str]) -> Vec<Pair> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn a_repeated_key_has_several_values_whatever_its_case() {
        let mut context = BTreeMap::from([(
            "AWS:tagkeys".to_owned(),
            ContextValue::One("file".to_owned()),
        )]);
        add(
            &mut context,
            &pairs(&["aws:TagKeys=a", "aws:SourceIp=10.0.0.1", "aws:tagKeys=b"]),
        );
        assert_eq!(
            context,
            BTreeMap::from([
                (
                    "aws:SourceIp".to_owned(),
                    ContextValue::One("10.0.0.1".to_owned())
                ),
                (
                    "aws:TagKeys".to_owned(),
                    ContextValue::Many(vec!["a".to_owned(), "b".to_owned()])
                ),
            ])
        );
    }

    #[test]
    fn a_context_file_holds_values_and_lists_and_all_its_errors_are_told() {
        let files = MemoryFiles::from_iter([
            (
                "good.yaml",
                "aws:TagKeys: [a, b]\naws:MultiFactorAuthAge: 012",
            ),
            (
                "bad.json",
                r#"{"aws:a": null, "aws:b": [{}], "aws:c": "x"}"#,
            ),
        ]);
        let context = read(Path::new("good.yaml"), &files).unwrap();
        assert_eq!(
            context.get("aws:MultiFactorAuthAge"),
            Some(&ContextValue::One("012".to_owned()))
        );
        assert_eq!(context.len(), 2);
        match read(Path::new("bad.json"), &files) {
            Err(Failure::Input(errors)) => assert_eq!(errors.len(), 2),
            other => panic!("{other:?}"),
        }
    }
}
