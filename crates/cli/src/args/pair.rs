//! Arguments of the form `NAME=VALUE`.

use std::str::FromStr;

/// A name and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) name: String,
    pub(crate) value: String,
}

impl FromStr for Pair {
    type Err = String;

    /// The name ends at the first `=`; the value may hold more of them.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => Ok(Self {
                name: name.trim().to_owned(),
                value: value.to_owned(),
            }),
            Some(_) => Err("there is no name before the `=`".to_owned()),
            None => Err("write NAME=VALUE".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_may_be_empty_or_hold_equals_signs_but_names_must_be_there() {
        let pair = |text: &str| text.parse::<Pair>().map(|pair| (pair.name, pair.value));
        assert_eq!(pair("a=b=c"), Ok(("a".into(), "b=c".into())));
        assert_eq!(
            pair("aws:SourceIp="),
            Ok(("aws:SourceIp".into(), String::new()))
        );
        assert!(pair("=x").is_err() && pair("aws:SourceIp").is_err());
    }
}
