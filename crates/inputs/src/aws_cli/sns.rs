//! Topics, as `aws sns get-topic-attributes` prints them.

use super::has;
use super::sqs::attributes;
use crate::format::Format;

pub(super) static FORMATS: [Format; 1] = [Format::output(
    "output of `aws sns get-topic-attributes`",
    |node| {
        node.get("Attributes")
            .is_some_and(|attributes| has(attributes, "TopicArn"))
    },
    // All attributes are printed always, and every topic has a policy.
    |outputs, loader, output| attributes(outputs, loader, output, ("TopicArn", "sns", &["Policy"])),
)];
