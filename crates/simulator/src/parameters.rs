//! The members of a KMS call, held against those that the API has. Rule: UI-38.
//!
//! A member that KMS does not have would count as left out: what it says would be lost, and a condition that looks at the one that
//! was meant would see nothing. Which values KMS takes is asked after the decision ([`Operability`](crate::Operability)).

use std::fmt;

use preclear_catalog::kms::{self as tables, KmsOperation, Members, ParameterType};
use preclear_model::codes::{self, Code};
use preclear_model::near::nearest;
use serde_json::{Map, Value};

use crate::request::{Ask, Request};

/// Something that a request says and no call of KMS can say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Where, from `parameters` on.
    pub path: Vec<Step>,
    /// Its row: a member that there is not, or a value of another type.
    pub code: &'static Code,
    /// One sentence.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl Mistake {
    /// True where the name of the member is wrong, not its value.
    #[must_use]
    pub fn is_of_name(&self) -> bool {
        self.code.name == codes::UNKNOWN_MEMBER.name
    }
}

/// From an object or list to what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A member, by its name.
    Member(String),
    /// An element, from 0.
    Item(usize),
}

/// The short forms of members, by the names of both. Rule: UI-38.
pub const SHORT_FORMS: [(&str, &str); 4] = [
    ("encryption_context", "EncryptionContext"),
    ("grant_tokens", "GrantTokens"),
    ("key_policy_candidate", "Policy"),
    ("ciphertext_key", "CiphertextBlob"),
];

/// Everything that is wrong with the members of the call; nothing for other services than KMS.
///
/// ```
/// use preclear_model::caller::Caller;
/// use preclear_simulator::{Ask, Request, parameters};
///
/// let caller = Caller::parse("arn:aws:iam::111122223333:user/ana").unwrap();
/// let mut request = Request::new(caller, Ask::Action("kms:CreateGrant".to_owned()));
/// request.parameters = serde_json::json!({"Operation": ["Decrypt"]}).as_object().cloned();
/// let mistakes = parameters::mistakes(&request);
/// assert_eq!(mistakes[0].help, "did you mean `Operations`?");
/// ```
#[must_use]
pub fn mistakes(request: &Request) -> Vec<Mistake> {
    let (Ask::Action(asked) | Ask::Operation(asked)) = &request.ask;
    let operations: Vec<_> = operations(&request.ask).collect();
    if operations.is_empty() {
        return Vec::new();
    }
    let known = Known {
        of: operations.iter().map(|one| one.parameters()).collect(),
    };
    let mut mistakes = Mistakes::default();
    for (name, value) in request.parameters.iter().flatten() {
        mistakes.member(&format!("`{asked}` has no parameter"), &known, name, value);
    }
    let says = [
        ("Policy", request.key_policy_candidate.is_some()),
        ("CiphertextBlob", request.ciphertext_key.is_some()),
    ];
    for (name, _) in says
        .into_iter()
        .filter(|(name, is_said)| *is_said && request.parameter(name).is_none())
    {
        if known.get(name).is_none() {
            mistakes.unknown(&format!("`{asked}` has no parameter"), &known, name);
        }
    }
    mistakes.found
}

/// Whether [`mistakes`] finds none; decided without telling any.
pub(crate) fn are_right(request: &Request) -> bool {
    let says_any = request.parameters.is_some()
        || request.key_policy_candidate.is_some()
        || request.ciphertext_key.is_some();
    if !says_any {
        return true;
    }
    let operations = operations(&request.ask);
    if operations.clone().next().is_none() {
        return true;
    }
    let known = |name: &str| {
        let mut operations = operations.clone();
        operations.find_map(|one| one.parameters().get(name))
    };
    let mut given = request.parameters.iter().flatten();
    let is_said = |name: &str, is_said: bool| {
        !is_said || request.parameter(name).is_some() || known(name).is_some()
    };
    given.all(|(name, value)| known(name).is_some_and(|kind| fits(kind, value)))
        && is_said("Policy", request.key_policy_candidate.is_some())
        && is_said("CiphertextBlob", request.ciphertext_key.is_some())
}

/// Whether a value is of a type, and all that is in it.
fn fits(kind: &'static ParameterType, value: &Value) -> bool {
    match (kind, value) {
        (ParameterType::List(element), Value::Array(items)) => {
            items.iter().all(|item| fits(element, item))
        }
        (ParameterType::Object(members), Value::Object(given)) => given
            .iter()
            .all(|(name, value)| members.get(name).is_some_and(|kind| fits(kind, value))),
        _ => is_of_type(kind, value),
    }
}

/// The members that the short form `encryption_context` stands for: for ReEncrypt that of either key.
#[must_use]
pub fn of_encryption_context(ask: &Ask) -> Vec<&'static str> {
    let members = operations(ask).flat_map(|one| one.parameters().iter());
    let pairs = members.filter(|(_, kind)| **kind == ParameterType::Pairs);
    let mut names: Vec<&str> = pairs.map(|(name, _)| name).collect();
    names.dedup();
    if names.is_empty() {
        // One that there is not is refused as the member that it stands for.
        names.push("EncryptionContext");
    }
    names
}

/// The operations that the question may be about: an action is also asked about as a half of another operation.
fn operations(ask: &Ask) -> impl Iterator<Item = &'static KmsOperation> + Clone + use<> {
    let (Ask::Action(text) | Ask::Operation(text)) = ask;
    let service = text.split_once(':').map(|(service, _)| service);
    let is_kms = service.is_some_and(|service| service.eq_ignore_ascii_case("kms"));
    let (needing, itself) = match ask {
        _ if !is_kms => (None, None),
        Ask::Action(text) => (Some(tables::operations_needing(text).iter().copied()), None),
        Ask::Operation(text) => (None, tables::operation(text)),
    };
    needing.into_iter().flatten().chain(itself)
}

/// The members of one object, or of the requests of several operations.
struct Known {
    of: Vec<&'static Members>,
}

impl Known {
    fn get(&self, name: &str) -> Option<&'static ParameterType> {
        self.of.iter().find_map(|members| members.get(name))
    }

    fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<&str> = Vec::new();
        for (name, _) in self.of.iter().flat_map(|members| members.iter()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// What somebody meant who wrote `name`.
    fn meant(&self, name: &str) -> String {
        let names = self.names();
        let endings = names.iter().copied().filter(|own| own.ends_with(name));
        let longer: Vec<&str> = endings.collect();
        if longer.len() > 1 {
            return format!("did you mean `{}`?", longer.join("` or `"));
        }
        if let Some(near) = nearest(name, names.iter().copied()).or(longer.first().copied()) {
            return format!("did you mean `{near}`?");
        }
        let short = SHORT_FORMS.iter().find(|(_, member)| *member == name);
        match short {
            Some(_) if name == "EncryptionContext" && names.contains(&"Constraints") => {
                "the pairs of a grant stand in `parameters.Constraints`".to_owned()
            }
            Some((short, _)) => {
                format!("leave it out; its short form is `{short}`")
            }
            None if names.is_empty() => "leave it out".to_owned(),
            None => format!("known are `{}`", names.join("`, `")),
        }
    }
}

#[derive(Default)]
struct Mistakes {
    path: Vec<Step>,
    found: Vec<Mistake>,
}

impl Mistakes {
    fn add(&mut self, code: &'static Code, message: String, help: String) {
        self.found.push(Mistake {
            path: self.path.clone(),
            code,
            message,
            help,
        });
    }

    /// One member; `lacks` says of an unknown one who has none such.
    fn member(&mut self, lacks: &str, known: &Known, name: &str, value: &Value) {
        let Some(kind) = known.get(name) else {
            return self.unknown(lacks, known, name);
        };
        self.path.push(Step::Member(name.to_owned()));
        self.value(kind, value);
        self.path.pop();
    }

    fn unknown(&mut self, lacks: &str, known: &Known, name: &str) {
        self.path.push(Step::Member(name.to_owned()));
        let message = format!("{lacks} `{name}`");
        self.add(&codes::UNKNOWN_MEMBER, message, known.meant(name));
        self.path.pop();
    }

    fn value(&mut self, kind: &'static ParameterType, value: &Value) {
        match (kind, value) {
            (ParameterType::List(element), Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.path.push(Step::Item(index));
                    self.value(element, item);
                    self.path.pop();
                }
            }
            (ParameterType::Object(members), Value::Object(given)) => self.object(members, given),
            _ if is_of_type(kind, value) => {}
            _ => self.wrong_type(kind, value),
        }
    }

    fn object(&mut self, members: &'static Members, given: &Map<String, Value>) {
        let known = Known { of: vec![members] };
        let lacks = format!("`{}` has no member", Path(&self.path));
        for (name, value) in given {
            self.member(&lacks, &known, name, value);
        }
    }

    fn wrong_type(&mut self, kind: &ParameterType, value: &Value) {
        let wanted = wanted(kind);
        let message = format!(
            "`{}` must be {wanted}, not {}",
            Path(&self.path),
            name(value)
        );
        let help = match (kind, value) {
            (_, Value::Null) => "leave it out".to_owned(),
            (ParameterType::Text, Value::Number(_) | Value::Bool(_)) => {
                "put the value in quotes".to_owned()
            }
            _ => format!("write {wanted}"),
        };
        self.add(&codes::WRONG_TYPE, message, help);
    }
}

/// Numbers and flags may be texts, as on a command line.
fn is_of_type(kind: &ParameterType, value: &Value) -> bool {
    match (kind, value) {
        (ParameterType::Text, Value::String(_))
        | (ParameterType::Flag, Value::Bool(_))
        | (ParameterType::Document, Value::String(_) | Value::Object(_) | Value::Null) => true,
        (ParameterType::Flag, Value::String(text)) => text == "true" || text == "false",
        (ParameterType::Number(_), value) => number(value).is_some(),
        (ParameterType::Time, Value::Number(_)) => true,
        (ParameterType::Time, Value::String(text)) => is_time(text),
        (ParameterType::Pairs, Value::Object(pairs)) => pairs.values().all(Value::is_string),
        _ => false,
    }
}

/// A whole number, also one in quotes.
pub(crate) fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn is_time(text: &str) -> bool {
    text.parse::<jiff::Timestamp>().is_ok()
        || text.parse::<jiff::civil::Date>().is_ok()
        || text.parse::<f64>().is_ok_and(f64::is_finite)
}

fn wanted(kind: &ParameterType) -> &'static str {
    match kind {
        ParameterType::Text => "a string",
        ParameterType::Flag => "true or false",
        ParameterType::Number(_) => "a whole number",
        ParameterType::Time => "a time such as `2026-05-01T00:00:00Z`, or seconds since 1970",
        ParameterType::Pairs => "an object of strings",
        ParameterType::Document => "a policy document",
        ParameterType::List(_) => "a list",
        ParameterType::Object(_) => "an object",
    }
}

fn name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A path as people write it: `Tags[0].TagKey`.
struct Path<'s>(&'s [Step]);

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            match step {
                Step::Member(name) if index == 0 => write!(f, "{name}")?,
                Step::Member(name) => write!(f, ".{name}")?,
                Step::Item(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use preclear_model::caller::Caller;
    use serde_json::json;

    use super::*;

    fn request(ask: Ask, parameters: &Value) -> Request {
        let caller = Caller::parse("arn:aws:iam::111122223333:user/ana").expect("a user");
        let mut request = Request::new(caller, ask);
        request.parameters = parameters.as_object().cloned();
        request
    }

    fn action(name: &str) -> Ask {
        Ask::Action(format!("kms:{name}"))
    }

    /// Code, path and help of everything that is wrong.
    fn found(ask: Ask, parameters: &Value) -> Vec<(&'static str, String, String)> {
        let request = request(ask, parameters);
        let mistakes = mistakes(&request);
        assert_eq!(are_right(&request), mistakes.is_empty(), "{parameters}");
        mistakes
            .into_iter()
            .map(|one| (one.code.name, Path(&one.path).to_string(), one.help))
            .collect()
    }

    fn codes_of(ask: Ask, parameters: &Value) -> Vec<String> {
        let found = found(ask, parameters).into_iter();
        found
            .map(|(code, path, _)| format!("{code} {path}"))
            .collect()
    }

    #[test]
    fn misspelled_members_are_found_at_every_depth() {
        let unknown = |path: &str, meant: &str| {
            let meant = format!("did you mean `{meant}`?");
            vec![("UNKNOWN_MEMBER", path.to_owned(), meant)]
        };
        for (name, parameters, expected) in [
            (
                "CreateGrant",
                json!({"Operation": ["Decrypt"]}),
                unknown("Operation", "Operations"),
            ),
            (
                "CreateGrant",
                json!({"GranteePrincpal": "x"}),
                unknown("GranteePrincpal", "GranteePrincipal"),
            ),
            (
                "CreateGrant",
                json!({"Constraints": {"EncryptionContextSubst": {}}}),
                unknown(
                    "Constraints.EncryptionContextSubst",
                    "EncryptionContextSubset",
                ),
            ),
            (
                "Decrypt",
                json!({"Recipient": {"PRC0": "a"}}),
                unknown("Recipient.PRC0", "PCR0"),
            ),
            (
                "Decrypt",
                json!({"encryptionContext": {}}),
                unknown("encryptionContext", "EncryptionContext"),
            ),
            (
                "TagResource",
                json!({"Tags": [{"TagKey": "a", "TagValue": "b"}, {"TagKye": "a"}]}),
                unknown("Tags[1].TagKye", "TagKey"),
            ),
        ] {
            assert_eq!(
                found(action(name), &parameters),
                expected,
                "{name} {parameters}"
            );
        }
    }

    #[test]
    fn members_of_other_operations_are_refused() {
        for (name, parameters, help) in [
            (
                "ScheduleKeyDeletion",
                json!({"DryRun": true}),
                "known are `KeyId`, `PendingWindowInDays`",
            ),
            (
                "ReEncryptFrom",
                json!({"EncryptionContext": {}}),
                "did you mean `SourceEncryptionContext` or `DestinationEncryptionContext`?",
            ),
            (
                "CreateGrant",
                json!({"EncryptionContext": {}}),
                "the pairs of a grant stand in `parameters.Constraints`",
            ),
            (
                "DescribeKey",
                json!({"EncryptionContext": {}}),
                "leave it out; its short form is `encryption_context`",
            ),
            (
                "ListKeys",
                json!({"KeyPairSpec": "x"}),
                "known are `Limit`, `Marker`, `ResourceOwners`",
            ),
        ] {
            let found = found(action(name), &parameters);
            let helps: Vec<&str> = found.iter().map(|(_, _, help)| help.as_str()).collect();
            assert_eq!(helps, [help], "{name}");
        }
    }

    #[test]
    fn a_half_takes_the_members_of_its_operations() {
        let of_re_encrypt = json!({"SourceKeyId": "a", "DestinationKeyId": "b", "DryRun": true});
        assert_eq!(found(action("ReEncryptFrom"), &of_re_encrypt), []);
        assert_eq!(found(action("reencryptto"), &of_re_encrypt), []);
        assert_eq!(
            found(action("TagResource"), &json!({"MultiRegion": true})),
            []
        );
        assert_eq!(
            found(action("CreateKey"), &json!({"ReplicaRegion": "eu-west-1"})),
            []
        );
        let operation = Ask::Operation("kms:CreateKey".to_owned());
        let found = codes_of(operation, &json!({"ReplicaRegion": "eu-west-1"}));
        assert_eq!(found, ["UNKNOWN_MEMBER ReplicaRegion"]);
    }

    #[test]
    fn what_is_no_call_of_kms_is_not_looked_at() {
        let parameters = json!({"Anything": 1});
        for ask in ["s3:GetObject", "kms:NoSuchAction", "sts:AssumeRole"] {
            assert_eq!(found(Ask::Action(ask.to_owned()), &parameters), [], "{ask}");
        }
        assert!(mistakes(&request(action("Encrypt"), &Value::Null)).is_empty());
    }

    #[test]
    fn short_forms_are_members_too() {
        let mut asked = request(action("DescribeKey"), &json!({}));
        asked.ciphertext_key = Some("alias/x".to_owned());
        let mistakes = mistakes(&asked);
        assert_eq!(mistakes.len(), 1);
        assert!(
            mistakes[0].help.contains("`ciphertext_key`"),
            "{mistakes:?}"
        );
        asked.ask = action("ReEncryptTo");
        assert_eq!(super::mistakes(&asked), []);
    }

    #[test]
    fn values_have_the_type_of_the_api() {
        let ask = || action("CreateGrant");
        for good in [
            json!({"DryRun": "true", "Operations": [], "GrantTokens": ["t"]}),
            json!({"DryRun": false, "Constraints": {"EncryptionContextEquals": {"a": "b"}}}),
        ] {
            assert_eq!(codes_of(ask(), &good), Vec::<String>::new(), "{good}");
        }
        for (bad, path) in [
            (json!({"DryRun": "yes"}), "DryRun"),
            (json!({"DryRun": 1}), "DryRun"),
            (
                json!({"GranteePrincipal": 111_122_223_333_i64}),
                "GranteePrincipal",
            ),
            (json!({"Name": null}), "Name"),
            (json!({"Operations": "Decrypt"}), "Operations"),
            (json!({"Operations": ["Decrypt", 7]}), "Operations[1]"),
            (json!({"Constraints": ["a"]}), "Constraints"),
            (
                json!({"Constraints": {"EncryptionContextEquals": {"a": 1}}}),
                "Constraints.EncryptionContextEquals",
            ),
        ] {
            assert_eq!(
                codes_of(ask(), &bad),
                [format!("WRONG_TYPE {path}")],
                "{bad}"
            );
        }
    }

    #[test]
    fn numbers_times_and_documents() {
        let windows = |value: Value| {
            codes_of(
                action("ScheduleKeyDeletion"),
                &json!({"PendingWindowInDays": value}),
            )
            .len()
        };
        assert_eq!((windows(json!(60)), windows(json!("7"))), (0, 0));
        assert_eq!((windows(json!(7.5)), windows(json!("a week"))), (1, 1));
        let times =
            |value: Value| codes_of(action("ImportKeyMaterial"), &json!({"ValidTo": value})).len();
        for good in [
            json!("2026-05-01"),
            json!("2026-05-01T00:00:00Z"),
            json!("1798761600"),
            json!(1.5),
        ] {
            assert_eq!(times(good.clone()), 0, "{good}");
        }
        for bad in [json!("tomorrow"), json!(true), json!("inf")] {
            assert_eq!(times(bad.clone()), 1, "{bad}");
        }
        let policies =
            |value: Value| codes_of(action("PutKeyPolicy"), &json!({"Policy": value})).len();
        assert_eq!(
            (
                policies(json!({})),
                policies(json!("{}")),
                policies(json!([]))
            ),
            (0, 0, 1)
        );
    }

    #[test]
    fn encryption_contexts_stand_where_the_operation_has_them() {
        assert_eq!(
            of_encryption_context(&action("Decrypt")),
            ["EncryptionContext"]
        );
        assert_eq!(
            of_encryption_context(&action("ReEncryptTo")),
            ["SourceEncryptionContext", "DestinationEncryptionContext"]
        );
        assert_eq!(
            of_encryption_context(&action("DescribeKey")),
            ["EncryptionContext"]
        );
    }
}
