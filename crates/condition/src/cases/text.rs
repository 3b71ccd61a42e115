//! Texts told from each other exactly, ignoring case, as truth values, or as ARNs.

use std::collections::BTreeSet;

use super::{VALUES_MAX, Value};
use crate::KeyKind;
use crate::operator::{Fold, is_arn, parse_boolean};

/// Spellings of one text that are looked through. It takes far fewer to find one that no operand spells.
const SPELLINGS_MAX: usize = 4096;

/// What texts are compared with.
#[derive(Debug, Default)]
pub(super) struct Texts<'p> {
    pub(super) exact: BTreeSet<&'p str>,
    /// In folded form.
    pub(super) folded: BTreeSet<&'p str>,
    /// Tests ask whether the text is `true` or `false`.
    pub(super) has_truth: bool,
    /// Tests ask whether the text is an ARN.
    pub(super) has_arns: bool,
}

/// A text of each kind that the tests can tell.
pub(super) fn values(texts: &Texts<'_>, kind: Option<KeyKind>) -> Option<Vec<Value>> {
    if texts.exact.len() + texts.folded.len() > VALUES_MAX {
        return None;
    }
    let mut values: Vec<Value> = texts
        .exact
        .iter()
        .map(|text| Value::new(*text, format!("`{text}`")))
        .collect();
    let asks_for_truth = texts.has_truth || kind == Some(KeyKind::Boolean);
    let truths: &[&str] = if asks_for_truth {
        &["false", "true"]
    } else {
        &[]
    };
    for folded in texts.folded.iter().chain(truths).collect::<BTreeSet<_>>() {
        let found = unspelled(folded, &texts.exact)?;
        let (is_folded, is_truth) = (texts.folded.contains(folded), truths.contains(folded));
        // Only where both are asked for can a letter beyond ASCII make the difference.
        let other = found
            .other
            .filter(|_| is_folded && (is_truth || found.ascii.is_none()));
        for text in found.ascii.into_iter().chain(other) {
            let mut listed = texts.exact.iter();
            let is_listed = listed.any(|text| Fold::Simple.text(text) == **folded);
            let label = if !is_listed && text == **folded {
                format!("`{text}`")
            } else {
                format!("`{folded}` in another case")
            };
            values.push(Value::new(text, label));
        }
    }
    let other = if values.is_empty() {
        "any value"
    } else {
        "another value"
    };
    let has_kinds_of_others = texts.has_arns && kind != Some(KeyKind::Arn);
    if has_kinds_of_others {
        values.push(Value::new(unlisted("arn:aws:::", texts), "another ARN"));
        values.push(Value::new(unlisted("", texts), "no ARN"));
    } else if kind == Some(KeyKind::Arn) {
        values.push(Value::new(unlisted("arn:aws:::", texts), other));
    } else {
        values.push(Value::new(unlisted("", texts), other));
    }
    // The type says what no constant is; a constant of another type is asked for all the same.
    let is_constant = |text: &str| {
        texts.exact.contains(text) || texts.folded.contains(Fold::Simple.text(text).as_str())
    };
    let fits = |text: &str| match kind {
        Some(KeyKind::Boolean) => parse_boolean(text).is_some(),
        Some(KeyKind::Arn) => is_arn(text),
        _ => true,
    };
    values.retain(|value| fits(&value.text) || is_constant(&value.text));
    Some(values)
}

/// A text that no operand matches, not even ignoring case, and that is no truth value.
fn unlisted(head: &str, texts: &Texts<'_>) -> String {
    let mut text = format!("{head}:other");
    while texts.exact.contains(text.as_str())
        || texts.folded.contains(Fold::Simple.text(&text).as_str())
    {
        text.push('-');
    }
    text
}

/// Spellings of one folded text that no operand has.
#[derive(Debug, Default)]
struct Unspelled {
    /// One of ASCII characters alone.
    ascii: Option<String>,
    /// One with others.
    other: Option<String>,
}

/// Looks for spellings that are not listed. `None` where it is not sure that there are no more.
fn unspelled(folded: &str, listed: &BTreeSet<&str>) -> Option<Unspelled> {
    let mut found = Unspelled::default();
    let spellings = Spellings::of(folded);
    let may_have_others = spellings.has_others;
    for (tried, text) in spellings.enumerate() {
        if tried >= SPELLINGS_MAX {
            return None;
        }
        if !listed.contains(text.as_str()) {
            let place = if text.is_ascii() {
                &mut found.ascii
            } else {
                &mut found.other
            };
            place.get_or_insert(text);
        }
        if found.ascii.is_some() && (found.other.is_some() || !may_have_others) {
            break;
        }
    }
    // Of letters beyond ASCII not every spelling is tried, so there may be one even if none was found.
    let is_sure = folded.is_ascii() || found.ascii.is_some() || found.other.is_some();
    is_sure.then_some(found)
}

/// Spellings of a folded text, itself first. Of a text of ASCII characters they are all there are.
struct Spellings {
    chars: Vec<char>,
    /// Places with several letters, those with most first, and the letters.
    letters: Vec<(usize, Vec<char>)>,
    /// Which letter comes next at each of these places; `None` after the last spelling.
    next: Option<Vec<usize>>,
    /// Some letter is not of ASCII.
    has_others: bool,
}

impl Spellings {
    fn of(folded: &str) -> Self {
        let chars: Vec<char> = folded.chars().collect();
        let mut letters: Vec<(usize, Vec<char>)> = chars
            .iter()
            .map(|c| letters(*c))
            .enumerate()
            .filter(|(_, letters)| letters.len() > 1)
            .collect();
        letters.sort_by_key(|(_, letters)| std::cmp::Reverse(letters.len()));
        let beyond = |letters: &[char]| letters.iter().any(|c| !c.is_ascii());
        Self {
            has_others: letters.iter().any(|(_, letters)| beyond(letters)),
            next: Some(vec![0; letters.len()]),
            letters,
            chars,
        }
    }
}

impl Iterator for Spellings {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let choice = self.next.take()?;
        let mut chars = self.chars.clone();
        for ((place, letters), chosen) in self.letters.iter().zip(&choice) {
            if let (Some(c), Some(letter)) = (chars.get_mut(*place), letters.get(*chosen)) {
                *c = *letter;
            }
        }
        let mut later = choice;
        for ((_, letters), chosen) in self.letters.iter().zip(&mut later) {
            *chosen += 1;
            if *chosen < letters.len() {
                self.next = Some(later);
                break;
            }
            *chosen = 0;
        }
        Some(chars.into_iter().collect())
    }
}

/// Letters that fold to this one, itself first. For ASCII all there are (a test counts them).
fn letters(folded: char) -> Vec<char> {
    let mut letters = vec![folded];
    letters.extend(folded.to_uppercase().filter(|upper| *upper != folded));
    match folded {
        's' => letters.push('\u{17f}'),
        'k' => letters.push('\u{212a}'),
        _ => {}
    }
    let folds_back = |c: &char| Fold::Simple.text(&c.to_string()) == folded.to_string();
    letters.retain(folds_back);
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts<'p>(exact: &[&'p str], folded: &[&'p str]) -> Texts<'p> {
        Texts {
            exact: exact.iter().copied().collect(),
            folded: folded.iter().copied().collect(),
            ..Texts::default()
        }
    }

    fn found(texts: &Texts<'_>, kind: Option<KeyKind>) -> Vec<String> {
        let values = values(texts, kind).unwrap();
        values.into_iter().map(|value| value.text).collect()
    }

    #[test]
    fn letters_are_all_that_fold_to_an_ascii_letter() {
        let mut count = std::collections::BTreeMap::new();
        for c in (0..=0x10_ffff).filter_map(char::from_u32) {
            let folded = Fold::Simple.text(&c.to_string());
            if let Some(folded) = folded.chars().next().filter(char::is_ascii) {
                *count.entry(folded).or_insert(0) += 1;
            }
        }
        for (folded, count) in count {
            assert_eq!(letters(folded).len(), count, "{folded:?}");
        }
    }

    #[test]
    fn a_spelling_that_no_operand_has_is_a_case_of_its_own() {
        assert_eq!(
            found(&texts(&["ab"], &["ab"]), None),
            ["ab", "Ab", ":other"]
        );
        assert_eq!(
            found(&texts(&["ab", "AB", "Ab"], &["ab"]), None),
            ["AB", "Ab", "ab", "aB", ":other"]
        );
        let all = ["ab", "AB", "Ab", "aB"];
        assert_eq!(found(&texts(&all, &["ab"]), None).len(), 5, "none is left");
        assert_eq!(found(&texts(&["1"], &["1"]), None), ["1", ":other"]);
        assert_eq!(
            found(&texts(&["k", "K"], &["k"]), None),
            ["K", "k", "\u{212a}", ":other"]
        );
    }

    #[test]
    fn a_case_is_told_by_the_spelling_that_it_stands_for() {
        let labels = |exact: &[&str], folded: &[&str], has_truth: bool| {
            let texts = Texts {
                has_truth,
                ..texts(exact, folded)
            };
            let values = values(&texts, None).unwrap();
            let labels = values.into_iter().map(|value| value.label);
            labels.collect::<Vec<_>>()
        };
        let other = "another value";
        assert_eq!(labels(&[], &["ab"], false), ["`ab`", other]);
        assert_eq!(labels(&["xy"], &["ab"], false), ["`xy`", "`ab`", other]);
        let in_another_case = "`ab` in another case";
        for listed in ["ab", "AB"] {
            let label = format!("`{listed}`");
            assert_eq!(
                labels(&[listed], &["ab"], false),
                [label.as_str(), in_another_case, other]
            );
        }
        assert_eq!(
            labels(&[], &["false"], true),
            ["`false`", "`false` in another case", "`true`", other]
        );
        assert_eq!(labels(&[], &[], false), ["any value"]);
    }

    #[test]
    fn more_texts_than_are_tried_are_left_alone() {
        let names: Vec<String> = (0..=VALUES_MAX).map(|index| format!("t{index}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (most, more) = (&names[..VALUES_MAX], &names[..]);
        assert_eq!(found(&texts(most, &[]), None).len(), VALUES_MAX + 1);
        assert!(values(&texts(more, &[]), None).is_none());
        assert!(values(&texts(most, &["x"]), None).is_none());
    }

    #[test]
    fn letters_beyond_ascii_are_not_guessed() {
        let value = |exact: &[&str]| values(&texts(exact, &["ä"]), None);
        assert_eq!(value(&["ä"]).unwrap().len(), 3);
        assert!(value(&["ä", "Ä"]).is_none(), "there may be a third");
    }

    #[test]
    fn a_key_of_truth_values_holds_nothing_else() {
        let truth = Texts {
            has_truth: true,
            ..texts(&[], &[])
        };
        assert_eq!(found(&truth, Some(KeyKind::Boolean)), ["false", "true"]);
        assert_eq!(found(&truth, None), ["false", "true", ":other"]);
        let folded_too = Texts {
            has_truth: true,
            ..texts(&[], &["false"])
        };
        assert_eq!(
            found(&folded_too, None),
            ["false", "fal\u{17f}e", "true", ":other"]
        );
    }

    #[test]
    fn a_key_of_arns_holds_nothing_else() {
        let arns = Texts {
            has_arns: true,
            ..texts(&["arn:aws:s3:::b"], &[])
        };
        assert_eq!(
            found(&arns, Some(KeyKind::Arn)),
            ["arn:aws:s3:::b", "arn:aws::::other"]
        );
        assert_eq!(found(&arns, None).len(), 3);
        let truth_too = Texts {
            has_truth: true,
            ..arns
        };
        let found = found(&truth_too, Some(KeyKind::Arn));
        assert_eq!(found, ["arn:aws:s3:::b", "arn:aws::::other"]);
    }

    #[test]
    fn a_constant_is_a_case_whatever_the_type_of_the_key() {
        for kind in [KeyKind::Boolean, KeyKind::Arn] {
            let found = found(&texts(&["x"], &["y"]), Some(kind));
            assert!(found.contains(&"x".to_owned()), "{kind:?}: {found:?}");
            assert!(found.iter().any(|text| text.eq_ignore_ascii_case("y")));
            assert!(!found.contains(&":other".to_owned()), "{kind:?}: {found:?}");
        }
    }

    #[test]
    fn the_other_value_is_really_another() {
        assert_eq!(
            found(&texts(&[":other", ":other-"], &[":other--"]), None).last(),
            Some(&":other---".to_owned())
        );
    }

    #[test]
    fn long_texts_with_many_spellings_are_searched_in_no_time() {
        let folded = "s".repeat(4000);
        assert_eq!(found(&texts(&[], &[&folded]), None).len(), 2);
        // Of a text without `k` and `s` all spellings are of ASCII, so the first that nobody lists will do.
        let plain = "a".repeat(4000);
        assert_eq!(found(&texts(&[], &[&plain]), None).len(), 2);
    }
}
