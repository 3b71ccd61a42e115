//! What was meant by an identifier that leads to no key. Rule: KMS-ID-1, KMS-ID-5, UI-33.

use preclear_model::{Arn, ArnRef};

use super::takes_key_arn_only;
use crate::codes;
use crate::decide::Case;
use crate::engine::Engine;
use crate::explanation::Warning;
use crate::near::name_distance;
use crate::target::{KeyTarget, TargetKind};

/// The warning about a key that is not found.
pub(crate) fn warning(case: &Case<'_>) -> Option<Warning> {
    let typed = case.target.typed?;
    let place = case.request.place.clone();
    if let TargetKind::Key(KeyTarget::Found { key }) = &case.target.kind {
        let action = &case.action_text;
        let message = format!(
            "{action} finds a key of another account by its key ARN alone, and `{typed}` is an alias"
        );
        let warning = Warning::new(&codes::KEY_ARN_NEEDED, message);
        let help = format!("name the key by its ARN, `{}`", key.record.arn);
        return Some(warning.help(help).at(place));
    }
    let message = format!("the snapshot is complete and has no key `{typed}`");
    let warning = Warning::new(&codes::UNKNOWN_KEY, message).at(place);
    let missing = case.target.arn;
    let meant =
        missing.and_then(|arn| remedy(case.engine, arn, Some(typed), takes_key_arn_only(case)));
    Some(match meant {
        Some(help) => warning.help(help),
        None => warning,
    })
}

/// What to write in place of an identifier, if something near it is listed; `typed` is how a request wrote it.
pub(crate) fn remedy(
    engine: &Engine,
    missing: ArnRef<'_>,
    typed: Option<&str>,
    by_key_arn: bool,
) -> Option<String> {
    let named = engine.keys().identifiers();
    let (_, arn, key) = named
        .filter_map(|(arn, key)| {
            let distance = name_distance(missing.as_str(), arn)?;
            let arn = Arn::parse(arn)?;
            let elsewhere = (
                arn.account() != missing.account(),
                arn.region() != missing.region(),
            );
            Some(((distance, elsewhere, arn.as_str().to_owned()), arn, key))
        })
        .min_by(|(one, ..), (other, ..)| one.cmp(other))?;
    let name = arn.resource();
    let written = if by_key_arn {
        key.record.arn.as_str()
    } else {
        arn.as_str()
    };
    let is_short = typed.is_some_and(|typed| !typed.starts_with("arn:"));
    let is_here = arn.account() == missing.account() && arn.region() == missing.region();
    let own = name.strip_prefix("key/").unwrap_or(name);
    Some(match () {
        () if is_here && is_short => format!("did you mean `{own}`?"),
        () if name != missing.resource() || typed.is_some() && !is_short => {
            format!("did you mean `{written}`?")
        }
        () if arn.account() != missing.account() => format!(
            "`{own}` belongs to account {}, and a short name means the caller's own: name it `{written}` (KMS-ID-5)",
            arn.account()
        ),
        () => format!(
            "`{own}` is in {}, and the call goes to {}: state the Region of the key (`region: {0}`)",
            arn.region(),
            missing.region()
        ),
    })
}

#[cfg(test)]
mod tests {
    use preclear_model::Arn;
    use preclear_model::caller::Caller;

    use crate::engine::{Detail, Engine};
    use crate::request::{Ask, ContextMode, Request};
    use crate::snapshot::{KeyRecord, Snapshot};

    const KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    const OWN: &str = "arn:aws:iam::111122223333:user/U";
    const FOREIGN: &str = "arn:aws:iam::444455556666:user/U";

    /// What is said to a call of somebody in a Region, where one key has the aliases `app` and `orders`.
    fn help(caller: &str, action: &str, identifier: &str, region: Option<&str>) -> String {
        let mut key = KeyRecord::new(Arn::parse(KEY).unwrap());
        key.aliases = Some(vec!["alias/app".to_owned(), "alias/orders".to_owned()]);
        let engine = Engine::compile(Snapshot {
            complete: true,
            region: Some("us-west-2".to_owned()),
            keys: vec![key],
            ..Snapshot::default()
        });
        let caller = Caller::parse(caller).unwrap();
        let request = Request {
            resource: Some(identifier.to_owned()),
            region: region.map(str::to_owned),
            mode: ContextMode::Closed,
            ..Request::new(caller, Ask::Action(action.to_owned()))
        };
        let warnings = engine.explain(&request, Detail::Reasons).warnings;
        let [warning] = warnings.as_slice() else {
            panic!("{warnings:?}")
        };
        format!("{}: {}", warning.code, warning.help)
    }

    /// Rule: KMS-ID-1, KMS-ID-5.
    #[test]
    fn what_exists_elsewhere_is_named_there() {
        assert_eq!(
            help(FOREIGN, "kms:Decrypt", "alias/app", None),
            "UNKNOWN_KEY: `alias/app` belongs to account 111122223333, and a short name means the caller's own: \
             name it `arn:aws:kms:us-west-2:111122223333:alias/app` (KMS-ID-5)"
        );
        let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
        let said = help(FOREIGN, "kms:Decrypt", id, None);
        assert!(
            said.contains(&format!("`{id}` belongs to")) && said.contains(KEY),
            "{said}"
        );
        // These take no alias ARN, so none is named.
        let said = help(FOREIGN, "kms:CreateGrant", "alias/app", None);
        assert!(
            said.ends_with(&format!("name it `{KEY}` (KMS-ID-5)")),
            "{said}"
        );
        assert_eq!(
            help(OWN, "kms:Decrypt", "alias/app", Some("us-east-1")),
            "UNKNOWN_KEY: `alias/app` is in us-west-2, and the call goes to us-east-1: state the Region of the key \
             (`region: us-west-2`)"
        );
        let elsewhere = KEY.replace("us-west-2", "us-east-1");
        let said = help(OWN, "kms:Decrypt", &elsewhere, None);
        assert_eq!(said, format!("UNKNOWN_KEY: did you mean `{KEY}`?"));
    }

    #[test]
    fn an_alias_where_a_key_arn_is_due_is_no_unknown_key() {
        let alias = "arn:aws:kms:us-west-2:111122223333:alias/app";
        let said = help(FOREIGN, "kms:CreateGrant", alias, None);
        assert_eq!(
            said,
            format!("KEY_ARN_NEEDED: name the key by its ARN, `{KEY}`")
        );
    }

    #[test]
    fn near_names_are_suggested_as_they_were_written_and_far_ones_not() {
        let near = "UNKNOWN_KEY: did you mean `alias/orders`?";
        assert_eq!(help(OWN, "kms:Decrypt", "alias/oders", None), near);
        let arn = "arn:aws:kms:us-west-2:111122223333:alias/oders";
        let said = help(OWN, "kms:Decrypt", arn, None);
        assert!(
            said.ends_with(&format!("`{}`?", arn.replace("oders", "orders"))),
            "{said}"
        );
        for far in [
            "alias/none",
            "alias/payments",
            "0987dcba-09fe-87dc-65ba-ab0987654321",
        ] {
            let said = help(OWN, "kms:Decrypt", far, None);
            assert_eq!(
                said,
                "UNKNOWN_KEY: check the key identifier, or list the key"
            );
        }
    }
}
