//! The wildcard matcher against others, on generated patterns. What fuzzing found is replayed beside it.

use preclear_harness::wildcard::{check_fields, check_languages, check_written, oracle};
use preclear_wildcard::naive::tokens;
use proptest::collection::vec;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn all_matchers_agree(data in vec(any::<u8>(), 0..400)) {
        if let Err(disagreement) = oracle(&data) {
            return Err(TestCaseError::fail(disagreement.to_string()));
        }
    }

    #[test]
    fn all_matchers_agree_on_unrelated_texts(
        pattern in "[ab*?é:]{0,12}",
        other in "[ab*?:]{0,8}",
        text in "[abé:\n]{0,12}",
    ) {
        let check = || {
            check_written(&pattern, &text)?;
            check_fields(&tokens(&pattern), ':', 3, &[], &text)?;
            check_languages(&tokens(&pattern), &tokens(&other), &text)
        };
        if let Err(disagreement) = check() {
            return Err(TestCaseError::fail(disagreement.to_string()));
        }
    }
}
